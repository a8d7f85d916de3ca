import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bootApp, type TestApp } from '../app.js';
import { sendRaw } from '../acceptance/bad-inputs.js';

// /metrics is open to this machine, where the test runs
const open = new Set(['/health', '/health/live', '/health/ready', '/', '/metrics']);
const variants: ((path: string) => string)[] = [
  (path) => path,
  (path) => `${path}/`,
  (path) => `/${path}`,
  (path) => path.replace('/agent', '/agent/.'),
  (path) => path.replace('/agent', '//agent'),
  (path) => path.replace('agent', '%61gent'),
  (path) => path.replace('agent', 'AGENT'),
  (path) => `${path};x=1`,
  (path) => `${path}%2f`,
  (path) => `${path}?a=/health/live`,
  (path) => `/health/..${path}`,
  (path) => `/health/%2e%2e${path}`,
];

describe('every route without a credential', () => {
  let app: TestApp;
  let routes: { method: string; path: string }[];
  beforeAll(async () => {
    app = await bootApp({ AUTH: 'required', API_KEYS: 'a-key-for-the-walk-over-all-routes-01' });
    const { body } = await app.call<{ paths: Record<string, Record<string, unknown>> }>(
      'GET',
      '/docs-json',
      undefined,
      {
        'x-api-key': 'a-key-for-the-walk-over-all-routes-01',
      },
    );
    routes = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({
        method: method.toUpperCase(),
        path: path.replace(/\{\w+\}/g, 'x'),
      })),
    );
  }, 180_000);
  afterAll(() => app.close());

  it('is refused in every spelling of its path', async () => {
    expect(routes.length).toBeGreaterThan(30);
    const let_in: string[] = [];
    for (const { method, path } of routes) {
      if (open.has(path)) continue;
      for (const spelling of new Set(variants.map((variant) => variant(path)))) {
        const { status } = await sendRaw(
          app.url,
          `${method} ${spelling} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
          5000,
        );
        if (status < 400) let_in.push(`${method} ${spelling} → ${status}`);
      }
    }
    expect(let_in).toEqual([]);
  }, 180_000);

  it('gives only the status word on open routes', async () => {
    expect((await app.call('GET', '/health')).body).toEqual({ status: 'ok' });
    expect((await app.call('GET', '/docs-json')).status).toBe(401);
  });
});
