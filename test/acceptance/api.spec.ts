import { request as send } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startServer, type RunningServer } from './server.js';

interface Problem {
  code: string;
  detail: string;
  errors?: { field: string; message: string }[];
}

describe('the API as a client sees it', () => {
  let server: RunningServer;
  let file: string;
  const text = '# Tower\n\nThe tower is 100 metres tall.';
  const set = `api_${Date.now()}`;
  const ask = (method: string, path: string, init: RequestInit = {}) =>
    fetch(`${server.url}${path}`, { method, ...init });
  const json = (value: unknown, headers: Record<string, string> = {}): RequestInit => ({
    body: JSON.stringify(value),
    headers: { 'content-type': 'application/json', ...headers },
  });
  const problem = async (answer: Response): Promise<Problem & { status: number }> => {
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    return { ...((await answer.json()) as Problem), status: answer.status };
  };

  beforeAll(async () => {
    server = await startServer();
    const headers = { 'x-request-id': `${set}.put` };
    const put = await ask('PUT', `/agent/documents/${set}/${encodeURIComponent('tower é.md')}`, {
      body: text,
      headers,
    });
    expect(put.headers.get('x-request-id')).toBe(headers['x-request-id']);
    const { task_id } = (await put.json()) as { task_id: string };
    const task = (await (await ask('GET', `/agent/status/${task_id}?wait=30`)).json()) as {
      status: string;
      stage: string | null;
    };
    // what has succeeded is in no stage any more
    expect(task).toMatchObject({ status: 'SUCCESS', stage: null, request_id: headers['x-request-id'] });
    file = `/agent/files/${set}/${encodeURIComponent('tower é.md')}`;
  }, 180_000);
  afterAll(() => server.stop());

  it.each([
    ['POST', '/agent/search', 'application/json', 413, 'payload_too_large'],
    ['POST', '/agent/search', 'text/plain', 415, 'unsupported_media_type'],
    ['POST', '/agent/upload', 'application/json', 415, 'unsupported_media_type'],
    ['PUT', '/agent/documents/__/x.txt', 'text/plain', 422, 'validation_failed'],
    ['POST', '/agent/nothing-here', 'application/json', 404, 'not_found'],
    ['PUT', '/agent/documents', 'text/plain', 405, 'method_not_allowed'],
  ])(
    '%s %s refuses five megabytes of %s with an answer, not with a broken pipe',
    async (method, path, type, status, code) => {
      // a client that closes after its request reads nothing before it has sent all
      const answer = await new Promise<{ status?: number; body: string }>((resolve, reject) => {
        const headers = { 'content-type': type, connection: 'close' };
        const request = send(`${server.url}${path}`, { method, agent: false, headers }, (response) => {
          let body = '';
          response.on('data', (piece) => (body += String(piece)));
          response.on('end', () => resolve({ status: response.statusCode, body }));
        });
        request.on('error', reject);
        request.end(Buffer.alloc(5_000_000, 'x'));
      });
      expect([answer.status, (JSON.parse(answer.body) as Problem).code]).toEqual([status, code]);
    },
  );

  it('checks the address before the body', async () => {
    for (const init of [json('{'), { body: 'x' }, { body: new FormData() }])
      expect(await problem(await ask('POST', '/nothing-here', init))).toMatchObject({
        status: 404,
        code: 'not_found',
      });
  });

  it('names what is wrong with a request, field by field', async () => {
    expect(await problem(await ask('GET', '/agent/documents?limit=0&colour=red'))).toMatchObject({
      status: 422,
      errors: [
        { field: 'limit', message: 'must be at least 1' },
        { field: 'colour', message: 'is not known here' },
      ],
    });
    expect(await problem(await ask('POST', '/agent/search', json({})))).toMatchObject({
      status: 422,
      detail: 'prompt: is missing',
    });
    const form = new FormData();
    form.append('file', new Blob(['x']), 'x.txt');
    expect((await problem(await ask('POST', '/agent/upload', { body: form }))).detail).toMatch(/^file: /);
  });

  it('answers HEAD as it would GET, without the body', async () => {
    const head = await ask('HEAD', file);
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(Buffer.byteLength(text))]);
    const range = await ask('HEAD', file, { headers: { range: 'bytes=2-6' } });
    expect([range.status, range.headers.get('content-length')]).toEqual([206, '5']);
    const events = await ask('HEAD', '/agent/events', { signal: AbortSignal.timeout(5000) });
    expect([events.status, events.headers.get('content-type')]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
    ]);
  });

  it('answers 304 for an unchanged file, by ETag and by date', async () => {
    const etag = (await ask('HEAD', file)).headers.get('etag') ?? '';
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*'])
      expect([known, (await ask('GET', file, { headers: { 'if-none-match': known } })).status]).toEqual([
        known,
        304,
      ]);
    expect((await ask('GET', file, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
    const outside = await ask('GET', file, { headers: { range: 'bytes=9999-' } });
    expect([outside.status, outside.headers.get('content-disposition')]).toEqual([416, null]);
  });

  it('marks repeated answers, and only those', async () => {
    const key = `key-${Date.now()}`;
    const once = (content: string) =>
      ask(
        'POST',
        '/agent/ingest',
        json({ document_set: set, files: [{ filename: 'once.txt', content }] }, { 'idempotency-key': key }),
      );
    const first = (await (await once('Once.')).json()) as unknown;
    const again = await once('Once.');
    expect([again.status, again.headers.get('idempotent-replay'), await again.json()]).toEqual([
      202,
      'true',
      first,
    ]);
    const other = await once('Twice.');
    expect([other.headers.get('idempotent-replay'), await problem(other)]).toEqual([
      null,
      expect.objectContaining({ status: 422, code: 'idempotency_mismatch' }),
    ]);
  });
});
