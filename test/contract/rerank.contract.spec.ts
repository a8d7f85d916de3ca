import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { HttpReranker } from '../../src/platform/rerank/http.js';
import { NoReranker } from '../../src/platform/rerank/none.js';
import { type ScriptedModel, scriptedModel } from '../scripted-llm.js';
import type { Fault } from '../scripted-llm/faults.js';

const documents = ['Printers stand in the cellar.', 'Annual leave is 25 days.', 'Trees have leaves.'];
const settings = { RERANK_MODEL: 'ranker', RERANK_API_KEY: 'key', RERANK_TIMEOUT_MS: 1500 };

describe('rerank: http', () => {
  let server: ScriptedModel;
  let reranker: HttpReranker;
  beforeEach(async () => {
    server = await scriptedModel();
    reranker = new HttpReranker(server.rerankUrl, settings, { metrics: new Metrics() });
  });
  afterEach(async () => {
    await reranker.close();
    await server.close();
  });

  it('returns the best documents first, as many as asked', async () => {
    const ranked = await reranker.rerank('days of annual leave', documents, 2);
    expect(ranked).toHaveLength(2);
    expect(ranked[0]).toMatchObject({ index: 1 });
    expect(ranked[0]?.score).toBeGreaterThan(ranked[1]?.score ?? 1);
    expect(server.requests('rerank')[0]).toMatchObject({
      body: { model: 'ranker', query: 'days of annual leave', documents, top_n: 2 },
      headers: { authorization: 'Bearer key' },
    });
  });

  it('sends no request for no documents, and accepts a limit above their number', async () => {
    expect(await reranker.rerank('x', [], 5)).toEqual([]);
    expect(server.requests()).toHaveLength(0);
    expect(await reranker.rerank('x', documents, 50)).toHaveLength(3);
  });

  it.each<[string, Fault, string]>([
    ['hangs', { kind: 'hang' }, 'upstream_timeout'],
    ['drips', { kind: 'slow_drip' }, 'upstream_timeout'],
    ['never ends', { kind: 'endless', intervalMs: 10 }, 'upstream_timeout'],
    ['asks to slow down', { kind: 'rate_limited', retryAfter: 30 }, 'upstream_rate_limited'],
    ['fails', { kind: 'server_error' }, 'upstream_unavailable'],
    ['resets', { kind: 'reset' }, 'upstream_unavailable'],
    ['sends garbage', { kind: 'garbage' }, 'upstream_invalid'],
    ['sends another shape', { kind: 'other_shape' }, 'upstream_invalid'],
    ['breaks off', { kind: 'truncated_json' }, 'upstream_invalid'],
    ['refuses', { kind: 'rejected', status: 401 }, 'upstream_rejected'],
  ])('fails within its time when the server %s', async (_what, fault, code) => {
    server.fault('rerank', { ...fault, times: Infinity });
    const start = performance.now();
    await expect(reranker.rerank('x', documents, 2)).rejects.toMatchObject({ name: 'Problem', code });
    expect(performance.now() - start).toBeLessThan(2 * settings.RERANK_TIMEOUT_MS);
  });

  it('stops with the signal', async () => {
    server.fault('rerank', { kind: 'hang' });
    const leaving = new AbortController();
    const failed = expect(reranker.rerank('x', documents, 2, leaving.signal)).rejects.toMatchObject({
      code: 'cancelled',
    });
    await server.received('rerank');
    leaving.abort();
    await failed;
  });
});

describe('rerank: unusable results', () => {
  let server: Server;
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  it.each<[string, unknown]>([
    ['a place out of range', { results: [{ index: 3, relevance_score: 1 }] }],
    ['a place twice', { results: [0, 0].map((index) => ({ index, relevance_score: 1 })) }],
    ['a score that is no number', { results: [{ index: 0, relevance_score: 'high' }] }],
    ['too few', { results: [{ index: 0, relevance_score: 1 }] }],
    ['null', null],
  ])('%s', async (_what, answer) => {
    server = createServer((_request, response) => response.end(JSON.stringify(answer)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rerank`;
    const reranker = new HttpReranker(url, settings, { metrics: new Metrics() });
    await expect(reranker.rerank('x', documents, 2)).rejects.toMatchObject({ code: 'upstream_invalid' });
    server.closeAllConnections();
  });
});

describe('rerank: none', () => {
  it('has no model and refuses to be asked', async () => {
    const reranker = new NoReranker();
    expect(reranker.model).toBeNull();
    await expect(reranker.rerank()).rejects.toMatchObject({ code: 'upstream_rejected' });
  });
});
