import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { bootApp, type Answer, type TestApp } from '../app.js';
import { eventually } from '../eventually.js';
import { scriptedModel, type ScriptedModel } from '../scripted-llm.js';
import { tokenIssuer, type TokenIssuer } from '../token-issuer.js';

const limits = { tokens: 3000, tasks: 3 };

describe('quotas of a tenant', () => {
  let app: TestApp;
  let issuer: TokenIssuer;
  let model: ScriptedModel;
  beforeAll(async () => {
    [issuer, model] = await Promise.all([tokenIssuer(), scriptedModel()]);
    app = await bootApp({
      AUTH: 'required',
      JWT_ISSUERS: JSON.stringify([issuer.setting]),
      JWT_TENANT_CLAIM: 'org',
      OPENAI_API_BASE: model.url,
      OPENAI_EMBEDDING_DIMENSIONS: '64',
      QUOTA_TOKENS_PER_DAY: String(limits.tokens),
      QUOTA_TASKS: String(limits.tasks),
    });
  }, 180_000);
  afterAll(async () => {
    await app.close();
    await model.close();
    await issuer.close();
  });

  const of = async (org: string) => {
    const authorization = `Bearer ${await issuer.token({ org })}`;
    const call = (method: string, path: string, body?: unknown, headers = {}): Promise<Answer> =>
      app.call(method, path, body, { authorization, ...headers });
    const ingest = (filename: string, content: string) =>
      call('POST', '/agent/ingest', { files: [{ filename, content }] });
    const read = async (filename: string, content: string): Promise<void> => {
      const { body } = await ingest(filename, content);
      await eventually(async () =>
        expect((await call('GET', `/agent/status/${String(body['task_id'])}?wait=5`)).body['status']).toBe(
          'SUCCESS',
        ),
      );
    };
    const tokens = async () => ((await call('GET', '/agent/quota')).body['tokens'] as { used: number }).used;
    return { call, ingest, read, tokens };
  };

  it('answer 429 only to requests that would exceed the tokens of a day', async () => {
    const spender = await of('spender');
    await spender.read('leave.md', 'Leave is 25 days a year. The handbook says so.');
    let last: Answer | undefined;
    for (let round = 0; round < 60 && last?.status !== 429; round++)
      last = await spender.call('POST', '/agent/search', {
        prompt: `How many days of leave are there in year ${2000 + round}?`,
      });
    expect([last?.status, last?.body['code']]).toEqual([429, 'quota_exceeded']);
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(last?.headers.get('retry-after'))).toBeLessThanOrEqual(86_400);

    const chats = model.requests('chat').length;
    const refused: [string, unknown][] = [
      [
        '/agent/search_qa',
        { question: 'leave?', context_results: [{ content: 'Leave is 25 days.', metadata: {} }] },
      ],
      ['/agent/sync', { prompt: 'leave?' }],
      ['/agent/async', { prompt: 'leave?' }],
      ['/agent/summarize', { filename: 'leave.md' }],
      ['/agent/summary_qa', { filename: 'leave.md', question: 'leave?' }],
      ['/agent/ingest', { files: [{ filename: 'more.md', content: 'more' }] }],
    ];
    for (const [path, body] of refused) {
      const answer = await spender.call('POST', path, body);
      expect([path, answer.status, answer.body['code']]).toEqual([path, 429, 'quota_exceeded']);
    }
    expect(model.requests('chat')).toHaveLength(chats);
    const alone = await spender.call('POST', '/agent/search', { prompt: 'leave', answer: false });
    expect([alone.status, (alone.body['results'] as unknown[]).length]).toEqual([200, 1]);
    // earlier turns have the question rewritten by the chat
    // model, and a new question has its vector made by the other
    const history = [{ role: 'user', content: 'What about leave?' }];
    const condensed = await spender.call('POST', '/agent/search', { prompt: 'And?', answer: false, history });
    expect([condensed.status, condensed.body['code']]).toEqual([429, 'quota_exceeded']);
    const embedded = model.requests('embeddings').length;
    const words = await spender.call('POST', '/agent/search', {
      prompt: 'days of leave by law',
      answer: false,
    });
    expect([words.status, model.requests('embeddings').length]).toEqual([200, embedded]);
    expect((await spender.call('POST', '/agent/tasks/retry', {})).body['code']).toBe('quota_exceeded');
    expect((await spender.call('GET', '/agent/quota')).body).toMatchObject({
      documents: { used: 1, limit: null },
      tokens: { limit: limits.tokens, resets_at: expect.stringMatching(/T00:00:00/) },
    });

    const thrifty = await of('thrifty');
    expect(await thrifty.tokens()).toBe(0);
    await thrifty.read('leave.md', 'Leave is 25 days a year.');
    expect((await thrifty.call('POST', '/agent/search', { prompt: 'How many days of leave?' })).status).toBe(
      200,
    );
  }, 180_000);

  it('count the tokens of an ingestion and of a streamed answer', async () => {
    const tenant = await of('streams');
    await tenant.read('travel.md', 'Trains are booked in second class. Flights need approval.');
    const ingested = await tenant.tokens();
    expect(ingested).toBeGreaterThan(0);
    await tenant.call(
      'POST',
      '/agent/search',
      { prompt: 'Who approves flights?' },
      { accept: 'text/event-stream' },
    );
    await eventually(async () => expect(await tenant.tokens()).toBeGreaterThan(ingested + 50));
  });

  it('limit the unfinished tasks', async () => {
    const tenant = await of('busy');
    const held = model.hold('embeddings');
    for (let task = 0; task < limits.tasks; task++)
      expect((await tenant.ingest(`${task}.md`, `paper ${task}`)).status).toBe(202);
    const refused = await tenant.ingest('more.md', 'one too many');
    expect([refused.status, refused.body['code'], refused.headers.get('retry-after')]).toEqual([
      429,
      'quota_exceeded',
      '30',
    ]);
    expect((await tenant.call('POST', '/agent/async', { prompt: 'papers?' })).body['code']).toBe(
      'quota_exceeded',
    );
    expect((await tenant.call('GET', '/agent/quota')).body['tasks']).toEqual({
      used: limits.tasks,
      limit: limits.tasks,
    });
    // neither does a retry go round it: there is room for one of two
    const tasks = (await tenant.call('GET', '/agent/tasks?type=ingest')).body['tasks'] as {
      task_id: string;
    }[];
    const cancelled = tasks.slice(0, 2).map(({ task_id }) => task_id);
    for (const id of cancelled) await tenant.call('POST', `/agent/tasks/${id}/cancel`);
    await eventually(async () =>
      expect(((await tenant.call('GET', '/agent/quota')).body['tasks'] as { used: number }).used).toBe(1),
    );
    for (let task = 1; task < limits.tasks; task++)
      expect((await tenant.ingest(`again ${task}.md`, `other paper ${task}`)).status).toBe(202);
    for (const id of cancelled)
      expect((await tenant.call('POST', `/agent/tasks/${id}/retry`)).body['code']).toBe('quota_exceeded');
    held.release();
    await eventually(async () => expect((await tenant.ingest('more.md', 'room again')).status).toBe(202));
  }, 180_000);
});

describe('quotas of the stored data of a tenant', () => {
  let app: TestApp | undefined;
  afterEach(() => app?.close());
  const ingest = async (filename: string, content: string) =>
    app?.call('POST', '/agent/ingest', { files: [{ filename, content }] });

  it('limit the documents, also of concurrent uploads, and accept a new version', async () => {
    app = await bootApp({ QUOTA_DOCUMENTS: '3' });
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => ingest(`${index}.md`, `paper ${index}`)),
    );
    expect([202, 429].map((status) => answers.filter((answer) => answer?.status === status).length)).toEqual([
      3, 5,
    ]);
    const refused = answers.find((answer) => answer?.status === 429);
    expect([
      refused?.body['code'],
      refused?.body['detail'],
      refused?.body['retryable'],
      refused?.headers.get('retry-after'),
    ]).toEqual(['quota_exceeded', 'The tenant may have at most 3 documents.', false, '3600']);
    const { documents } = (
      await app.call<{ documents: { filename: string; id: string }[] }>('GET', '/agent/documents')
    ).body;
    expect(documents).toHaveLength(3);
    expect((await ingest(documents[0]?.filename ?? '', 'another text'))?.status).toBe(202);
    await app.call('DELETE', `/agent/documents/${documents[0]?.id}`);
    expect((await ingest('room.md', 'there is room again'))?.status).toBe(202);
    expect((await app.call('GET', '/agent/quota')).body['documents']).toEqual({ used: 3, limit: 3 });
  }, 180_000);

  it('limit the bytes of originals, and store nothing of a refused upload', async () => {
    app = await bootApp({ QUOTA_BYTES: '100' });
    expect((await ingest('a.txt', 'x'.repeat(60)))?.status).toBe(202);
    const refused = await ingest('b.txt', 'y'.repeat(41));
    expect([refused?.status, refused?.body['detail']]).toEqual([
      429,
      'The tenant may have at most 100 bytes of originals.',
    ]);
    expect((await ingest('c.txt', 'z'.repeat(40)))?.status).toBe(202);
    expect((await app.call('GET', '/agent/quota')).body['bytes']).toEqual({ used: 100, limit: 100 });
  }, 180_000);

  it('limit the unfinished tasks, also of concurrent requests', async () => {
    app = await bootApp({ QUOTA_TASKS: '2', WORKER_QUEUES: 'summary' });
    const asked = await Promise.all(
      Array.from({ length: 5 }, async () => app?.call('POST', '/agent/async', { prompt: 'papers?' })),
    );
    // a question is a chain of two
    expect(asked.filter((answer) => answer?.status === 202)).toHaveLength(1);
    expect((await app.call('GET', '/agent/quota')).body['tasks']).toEqual({ used: 2, limit: 2 });
  }, 180_000);
});
