import { hashingEmbedding, similarity } from './hashing.js';
import type { RequestBody } from './protocol.js';

/** The answer of the scripted chat model to one request. */
export interface ChatScript {
  content?: string | null;
  toolCalls?: { name: string; arguments: string | Record<string, unknown>; id?: string }[];
  /** Pieces of the stream; by default the content word by word. */
  pieces?: string[];
  /** Milliseconds between two pieces of a stream. */
  pieceDelayMs?: number;
  finishReason?: string;
  usage?: { prompt_tokens: number; completion_tokens: number };
}

const tokens = (text: string): number => Math.ceil(text.length / 4);

function buildUsage(body: RequestBody, script: ChatScript) {
  const usage = script.usage ?? {
    prompt_tokens: tokens(JSON.stringify(body.messages ?? [])),
    completion_tokens: tokens(script.content ?? ''),
  };
  return { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens };
}

const buildToolCalls = (script: ChatScript) =>
  script.toolCalls?.map((call, index) => ({
    index,
    id: call.id ?? `call_${index}`,
    type: 'function',
    function: {
      name: call.name,
      arguments: typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments),
    },
  }));

const findFinish = (script: ChatScript): string =>
  script.finishReason ?? (script.toolCalls?.length ? 'tool_calls' : 'stop');

export function chatCompletion(body: RequestBody, script: ChatScript) {
  return {
    id: 'chatcmpl-scripted',
    object: 'chat.completion',
    created: 0,
    model: body.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: script.content ?? null,
          ...(script.toolCalls && { tool_calls: buildToolCalls(script) }),
        },
        finish_reason: findFinish(script),
      },
    ],
    usage: buildUsage(body, script),
  };
}

const chunk = (body: RequestBody, fields: Record<string, unknown>) => ({
  id: 'chatcmpl-scripted',
  object: 'chat.completion.chunk',
  created: 0,
  model: body.model,
  ...fields,
});

/** The data lines of a streamed answer, `[DONE]` not among them. */
export function* chatChunks(body: RequestBody, script: ChatScript): Generator<object> {
  const delta = (part: Record<string, unknown>, finish: string | null = null) =>
    chunk(body, { choices: [{ index: 0, delta: part, finish_reason: finish }] });
  yield delta({ role: 'assistant', content: '' });
  for (const piece of script.pieces ?? script.content?.match(/\S+\s*|\s+/g) ?? [])
    yield delta({ content: piece });
  for (const call of buildToolCalls(script) ?? []) {
    const half = Math.ceil(call.function.arguments.length / 2);
    yield delta({
      tool_calls: [
        {
          ...call,
          function: { name: call.function.name, arguments: call.function.arguments.slice(0, half) },
        },
      ],
    });
    yield delta({
      tool_calls: [{ index: call.index, function: { arguments: call.function.arguments.slice(half) } }],
    });
  }
  yield delta({}, findFinish(script));
  yield chunk(body, { choices: [], usage: buildUsage(body, script) });
}

export interface EmbeddingItem {
  object: 'embedding';
  index: number;
  embedding: (number | null)[];
}

export function embeddingItems(body: RequestBody, dimensions: number): EmbeddingItem[] {
  return readInputs(body).map((text, index) => ({
    object: 'embedding',
    index,
    embedding: hashingEmbedding(text, dimensions),
  }));
}

export const readInputs = (body: RequestBody): string[] =>
  Array.isArray(body.input) ? body.input : [body.input ?? ''];

export function embeddingList(body: RequestBody, data: EmbeddingItem[]) {
  const spent = readInputs(body).reduce((sum, text) => sum + tokens(text), 0);
  return { object: 'list', model: body.model, data, usage: { prompt_tokens: spent, total_tokens: spent } };
}

export function rerankResults(body: RequestBody) {
  const results = (body.documents ?? []).map((text, index) => ({
    index,
    relevance_score: similarity(body.query ?? '', text),
  }));
  results.sort((a, b) => b.relevance_score - a.relevance_score);
  return { id: 'rerank-scripted', results: results.slice(0, body.top_n ?? results.length) };
}
