import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ScriptedModel, scriptedModel } from './scripted-llm.js';
import { hashingEmbedding, similarity } from './scripted-llm/hashing.js';

describe('the scripted model server', () => {
  let model: ScriptedModel;
  beforeEach(async () => {
    model = await scriptedModel();
  });
  afterEach(() => model.close());

  const post = (path: string, body: object) =>
    fetch(`${model.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const chat = async (content: string, more: object = {}) =>
    (await post('/chat/completions', { messages: [{ role: 'user', content }], ...more })).json();
  interface Chat {
    choices: { message: { content: string | null; tool_calls?: { function: { name: string } }[] } }[];
  }
  const said = async (content: string) => ((await chat(content)) as Chat).choices[0]?.message.content;

  it('gives the queued replies first, then the result of the function', async () => {
    model.reply('one').reply((_, prompt) => `echo ${prompt}`);
    expect(await said('a')).toBe('one');
    expect(await said('b')).toBe('echo b');
    expect(model.requests('chat').map((request) => request.answered)).toEqual([true, true]);
  });

  it('streams the reply in pieces that add up to it', async () => {
    model.reply('Leave is 25 days.');
    const text = await (await post('/chat/completions', { messages: [], stream: true })).text();
    const lines = text.split('\n').filter((line) => line.startsWith('data: {'));
    const pieces = lines.map(
      (line) =>
        (JSON.parse(line.slice(6)) as { choices: { delta: { content?: string } }[] }).choices[0]?.delta
          .content ?? '',
    );
    expect(pieces.join('')).toBe('Leave is 25 days.');
    expect(pieces.filter(Boolean).length).toBeGreaterThan(1);
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
  });

  it('fails as often as requested, then works again', async () => {
    model.fault('embeddings', { kind: 'rate_limited', retryAfter: 7, times: 2 });
    const statuses = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const response = await post('/embeddings', { input: ['x'] });
      statuses.push([response.status, response.headers.get('retry-after')]);
      await response.arrayBuffer();
    }
    expect(statuses).toEqual([
      [429, '7'],
      [429, '7'],
      [200, null],
    ]);
  });

  it('holds an answer back until released and records that a client went away', async () => {
    const held = model.hold('chat');
    const leaving = new AbortController();
    const gone = fetch(`${model.url}/chat/completions`, {
      method: 'POST',
      body: '{"messages":[]}',
      signal: leaving.signal,
    });
    await model.received('chat');
    leaving.abort();
    await expect(gone).rejects.toThrow();
    await model.until(() => model.requests('chat')[0]?.aborted === true);
    held.release();
    expect(await said('again')).toBe('Scripted answer.');
  });

  it('embeds like texts near each other, in unit length, the same each time', () => {
    const [asked, right, wrong] = [
      'How many days of annual leave?',
      'Annual leave is 25 days.',
      'Die Druckerpatrone liegt im Keller.',
    ] as const;
    expect(similarity(asked, right)).toBeGreaterThan(similarity(asked, wrong) + 0.2);
    expect(Math.hypot(...hashingEmbedding(asked, 64))).toBeCloseTo(1, 10);
    expect(hashingEmbedding(asked, 64)).toEqual(hashingEmbedding(asked, 64));
  });

  it('reranks by likeness and honours top_n', async () => {
    const answer = (await (
      await post('/rerank', {
        query: 'annual leave',
        documents: ['printers', 'annual leave days', 'leaves of trees'],
        top_n: 2,
      })
    ).json()) as {
      results: { index: number }[];
    };
    expect(answer.results).toHaveLength(2);
    expect(answer.results[0]?.index).toBe(1);
  });
});
