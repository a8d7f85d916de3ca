import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Docent,
  DocentError,
  type AnswerEvent,
  type UploadProgress,
} from '../../packages/client/src/index.js';
import { bootApp, type TestApp } from '../app.js';

const key = 'a-key-for-the-client-in-typescript-0001';
const readError = (call: Promise<unknown>): Promise<DocentError> =>
  call.then(
    () => {
      throw new Error('it was expected to fail');
    },
    (error: unknown) => error as DocentError,
  );

describe('the client of a service', () => {
  let app: TestApp;
  let docent: Docent;
  beforeAll(async () => {
    app = await bootApp({ AUTH: 'required', API_KEYS: key });
    docent = new Docent({ url: app.url, token: key });
  });
  afterAll(() => app.close());

  it('uploads with progress and metadata, and waits for the end by events', async () => {
    const seen: UploadProgress[] = [];
    const heard: string[] = [];
    const content = `# Leave\n\nEverybody has 28 days of leave a year.\n${'\nMore.\n'.repeat(50_000)}`;
    const uploaded = await docent.upload(
      [
        { name: 'leave.md', content },
        { name: 'b.md', content: '# B\n\nBee.' },
      ],
      {
        documentSet: 'handbook',
        metadata: { year: 2026 },
        onProgress: (progress) => seen.push(progress),
      },
    );
    expect(uploaded.uploaded).toEqual(['leave.md', 'b.md']);
    expect(seen.at(-1)?.loaded).toBe(seen[0]?.total);
    expect(seen.length).toBeGreaterThan(2);
    const task = await docent.wait(uploaded.task_id, { onProgress: ({ status }) => heard.push(status) });
    expect(task.children?.map(({ status }) => status)).toEqual(['SUCCESS', 'SUCCESS']);
    const [{ id } = { id: '' }] = uploaded.documents;
    expect(await docent.document(id)).toMatchObject({ status: 'ready', metadata: { year: 2026 } });
  });

  it('refuses more files than one upload may hold before it sends any', async () => {
    const files = Array.from({ length: 11 }, (_, place) => ({ name: `${place}.md`, content: 'x' }));
    const sent: string[] = [];
    const watched = new Docent({
      url: app.url,
      token: key,
      fetch: (input, init) => {
        const request = new Request(input, init);
        sent.push(`${request.method} ${new URL(request.url).pathname}`);
        return fetch(request);
      },
    });
    expect(await readError(watched.upload(files))).toMatchObject({
      code: 'validation_failed',
      errors: [{ field: 'files', message: expect.stringContaining('at most 10 files') }],
    });
    expect(sent).toEqual(['GET /agent/me']);
  });

  it('goes through a list page by page', async () => {
    const files = ['x', 'y', 'z'].map((name) => ({
      filename: `${name}.md`,
      content: `# ${name}\n\nText ${name}.`,
    }));
    const { task_id } = await docent.ingest(files, { document_set: 'pages' });
    await docent.wait(task_id);
    const names: string[] = [];
    for await (const { filename } of docent.documents({ document_set: 'pages', limit: 1 }))
      names.push(filename);
    expect(names.sort()).toEqual(['x.md', 'y.md', 'z.md']);
    expect(await docent.remove('x.md', { documentSet: 'pages' })).toMatchObject({
      deleted: { documents: 1 },
    });
  });

  it('asks: results, tokens, citations, and the whole at the end', async () => {
    const events: AnswerEvent[] = [];
    for await (const event of docent.ask('How many days of leave are there?', { document_set: 'handbook' }))
      events.push(event);
    expect([...new Set(events.map(({ type }) => type))]).toEqual(['results', 'token', 'citations', 'done']);
    const done = events.find((event) => event.type === 'done');
    expect(done?.response).toMatchObject({ answered: true, citations: [{ verified: true }] });
    expect(done?.response.results[0]?.content).toContain('28 days');
    const { results, answer } = await docent.search('days of leave', { limit: 1 });
    expect(results).toHaveLength(1);
    expect(answer).toBeNull();
  });

  it('reports an error with code, status, rules and request id', async () => {
    const missing = await readError(docent.document('0195f7a0-0000-7000-8000-000000000000'));
    expect(missing).toBeInstanceOf(DocentError);
    expect(missing).toMatchObject({ code: 'not_found', status: 404, retryable: false });
    expect(missing.requestId).toMatch(/^[\w.-]+$/);
    const invalid = await readError(docent.search('', {}));
    expect(invalid).toMatchObject({ code: 'validation_failed', errors: [{ field: 'prompt' }] });
    const stranger = new Docent({ url: app.url, token: 'wrong' });
    expect(await readError(stranger.ask('why?').next())).toMatchObject({
      code: 'unauthenticated',
      status: 401,
    });
    expect(await readError(docent.wait('0195f7a0-0000-7000-8000-000000000000'))).toMatchObject({
      code: 'not_found',
    });
    expect(await readError(docent.summarize('nothing.md'))).toMatchObject({ code: 'not_found' });
  });
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

describe('the client of a service in trouble', () => {
  let server: Server;
  let url: string;
  /** Answers of the server, in order; the last one stays. */
  let script: Answer[];
  let requests: IncomingMessage[];
  beforeAll(async () => {
    server = createServer((request, response) => {
      requests.push(request);
      request.resume().on('end', () => {
        const answer = script.length > 1 ? script.shift() : script[0];
        answer?.(request, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const play = (...answers: Answer[]): Docent => {
    script = answers;
    requests = [];
    return new Docent({ url });
  };
  const json =
    (status: number, body: object, headers: Record<string, string> = {}): Answer =>
    (_, response) =>
      void response.writeHead(status, headers).end(JSON.stringify(body));
  const limited = (seconds: number): Answer =>
    json(
      429,
      { code: 'rate_limited', detail: 'Slowly.', retryable: true },
      { 'retry-after': String(seconds) },
    );
  const hangUp: Answer = (request) => void request.socket.destroy();
  const events =
    (text: string): Answer =>
    (_, response) =>
      void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(text);

  it('waits as long as Retry-After says', async () => {
    const docent = play(limited(1), json(200, { id: 'a' }));
    const began = performance.now();
    expect(await docent.document('a')).toEqual({ id: 'a' });
    expect(performance.now() - began).toBeGreaterThan(990);
  });

  it('leaves a long wait to the caller, and reports its length', async () => {
    const docent = play(limited(3600));
    expect(await readError(docent.document('a'))).toMatchObject({ code: 'rate_limited', retryAfter: 3600 });
    expect(requests).toHaveLength(1);
  });

  it('repeats an upload under one idempotency key when the connection breaks', async () => {
    const docent = play(hangUp, json(503, {}, { 'retry-after': '0' }), json(202, { task_id: 't' }));
    expect(await docent.upload([{ name: 'a.md', content: 'a' }], { onProgress: () => undefined })).toEqual({
      task_id: 't',
    });
    const keys = requests.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  });

  it('does not repeat permanent failures, and repeats nothing with retry 0', async () => {
    const docent = play(json(422, { code: 'parse_timeout', detail: 'Too slow.', retryable: true }));
    await readError(docent.document('a'));
    expect(requests).toHaveLength(1);
    await readError(play(limited(0)).document('a', { retry: 0 }));
    expect(requests).toHaveLength(1);
  });

  it('reports an address where no service answers, or another one', async () => {
    const nobody = new Docent({ url: 'http://127.0.0.1:9', retry: 0 });
    expect(await readError(nobody.document('a'))).toMatchObject({
      code: 'unreachable',
      status: 0,
      retryable: true,
    });
    const docent = play((_, response) => void response.end('<html>'));
    expect(await readError(docent.document('a'))).toMatchObject({ code: 'invalid_response' });
    expect(() => new Docent({ url: 'localhost:8000' })).toThrow(TypeError);
  });

  it('polls when events do not arrive', async () => {
    const running = json(200, { status: 'STARTED' });
    const docent = play(json(502, {}), running, json(200, { status: 'SUCCESS' }));
    expect(await docent.wait('t')).toEqual({ status: 'SUCCESS' });
    expect(requests.map((request) => request.url?.split('?')[0])).toEqual([
      '/agent/events',
      '/agent/status/t',
      '/agent/status/t',
    ]);
  });

  it('gives up waiting after the timeout, or when it is told to', async () => {
    const docent = play((_, response) => void response.writeHead(200).write(': \n\n'));
    expect(await readError(docent.wait('t', { timeout: 50 }))).toMatchObject({ code: 'timeout' });
    const reason = new Error('enough');
    expect(await readError(docent.wait('t', { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(await readError(docent.upload([], { signal: AbortSignal.abort(reason) }))).toBe(reason);
  });

  it('stops an upload on its way', async () => {
    const abort = new AbortController();
    const docent = play(hangUp);
    const content = new Uint8Array(20_000_000);
    const onProgress = () => abort.abort(new Error('enough'));
    const stopped = docent.upload([{ name: 'a.md', content }], { onProgress, signal: abort.signal });
    expect((await readError(stopped)).message).toBe('enough');
  });

  it('stops waiting when it is aborted', async () => {
    const abort = new AbortController();
    const docent = play((request, response) => {
      response.on('close', () => setImmediate(() => abort.abort(new Error('enough'))));
      limited(50)(request, response);
    });
    expect((await readError(docent.document('a', { signal: abort.signal }))).message).toBe('enough');
  });

  it('throws for an error event and for an answer that breaks off', async () => {
    const failed = play(
      events('event: error\ndata: {"code":"upstream_timeout","detail":"Late.","retryable":true}\n\n'),
    );
    expect(await readError(failed.ask('why?').next())).toMatchObject({
      code: 'upstream_timeout',
      retryable: true,
    });
    const cut = play(events('event: token\ndata: {"token":"a"}\n\n')).ask('why?');
    expect(await cut.next()).toMatchObject({ value: { type: 'token', token: 'a' } });
    expect(await readError(cut.next())).toMatchObject({ code: 'unreachable' });
  });

  it('follows events over lost connections, from the last one that it saw', async () => {
    const one = (id: string) => events(`: hello\n\nid: ${id}\nevent: notification\ndata: {"id":"${id}"}\n\n`);
    const refused = json(401, { code: 'unauthenticated', detail: 'The key has ended.', retryable: false });
    const docent = play(one('1-0'), hangUp, one('2-0'), refused);
    const seen: string[] = [];
    const open: boolean[] = [];
    const read = async () => {
      const options = { since: '0-1', documentSet: 'hr', onConnection: (is: boolean) => open.push(is) };
      for await (const { id } of docent.events(options)) seen.push(id);
    };
    expect(await readError(read())).toMatchObject({ code: 'unauthenticated', status: 401 });
    expect(seen).toEqual(['1-0', '2-0']);
    expect(open).toEqual([true, false, false, true, false]);
    expect(requests.map(({ headers }) => headers['last-event-id'])).toEqual(['0-1', '1-0', '1-0', '2-0']);
    expect(requests[0]?.url).toBe('/agent/events?document_set=hr');
  });

  it('asks for the token before each attempt, and sends any call', async () => {
    script = [
      json(503, { code: 'unavailable', retryable: true }, { 'retry-after': '0' }),
      json(200, { a: 1 }),
    ];
    requests = [];
    let token = 0;
    const docent = new Docent({ url, token: () => Promise.resolve(`token-${++token}`) });
    expect(await docent.json('POST', '/agent/tasks/retry', { json: {}, query: { a: 'b c' } })).toEqual({
      a: 1,
    });
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-2',
    ]);
    const keys = requests.map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(requests[1]?.url).toBe('/agent/tasks/retry?a=b+c');
  });

  it('ends the request when the caller stops reading', async () => {
    const closed = new Promise<void>((resolve) => {
      const docent = play((_, response) => {
        response.on('close', () => resolve());
        response.writeHead(200).write('event: token\ndata: {"token":"a"}\n\n');
      });
      void (async () => {
        for await (const event of docent.ask('why?')) if (event.type === 'token') break;
      })();
    });
    await closed;
  });
});
