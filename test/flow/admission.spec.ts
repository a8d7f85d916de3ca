import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bootApp, type Answer, type TestApp } from '../app.js';
import { eventually } from '../eventually.js';
import { tokenIssuer, type TokenIssuer } from '../token-issuer.js';

const maxConnections = 8;

/** The response that arrives before any byte of the body was sent. */
function answerToHead(url: string, path: string, headers: Record<string, string>): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () =>
      socket.write(
        [
          `POST ${path} HTTP/1.1`,
          `Host: ${hostname}:${port}`,
          ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
          '',
          '',
        ].join('\r\n'),
      ),
    );
    socket.once('data', (piece) => {
      resolve(piece.toString().split('\r\n')[0] ?? '');
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

describe('before a body is read', () => {
  let app: TestApp;
  let issuer: TokenIssuer;
  const held: Socket[] = [];
  beforeAll(async () => {
    issuer = await tokenIssuer();
    app = await bootApp({
      AUTH: 'required',
      JWT_ISSUERS: JSON.stringify([issuer.setting]),
      JWT_TENANT_CLAIM: 'org',
      API_MAX_CONNECTIONS: String(maxConnections),
      RATE_LIMIT_MAX_REQUESTS: '30',
      RATE_LIMIT_WINDOW_SECONDS: '600',
      INGEST_BODY_LIMIT: '200000',
      ANSWER_STALL_SECONDS: '2',
      WEBSOCKET_MAX_CONNECTIONS: '4',
    });
  }, 180_000);
  afterAll(async () => {
    for (const socket of held) socket.destroy();
    await app.close();
    await issuer.close();
  });

  const makeToken = async (org: string, scope = 'read write admin', sub = 'somebody') =>
    `Bearer ${await issuer.token({ org, scope, sub })}`;
  const call = async (org: string, method: string, path: string, body?: unknown): Promise<Answer> =>
    app.call(method, path, body, { authorization: await makeToken(org) });
  const hold = (head: string): Socket => {
    const { hostname, port } = new URL(app.url);
    const socket = connect(Number(port), hostname, () => socket.write(head));
    socket.on('error', () => undefined);
    held.push(socket);
    return socket;
  };
  const json = (bytes: number) => ({ 'content-type': 'application/json', 'content-length': String(bytes) });

  it('a missing scope is reported', async () => {
    const authorization = await makeToken('readers', 'read');
    expect(await answerToHead(app.url, '/agent/ingest', { authorization, ...json(150_000) })).toContain(
      ' 403 ',
    );
    expect(await answerToHead(app.url, '/agent/keys', { authorization, ...json(100) })).toContain(' 403 ');
  });

  it('a rate limit is reported, and a request counts once', async () => {
    const authorization = await makeToken('busy');
    const first = await app.call('POST', '/agent/search', { prompt: 'a', answer: false }, { authorization });
    expect(first.headers.get('ratelimit-remaining')).toBe('29');
    for (let round = 1; round < 30; round++)
      await app.call('POST', '/agent/search', { prompt: 'a', answer: false }, { authorization });
    expect(await answerToHead(app.url, '/agent/search', { authorization, ...json(1000) })).toContain(' 429 ');
  });

  it('requests for status have a budget of their own', async () => {
    const authorization = await makeToken('watcher');
    const statuses: number[] = [];
    for (let round = 0; round < 40; round++)
      statuses.push((await app.call('GET', '/agent/tasks', undefined, { authorization })).status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(
      (await app.call('GET', '/agent/documents', undefined, { authorization })).headers.get(
        'ratelimit-remaining',
      ),
    ).toBe('29');
  });

  it('a principal has few large bodies in memory, and others are not kept waiting', async () => {
    const host = new URL(app.url).host;
    const head = async (org: string) =>
      `POST /agent/ingest HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${await makeToken(org)}\r\nContent-Type: application/json\r\nContent-Length: 200000\r\n\r\n`;
    const answers: string[] = [];
    for (let body = 0; body < 3; body++) {
      const socket = hold((await head('greedy')) + ' '.repeat(190_000));
      socket.on('data', (piece) => answers.push(piece.toString().split('\r\n')[0] ?? ''));
    }
    while (answers.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(answers[0]).toContain(' 429 ');
    expect(
      (
        await call('modest', 'POST', '/agent/ingest', {
          files: [{ filename: 'a.txt', content: 'x'.repeat(100_000) }],
        })
      ).status,
    ).toBe(202);
    for (const socket of held.splice(0)) socket.destroy();
  });

  it('a principal that takes every place locks out no other tenant, no health and no metrics', async () => {
    const host = new URL(app.url).host;
    const authorization = await makeToken('greedy');
    const opened = Array.from({ length: maxConnections + 8 }, () =>
      hold(
        `POST /agent/search HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`,
      ),
    );
    // those above the limit are answered 503 at once
    const refused = await Promise.race(
      opened.map(
        (socket) =>
          new Promise<string>((resolve) => socket.once('data', (piece) => resolve(piece.toString()))),
      ),
    );
    expect(refused).toContain(' 503 ');
    expect((await app.call('GET', '/agent/documents', undefined, { authorization })).status).toBe(503);
    // a refused request keeps its place until its answer has gone out
    await eventually(async () => expect((await call('modest', 'GET', '/agent/documents')).status).toBe(200));
    for (const path of ['/health', '/health/live', '/health/ready', '/metrics'])
      expect([path, (await app.call('GET', path)).status]).toEqual([path, 200]);
    for (const socket of held.splice(0)) socket.destroy();
  });

  it('an answer that nobody reads is ended, one that is read slowly is not', async () => {
    const { body } = await call('deaf', 'POST', '/agent/ingest', {
      files: [{ filename: 'a.txt', content: 'y'.repeat(150_000) }],
    });
    const id = (body['documents'] as { id: string }[])[0]?.id ?? '';
    const socket = hold('');
    socket.pause();
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const one = `GET /agent/documents/${id}/file HTTP/1.1\r\nHost: ${new URL(app.url).host}\r\nAuthorization: ${await makeToken('deaf')}\r\n\r\n`;
    // more than the buffers between hold: pipelined requests whose answers nobody reads
    socket.write(one.repeat(25));
    const started = performance.now();
    // a paused socket sees its end only when it is read: the server has closed when its count is back
    const open = async (): Promise<number> =>
      new Promise((resolve, reject) =>
        (
          app.service.app.getHttpServer() as {
            getConnections: (done: (error: Error | null, count: number) => void) => void;
          }
        ).getConnections((error, count) => (error ? reject(error) : resolve(count))),
      );
    while ((await open()) > 0 && performance.now() - started < 20_000)
      await new Promise((resolve) => setTimeout(resolve, 100));
    socket.resume();
    await closed;
    expect(performance.now() - started).toBeLessThan(20_000);
  }, 60_000);

  it('one key may open as many streams as its limit allows, and another tenant can still open one', async () => {
    const openStreams = async (org: string) =>
      fetch(`${app.url}/agent/events`, { headers: { authorization: await makeToken(org) } });
    const streams = [];
    for (let stream = 0; stream < 4; stream++) streams.push(await openStreams('listener'));
    const refused = await openStreams('listener');
    const other = await openStreams('modest');
    expect(streams.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect([refused.status, other.status]).toEqual([503, 200]);
    for (const { body } of [...streams, refused, other]) await body?.cancel();
  });

  it('`Accept` does not switch an idempotency key off', async () => {
    const headers = {
      authorization: await makeToken('keys'),
      'idempotency-key': 'one-key',
      accept: 'application/json, text/event-stream',
    };
    const make = () =>
      app.call('POST', '/agent/keys', { name: 'one', subject: 'one', scopes: ['read'] }, headers);
    const [first, second] = [await make(), await make()];
    expect([first.status, second.status, second.body['id']]).toEqual([
      first.status,
      first.status,
      first.body['id'],
    ]);
    expect(second.headers.get('idempotent-replay')).toBe('true');
  });

  it('shows nothing in `/agent/stats` about searches of another tenant', async () => {
    const readCache = async () => (await call('looker', 'GET', '/agent/stats')).body['cache'];
    const before = await readCache();
    for (let round = 0; round < 3; round++)
      await call('asker', 'POST', '/agent/search', { prompt: `question ${round}` });
    expect(await readCache()).toEqual(before);
    await call('looker', 'POST', '/agent/search', { prompt: 'my own question' });
    expect(await readCache()).not.toEqual(before);
  });

  it('refuses to suspend keys of the configuration, which would keep working', async () => {
    const { status, body } = await call('default', 'PUT', '/agent/suspensions/bootstrap');
    expect([status, body['code']]).toEqual([409, 'conflict']);
  });
});
