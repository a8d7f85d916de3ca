import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { io } from 'socket.io-client';
import { uuidv7 } from '../../src/common/ids.js';
import { bootApp, type Answer, type TestApp } from '../app.js';
import { scriptedModel, type ScriptedModel } from '../scripted-llm.js';

const bootstrap = 'a-bootstrap-key-for-the-walk-over-sets-01';
const secret = 'The peridot ledger lies in the vault of the north tower.';

interface Made {
  documents: { id: string; task_id: string }[];
  task_id: string;
}

describe('a principal that is restricted to document sets', () => {
  let app: TestApp;
  let model: ScriptedModel;
  let routes: { method: string; path: string; parameters: string[] }[];
  let closed: Record<'document' | 'task' | 'batch' | 'summary' | 'mixed', string>;
  let held: string;
  beforeAll(async () => {
    model = await scriptedModel();
    app = await bootApp({
      AUTH: 'required',
      API_KEYS: bootstrap,
      OPENAI_API_BASE: model.url,
      OPENAI_EMBEDDING_DIMENSIONS: '64',
    });
    const { body } = await all<{ paths: Record<string, Record<string, unknown>> }>('GET', '/docs-json');
    routes = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({
        method: method.toUpperCase(),
        path,
        parameters: [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
      })),
    );
    const made = await ingested([{ filename: 'peridot.md', content: secret, document_set: 'closed' }]);
    await ingested([{ filename: 'open.md', content: 'The open page is about leave.', document_set: 'open' }]);
    const mixed = await ingested([
      { filename: 'both-open.md', content: 'Half of a batch.', document_set: 'open' },
      { filename: 'both-peridot.md', content: 'The other half.', document_set: 'closed' },
    ]);
    const asked = await all<{ task_id: string }>('POST', '/agent/summarize', { filename: 'peridot.md' });
    await ended(asked.body.task_id);
    const { summaries } = (await all<{ summaries: { id: string }[] }>('GET', '/agent/summaries')).body;
    closed = {
      document: made.documents[0]?.id ?? '',
      task: made.documents[0]?.task_id ?? '',
      batch: made.task_id,
      summary: summaries[0]?.id ?? '',
      mixed: mixed.task_id,
    };
    held = (
      await makeKey({
        name: 'held',
        subject: 'same',
        scopes: ['read', 'write', 'admin'],
        document_sets: ['open'],
      })
    ).key;
  }, 180_000);
  afterAll(async () => {
    await app.close();
    await model.close();
  });

  const all = <T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer<T>> => app.call<T>(method, path, body, { 'x-api-key': bootstrap });
  const as = <T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers = {},
  ): Promise<Answer<T>> => app.call<T>(method, path, body, { 'x-api-key': held, ...headers });
  const makeKey = async (fields: Record<string, unknown>) =>
    (await all<{ id: string; key: string }>('POST', '/agent/keys', fields)).body;
  async function ended(task: string): Promise<void> {
    for (;;) {
      const { body } = await all('GET', `/agent/status/${task}?wait=10`);
      if (['SUCCESS', 'FAILURE', 'REVOKED'].includes(String(body['status']))) return;
    }
  }
  async function ingested(files: unknown[]): Promise<Made> {
    const { body } = await all<Made>('POST', '/agent/ingest', { files });
    await ended(body.task_id);
    return body;
  }

  it('gets the answer for missing resources when it asks for other sets, on every route', async () => {
    const ids = routes.filter(
      ({ parameters }) => parameters.length === 1 && /^(id|key|task_id)$/.test(parameters[0] ?? ''),
    );
    expect(ids.length).toBeGreaterThanOrEqual(9);
    // errors of the OpenAI-compatible routes carry the request's id one level deeper
    const told = ({ status, body }: Answer) =>
      JSON.stringify([status, body], (key, value: unknown) => (key === 'request_id' ? '' : value));
    const different: string[] = [];
    for (const { method, path } of ids) {
      for (const [kind, id] of Object.entries(closed)) {
        if (kind === 'mixed') continue;
        const [foreign, random] = [
          await as(method, path.replace(/\{\w+\}/, id)),
          await as(method, path.replace(/\{\w+\}/, uuidv7())),
        ];
        if (told(foreign) !== told(random) || foreign.status < 400)
          different.push(`${method} ${path} (${kind}): ${told(foreign)}`);
      }
    }
    for (const [method, path] of [
      ['GET', '/agent/files/closed/peridot.md'],
      ['DELETE', '/agent/documents/peridot.md'],
      ['DELETE', '/agent/documents/peridot.md?document_set=closed'],
    ] as const)
      expect(told(await as(method, path))).toBe(told(await as(method, path.replace('peridot', 'nothing'))));
    expect(different).toEqual([]);
    expect((await all('GET', `/agent/documents/${closed.document}`)).body['status']).toBe('ready');
  }, 60_000);

  it('finds nothing of other sets in any list, count, search or answer', async () => {
    const lists = routes.filter(
      ({ method, parameters, path }) =>
        method === 'GET' && parameters.length === 0 && /^\/agent\/(?!events)/.test(path),
    );
    for (const { path } of lists)
      expect([path, JSON.stringify((await as('GET', path)).body).includes('peridot')]).toEqual([path, false]);
    expect((await as('GET', '/agent/stats')).body).toMatchObject({
      documents: { total: 2 },
      document_sets: 1,
    });
    expect((await all('GET', '/agent/stats')).body).toMatchObject({
      documents: { total: 4 },
      document_sets: 2,
    });
    model.reply('The ledger lies in the north tower [1].');
    const prompts: [string, unknown][] = [
      ['/agent/search', { prompt: secret }],
      ['/agent/search', { prompt: secret, document_set: 'closed' }],
      ['/agent/search', { prompt: secret, document_set: 'all', filter: { document_set: 'closed' } }],
      [
        '/agent/search',
        { prompt: secret, filter: { or: [{ filename: 'peridot.md' }, { document_id: closed.document }] } },
      ],
      ['/agent/search', { prompt: secret, neighbours: 3, answer: false }],
      ['/agent/summarize', { filename: 'peridot.md' }],
      ['/agent/summary_qa', { filename: 'peridot.md', document_set: 'closed', question: 'Where?' }],
      ['/agent/sync', { prompt: secret }],
    ];
    // a principal that sees everything asks first, so that a cached answer could leak
    await all('POST', '/agent/search', { prompt: secret });
    model.forget();
    for (const [path, body] of prompts) {
      // the response repeats the question, but not its findings
      const told = JSON.stringify((await as('POST', path, body)).body).replaceAll(secret, '');
      expect([path, told]).toEqual([path, expect.not.stringMatching(/north tower|peridot/)]);
    }
    for (const { body } of model.requests('chat')) expect(JSON.stringify(body)).not.toContain('peridot.md');
    const chain = await as<{ task_id: string }>('POST', '/agent/async', { prompt: secret });
    await ended(chain.body.task_id);
    expect(
      JSON.stringify((await as('GET', `/agent/status/${chain.body.task_id}`)).body['result']),
    ).not.toMatch(/peridot|north tower/);
  }, 60_000);

  it('writes only to its own sets', async () => {
    const file = { filename: 'new.md', content: 'new words' };
    const attempts: [string, string, unknown][] = [
      ['POST', '/agent/ingest', { files: [file], document_set: 'closed' }],
      ['POST', '/agent/ingest', { files: [{ ...file, document_set: 'closed' }] }],
      ['POST', '/agent/ingest', { files: [file] }],
      ['PUT', '/agent/documents/closed/new.md', undefined],
      ['DELETE', '/agent/documentsets/closed', undefined],
      ['DELETE', '/agent/documentsets/no_such_set', undefined],
    ];
    for (const [method, path, body] of attempts) {
      const answer =
        method === 'PUT'
          ? await fetch(app.url + path, { method, body: 'raw words', headers: { 'x-api-key': held } })
          : await as(method, path, body);
      expect([path, answer.status]).toEqual([path, 403]);
    }
    expect((await all<{ documents: unknown[] }>('GET', '/agent/documents')).body.documents).toHaveLength(4);
    expect((await as('POST', '/agent/tasks/retry', {})).body).toEqual({ retried: 0 });
  });

  it('is never an administrator of the tenant, whatever its scopes', async () => {
    const ofAdmins: [string, string, unknown?][] = [
      ['GET', '/agent/keys'],
      ['POST', '/agent/keys', { name: 'wider', scopes: ['admin'] }],
      ['DELETE', `/agent/keys/${uuidv7()}`],
      ['GET', '/agent/audit'],
      ['GET', '/agent/sockets'],
      ['GET', '/agent/workers'],
      ['GET', '/agent/spaces'],
      ['PUT', '/agent/suspensions/somebody'],
      ['DELETE', '/agent/suspensions/somebody'],
    ];
    for (const [method, path, body] of ofAdmins) {
      const answer = await as(method, path, body);
      expect([path, answer.status, answer.body['code']]).toEqual([path, 403, 'forbidden']);
    }
  });

  it('does not get the stored answer of another key of the same subject by its idempotency key', async () => {
    const wide = (await makeKey({ name: 'wide', subject: 'same', scopes: ['read'] })).key;
    const [body, key] = [{ prompt: secret, answer: false }, { 'idempotency-key': 'the-same' }];
    const first = await app.call('POST', '/agent/search', body, { 'x-api-key': wide, ...key });
    expect(JSON.stringify(first.body)).toContain('peridot.md');
    const again = await app.call('POST', '/agent/search', body, { 'x-api-key': wide, ...key });
    expect([again.headers.get('idempotent-replay'), again.body]).toEqual(['true', first.body]);
    const narrow = await as('POST', '/agent/search', body, key);
    expect([narrow.status, narrow.headers.get('idempotent-replay')]).toEqual([200, null]);
    expect(JSON.stringify(narrow.body)).not.toContain('peridot.md');
  });

  it('receives no events of other sets by socket or stream', async () => {
    const socket = io(app.url, {
      path: '/ws',
      transports: ['websocket'],
      auth: { token: held },
      reconnection: false,
      forceNew: true,
    });
    const heard: unknown[] = [];
    socket.on('notification', (notification) => heard.push(notification));
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', () => resolve());
      socket.once('connect_error', reject);
    });
    const subscribe = (payload: unknown) =>
      socket.timeout(5000).emitWithAck('subscribe', payload) as Promise<unknown>;
    for (const id of [closed.task, closed.batch])
      expect(await subscribe({ task_id: id })).toEqual(await subscribe({ task_id: uuidv7() }));
    // the set's name is its own affair: whether it exists is not told
    expect(await subscribe({ document_set: 'closed' })).toEqual(
      await subscribe({ document_set: 'no_such_set' }),
    );
    const gone = new AbortController();
    const stream = await fetch(`${app.url}/agent/events`, {
      headers: { 'x-api-key': held, 'last-event-id': '0-1' },
      signal: gone.signal,
    });
    const text = (async () => {
      let told = '';
      try {
        for await (const piece of stream.body ?? []) told += Buffer.from(piece as Uint8Array).toString();
      } catch {
        // cut below
      }
      return told;
    })();
    expect(
      (await fetch(`${app.url}/agent/events?document_set=closed`, { headers: { 'x-api-key': held } })).status,
    ).toBe(403);
    await ingested([{ filename: 'peridot-two.md', content: 'Louder words.', document_set: 'closed' }]);
    // an own event comes later: what has not come by then does not come
    await ingested([{ filename: 'open-two.md', content: 'Own words.', document_set: 'open' }]);
    gone.abort();
    socket.disconnect();
    expect(JSON.stringify(heard)).toContain('open-two.md');
    expect(JSON.stringify(heard)).not.toContain('peridot');
    expect(await text).toContain('open-two.md');
    expect(await text).not.toContain('peridot');
  }, 60_000);
});
