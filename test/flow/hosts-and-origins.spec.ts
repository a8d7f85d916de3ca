import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sendRaw } from '../acceptance/bad-inputs.js';
import { bootApp, type TestApp } from '../app.js';

/** `fetch` would set `Host` and refuse `Origin`; this sends headers as they are given. */
function send(
  app: TestApp,
  method: string,
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number; headers: Record<string, unknown>; code: string | undefined }> {
  const { hostname, port } = new URL(app.url);
  return new Promise((resolve, reject) => {
    const call = request({ hostname, port, method, path, headers }, (response) => {
      let text = '';
      response.on('data', (piece: Buffer) => (text += piece.toString()));
      response.on('end', () => {
        const body = /json/.test(String(response.headers['content-type']))
          ? (JSON.parse(text) as { code?: string })
          : {};
        resolve({ status: response.statusCode ?? 0, headers: response.headers, code: body.code });
      });
    });
    call.on('error', reject);
    call.end();
  });
}

describe('a loopback service without auth', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await bootApp({ ALLOWED_ORIGINS: 'https://app.example', ALLOWED_HOSTS: 'docent.internal' });
  }, 180_000);
  afterAll(() => app.close());

  it.each(['localhost', '127.0.0.1:1234', '[::1]', 'docent.internal'])(
    'answers to the host %s',
    async (host) => {
      expect((await send(app, 'GET', '/agent/documents', { host })).status).toBe(200);
    },
  );

  it.each(['rebound.example', '192.168.1.7:8000', 'localhost.evil.example'])(
    'refuses the host %s',
    async (host) => {
      expect(await send(app, 'GET', '/agent/documents', { host })).toMatchObject({
        status: 421,
        code: 'host_not_allowed',
      });
    },
  );

  it('answers a probe of HTTP/1.0, which names no host', async () => {
    const probe = 'GET /health/live HTTP/1.0\r\n\r\n';
    expect((await sendRaw(app.url, probe, 5000)).status).toBe(200);
    const named = 'GET /health/live HTTP/1.0\r\nHost: rebound.example\r\n\r\n';
    expect((await sendRaw(app.url, named, 5000)).status).toBe(421);
  });

  it('refuses requests from pages of other sites', async () => {
    expect(await send(app, 'DELETE', '/agent/documents/x', { origin: 'https://evil.example' })).toMatchObject(
      {
        status: 403,
        code: 'origin_not_allowed',
      },
    );
    expect(await send(app, 'GET', '/agent/documents', { origin: 'null' })).toMatchObject({ status: 403 });
    expect(await send(app, 'POST', '/agent/upload', { 'sec-fetch-site': 'cross-site' })).toMatchObject({
      status: 403,
    });
  });

  it('lets its own pages and the listed origins through, the latter with CORS headers', async () => {
    const own = new URL(app.url);
    expect((await send(app, 'GET', '/agent/documents', { origin: own.origin, host: own.host })).status).toBe(
      200,
    );
    const listed = await send(app, 'GET', '/agent/documents', { origin: 'https://app.example' });
    expect(listed.headers['access-control-allow-origin']).toBe('https://app.example');
    expect(listed.headers['access-control-expose-headers']).toContain('RateLimit-Remaining');
    const preflight = await send(app, 'OPTIONS', '/agent/search', {
      origin: 'https://app.example',
      'access-control-request-method': 'POST',
    });
    expect([preflight.status, preflight.headers['access-control-allow-methods']]).toEqual([
      204,
      'GET, POST, PUT, PATCH, DELETE',
    ]);
    expect((await send(app, 'GET', '/agent/documents', {})).headers).not.toHaveProperty(
      'access-control-allow-origin',
    );
  });

  it('refuses a fetch without Origin from a page of another site or port, and allows a link', async () => {
    for (const site of ['cross-site', 'same-site']) {
      expect(
        await send(app, 'GET', '/agent/documents', { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' }),
      ).toMatchObject({
        status: 403,
        code: 'origin_not_allowed',
      });
      expect(
        (await send(app, 'GET', '/', { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate' })).status,
      ).toBe(200);
    }
    expect(
      (
        await send(app, 'GET', '/agent/documents', {
          'sec-fetch-site': 'same-origin',
          'sec-fetch-mode': 'cors',
        })
      ).status,
    ).toBe(200);
    expect(
      (await send(app, 'GET', '/agent/documents', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }))
        .status,
    ).toBe(200);
  });

  it.each([
    ['two hosts', 'GET /agent/documents HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n'],
    ['the same host twice', 'GET /agent/documents HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n'],
    [
      'another host in the request line',
      'GET http://evil.example/agent/documents HTTP/1.1\r\nHost: localhost\r\n',
    ],
    ['no host', 'GET /agent/documents HTTP/1.1\r\n'],
  ])('refuses a request that names %s', async (_how, head) => {
    expect((await sendRaw(app.url, `${head}Connection: close\r\n\r\n`, 5000)).status).toBe(400);
  });

  it('answers a request that offers another protocol as plain HTTP', async () => {
    const offer = (upgrade: string) =>
      `Host: localhost\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: ${upgrade}\r\nHTTP2-Settings: AAMAAABk\r\n`;
    for (const upgrade of ['h2c', 'websocket', 'TLS/1.0']) {
      const get = await sendRaw(app.url, `GET /health/live HTTP/1.1\r\n${offer(upgrade)}\r\n`, 5000);
      expect([upgrade, get.status]).toEqual([upgrade, 200]);
    }
    const body = '{"prompt":"a","answer":false}';
    const head = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
    expect(
      (await sendRaw(app.url, `POST /agent/search HTTP/1.1\r\n${offer('h2c')}${head}\r\n${body}`, 5000))
        .status,
    ).toBe(200);
  });

  it('sends the headers of a JSON API with every answer', async () => {
    const { headers } = await send(app, 'GET', '/agent/documents/none', { 'x-request-id': 'my-request-1' });
    expect(headers).toMatchObject({
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cache-control': 'private, no-store',
      'x-request-id': 'my-request-1',
    });
    expect(headers).not.toHaveProperty('strict-transport-security');
    expect(headers).not.toHaveProperty('x-powered-by');
  });

  it('creates a request id where the given one is invalid', async () => {
    const { headers } = await send(app, 'GET', '/health/live', { 'x-request-id': 'a b"}{' });
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('a loopback service with auth', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await bootApp({ AUTH: 'required', API_KEYS: 'a-key-of-more-than-thirty-two-characters' });
  }, 180_000);
  afterAll(() => app.close());

  it('shows its metrics to this machine, not to a page of a rebound name', async () => {
    expect((await send(app, 'GET', '/metrics', {})).status).toBe(200);
    expect((await send(app, 'GET', '/metrics', { host: 'rebound.example' })).status).toBe(401);
  });

  it('shows no metrics through a proxy that adds no header', async () => {
    const { host } = new URL(app.url);
    const asked = `GET /metrics HTTP/1.0\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    expect((await sendRaw(app.url, asked, 5000)).status).toBe(401);
  });
});
