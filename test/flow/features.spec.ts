import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bootApp, type TestApp } from '../app.js';

describe('features that are switched off', () => {
  let app: TestApp;
  beforeAll(async () => {
    const names = ['CONSOLE', 'OPENAI_API', 'MCP', 'WEBHOOKS', 'SOURCES'];
    app = await bootApp(Object.fromEntries(names.map((name) => [`FEATURES_${name}`, 'false'])));
  }, 180_000);
  afterAll(() => app.close());

  it.each([
    ['GET', '/'],
    ['GET', '/v1/models'],
    ['POST', '/mcp'],
    ['GET', '/agent/webhooks'],
    ['GET', '/agent/sources'],
  ])('have no route: %s %s', async (method, path) => {
    expect((await app.call(method, path, method === 'POST' ? {} : undefined)).status).toBe(404);
  });

  it('change nothing else, and are missing in the OpenAPI document', async () => {
    expect((await app.call('GET', '/agent/documents')).status).toBe(200);
    const { body } = await app.call<{ paths: Record<string, unknown> }>('GET', '/docs-json');
    expect(Object.keys(body.paths).filter((path) => /^\/v1|webhooks|sources/.test(path))).toEqual([]);
  });
});
