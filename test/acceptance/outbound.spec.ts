import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../eventually.js';
import { makeCases } from './rows.js';
import { startServer, type RunningServer } from './server.js';

const key = 'a-bootstrap-key-for-the-outbound-rows-1';

describe('addresses that a client chooses', () => {
  let server: RunningServer;
  let hits = 0;
  const canary = createServer((_, response) => {
    hits++;
    response.end();
  });
  let url: string;

  beforeAll(async () => {
    await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(canary.address() as AddressInfo).port}`;
    server = await startServer({ AUTH: 'required', API_KEYS: key });
  }, 180_000);
  afterAll(async () => {
    await server.stop();
    canary.close();
  });

  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = { 'x-api-key': key },
  ) => {
    const answer = await fetch(server.url + path, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return {
      status: answer.status,
      headers: answer.headers,
      body: (await answer.json()) as Record<string, unknown>,
    };
  };

  const cases = makeCases('outbound.spec.ts', {
    'ssrf-023': async () => {
      const fields = ['base_url', 'url', 'model_url', 'callback_url', 'proxy', 'model'];
      for (const field of fields) {
        const { status, body } = await call('POST', '/agent/search', { prompt: 'a', [field]: url });
        expect([field, status, body['code']]).toEqual([field, 422, 'validation_failed']);
      }
      expect(hits).toBe(0);
    },
    'ssrf-024': async () => {
      const poison = { type: 'summary_complete', filename: 'x', status: 'completed', result: 'poison' };
      for (const headers of [{}, { 'x-api-key': key }] as Record<string, string>[]) {
        const { status, body } = await call('POST', '/internal/notify', poison, headers);
        expect([status, body['code']]).toEqual([404, 'not_found']);
      }
      expect((await call('GET', '/agent/summaries')).body['summaries']).toEqual([]);
    },
    // only webhooks and sources keep an address, and none that
    // is not public: it is checked again for each request
    'ssrf-025': async () => {
      const source = { driver: 'web', settings: { url }, document_set: 'site' };
      for (const [path, body] of [
        ['/agent/webhooks', { url }],
        ['/agent/sources', source],
      ] as const) {
        const answer = await call('POST', path, body);
        expect([path, answer.status, answer.body['code']]).toEqual([path, 422, 'address_not_allowed']);
      }
      const file = { filename: 'a.txt', content: 'a' };
      const attempts: [string, unknown][] = [
        ['/agent/ingest', { files: [file], webhook: url }],
        ['/agent/ingest', { files: [{ ...file, url }] }],
        ['/agent/ingest', { files: [{ filename: 'a.txt', url }] }],
        ['/agent/summarize', { filename: 'a.txt', callback_url: url }],
        ['/agent/async', { prompt: 'a', notify_url: url }],
        ['/agent/keys', { name: 'k', webhook: url }],
      ];
      for (const [path, body] of attempts)
        expect([path, (await call('POST', path, body)).body['code']]).toEqual([path, 'validation_failed']);
      expect(hits).toBe(0);
    },
    'ssrf-026': async () => {
      const page = `<html><head><link rel="stylesheet" href="${url}/a.css"><base href="${url}/"></head><body><img src="${url}/b.png"><iframe src="${url}/c"></iframe><p>The price list stands at <a href="${url}/prices">the intranet</a>.</p></body></html>`;
      const { body } = await call('POST', '/agent/ingest', {
        files: [{ filename: 'a.html', content: page }],
      });
      const id = (body['documents'] as { id: string }[])[0]?.id;
      await eventually(
        async () => expect((await call('GET', `/agent/documents/${id}`)).body['status']).toBe('ready'),
        30_000,
      );
      const chunks = (await call('GET', `/agent/documents/${id}/chunks`)).body['chunks'] as {
        content: string;
      }[];
      expect(chunks.map(({ content }) => content).join()).toContain('The price list stands at');
      await call('POST', '/agent/search', { prompt: 'Where does the price list stand?' });
      expect(hits).toBe(0);
    },
    'output-009': async () => {
      for (const headers of [{}, { 'x-api-key': key }] as Record<string, string>[]) {
        const answer = await call('GET', '/agent/documents', undefined, {
          ...headers,
          origin: 'https://evil.example',
        });
        expect([200, 401]).toContain(answer.status);
        expect(answer.headers.get('access-control-allow-origin')).toBeNull();
        expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
      }
    },
  });
  it.each(cases)('%s: %s', async (_id, _how, run) => run(), 60_000);
});
