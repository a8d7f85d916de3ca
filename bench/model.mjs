import { createServer } from 'node:http';

/**
 * The same text has the same vector, and no two texts have
 * a similar one. Vectors without meaning cost a search as much time.
 */
function makeVector(text, dimensions) {
  let state = 2166136261;
  for (let index = 0; index < text.length; index++)
    state = Math.imul(state ^ text.charCodeAt(index), 16777619);
  return Array.from({ length: dimensions }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}

/** An embedding server that answers at once, and the settings that use it without pacing. */
export async function instantModel(dimensions) {
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (piece) => (text += piece));
    request.on('end', () => {
      const inputs = [JSON.parse(text).input].flat();
      const data = inputs.map((input, index) => ({ index, embedding: makeVector(input, dimensions) }));
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ data, usage: { prompt_tokens: 1, total_tokens: 1 } }));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const env = {
    OPENAI_API_BASE: `http://127.0.0.1:${server.address().port}/v1`,
    OPENAI_EMBEDDING_DIMENSIONS: String(dimensions),
    LLM_DRIVER: 'offline',
    EMBEDDING_TOKENS_PER_MINUTE: '1000000000',
    EMBEDDING_REQUESTS_PER_MINUTE: '10000000',
  };
  return { env, close: () => server.close() };
}
