import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Problem } from '../../src/common/errors.js';
import { runInContext } from '../../src/common/request-context.js';
import { loadEnv } from '../../src/config/env.js';
import type { Cache } from '../../src/platform/cache/cache.js';
import { MemoryCache } from '../../src/platform/cache/memory.js';
import type { Embedder } from '../../src/platform/embedding/embedder.js';
import { NoEmbedder } from '../../src/platform/embedding/none.js';
import { type EmbedderOptions, OpenAiEmbedder } from '../../src/platform/embedding/openai.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { type ScriptedModel, scriptedModel } from '../scripted-llm.js';
import type { Fault } from '../scripted-llm/faults.js';
import { hashingEmbedding } from '../scripted-llm/hashing.js';

const dimensions = 32;
const texts = ['Leave is 25 days.', 'Printers stand in the cellar.', '請假規定'];
const near = (vector: number[] | undefined, text: string): void => {
  const expected = hashingEmbedding(text, dimensions);
  expect(vector).toHaveLength(dimensions);
  for (const [at, value] of expected.entries()) expect(vector?.[at]).toBeCloseTo(value, 5);
};

describe('embedding: openai', () => {
  let server: ScriptedModel;
  let metrics: Metrics;
  let embedder: Embedder;
  const opened: Embedder[] = [];

  const open = (settings: Record<string, string> = {}, options: Partial<EmbedderOptions> = {}): Embedder => {
    const env = loadEnv({
      OPENAI_API_BASE: server.url,
      OPENAI_EMBEDDING_MODEL: 'hashing',
      OPENAI_EMBEDDING_DIMENSIONS: String(dimensions),
      ...settings,
    });
    const embedder = new OpenAiEmbedder(env, { metrics, backoffMs: 5, ...options });
    opened.push(embedder);
    return embedder;
  };
  const sizes = () => server.requests('embeddings').map((request) => request.body.input?.length);
  const values = async (name: string) => (await metrics.registry.getSingleMetric(name)?.get())?.values ?? [];

  beforeEach(async () => {
    server = await scriptedModel({ dimensions });
    metrics = new Metrics();
    embedder = open();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()));
    await server.close();
  });

  it('returns one unit vector for each text, in order, with the stated dimensions', async () => {
    expect(embedder.identity).toEqual({ provider: 'openai', model: 'hashing', dimensions });
    const vectors = await embedder.embed(texts);
    texts.forEach((text, at) => near(vectors[at], text));
    expect(server.requests('embeddings')[0]?.body).toMatchObject({
      model: 'hashing',
      input: texts,
      encoding_format: 'float',
      dimensions,
    });
    expect(await embedder.embed([])).toEqual([]);
  });

  it('splits by count and by tokens', async () => {
    const small = open({ EMBEDDING_BATCH_MAX: '16' });
    expect(await small.embed(Array.from({ length: 40 }, (_, at) => `text ${at}`))).toHaveLength(40);
    expect(sizes()).toEqual([16, 16, 8]);
    server.forget();
    await open({ EMBEDDING_TOKENS_PER_MINUTE: '1000000000' }).embed(
      Array.from({ length: 6 }, () => '-'.repeat(200_000)),
    );
    expect(sizes()).toEqual([2, 2, 2]);
  });

  it('counts tokens', async () => {
    await embedder.embed(['four letters: here']);
    expect(await values('llm_tokens_total')).toEqual([
      expect.objectContaining({ labels: { kind: 'embedding' }, value: 5 }),
    ]);
    expect(await values('embedding_requests_total')).toEqual([
      expect.objectContaining({ labels: { status: 'ok' }, value: 1 }),
    ]);
  });

  it('keeps the pace in tokens per minute', async () => {
    const slow = open({ EMBEDDING_TOKENS_PER_MINUTE: '600' });
    const start = performance.now();
    await slow.embed(['x'.repeat(400)]);
    await slow.embed(['x'.repeat(40)]);
    expect(performance.now() - start).toBeGreaterThan(900);
    expect(performance.now() - start).toBeLessThan(3_000);
  });

  describe('misbehaviour', () => {
    it.each<[string, Fault]>([
      ['500', { kind: 'server_error', times: 3 }],
      ['502 with HTML', { kind: 'server_error', status: 502, times: 3 }],
      ['a reset', { kind: 'reset', times: 3 }],
      ['a reset in the middle of the body', { kind: 'reset_midway', times: 2 }],
      ['reordered vectors', { kind: 'reordered' }],
      ['garbage', { kind: 'garbage' }],
      ['another shape', { kind: 'other_shape' }],
      ['truncated JSON', { kind: 'truncated_json' }],
      ['a wrong dimension', { kind: 'wrong_dimension' }],
      ['NaN', { kind: 'nan' }],
      ['null in a vector', { kind: 'nan', as: 'null' }],
      ['an overflow in a vector', { kind: 'nan', as: 'overflow' }],
      ['a zero vector', { kind: 'zero_vector' }],
      ['fewer vectors', { kind: 'fewer_vectors' }],
      ['the same index twice', { kind: 'repeated_index' }],
    ])('that happens once, %s, is survived', async (_what, fault) => {
      server.fault('embeddings', fault);
      const vectors = await embedder.embed(texts);
      texts.forEach((text, at) => near(vectors[at], text));
    });

    it.each<[string, Fault, string]>([
      ['garbage', { kind: 'garbage' }, 'upstream_invalid'],
      ['another shape', { kind: 'other_shape' }, 'upstream_invalid'],
      ['truncated JSON', { kind: 'truncated_json' }, 'upstream_invalid'],
      ['a wrong dimension', { kind: 'wrong_dimension' }, 'upstream_invalid'],
      ['NaN', { kind: 'nan' }, 'upstream_invalid'],
      ['an overflow in a vector', { kind: 'nan', as: 'overflow' }, 'upstream_invalid'],
      ['a zero vector', { kind: 'zero_vector' }, 'upstream_invalid'],
      ['fewer vectors', { kind: 'fewer_vectors' }, 'upstream_invalid'],
      ['a wrong key', { kind: 'rejected', status: 401 }, 'upstream_rejected'],
      ['an unknown model', { kind: 'rejected', status: 404 }, 'upstream_rejected'],
      ['500', { kind: 'server_error' }, 'upstream_unavailable'],
      ['a reset', { kind: 'reset' }, 'upstream_unavailable'],
      ['429', { kind: 'rate_limited' }, 'upstream_rate_limited'],
      ['429 for an hour', { kind: 'rate_limited', retryAfter: 3_600 }, 'upstream_rate_limited'],
      ['a used-up quota', { kind: 'rate_limited', code: 'insufficient_quota' }, 'upstream_rate_limited'],
      ['no answer', { kind: 'hang' }, 'upstream_timeout'],
      ['a slow drip', { kind: 'slow_drip' }, 'upstream_timeout'],
      ['an endless body', { kind: 'endless', intervalMs: 10 }, 'upstream_timeout'],
    ])(
      'that lasts, %s, is a code of the catalogue, for a batch and for a query',
      async (_what, fault, code) => {
        const hasty = open({}, { bulkMs: 400, queryMs: 300 });
        server.fault('embeddings', { ...fault, times: Infinity });
        const start = performance.now();
        await expect(hasty.embed(texts)).rejects.toMatchObject({
          name: 'Problem',
          code: expect.stringMatching(new RegExp(`${code}|upstream_unavailable`)),
        });
        await expect(open({}, { queryMs: 300 }).embedQuery('leave')).rejects.toMatchObject({
          name: 'Problem',
          code,
        });
        // a batch that takes too long is tried once more in smaller ones
        expect(performance.now() - start).toBeLessThan(2_500);
      },
    );

    it('a 429 delays a batch for as long as it states, in seconds and as a date, twice', async () => {
      server.fault('embeddings', { kind: 'rate_limited', retryAfter: 1 }).fault('embeddings', {
        kind: 'rate_limited',
        retryAfter: new Date(Date.now() + 3_000).toUTCString(),
      });
      const start = performance.now();
      expect(await embedder.embed(texts)).toHaveLength(3);
      expect(performance.now() - start).toBeGreaterThanOrEqual(1_900);
      const [first, second] = server.requests('embeddings');
      expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
    });

    it('a 429 delays the other batches too, and queries are refused at once', async () => {
      server.fault('embeddings', { kind: 'rate_limited', retryAfter: 4 });
      const leaving = new AbortController();
      const waiting = [embedder.embed(['first'], leaving.signal)];
      while ((await values('embedding_requests_total')).length === 0) await new Promise(setImmediate);
      waiting.push(embedder.embed(['second'], leaving.signal));
      const cancelled = waiting.map((batch) => expect(batch).rejects.toMatchObject({ code: 'cancelled' }));
      await expect(embedder.embedQuery('asked')).rejects.toMatchObject({
        code: 'upstream_rate_limited',
        retryAfter: 4,
      });
      expect(server.requests('embeddings')).toHaveLength(1);
      leaving.abort(new Problem('cancelled'));
      await Promise.all(cancelled);
    });

    it('a batch waits while the circuit is open and goes through when the server is back; a query is told at once', async () => {
      const guarded = open({}, { halfOpenMs: 300 });
      server.fault('embeddings', { kind: 'server_error', times: 6 });
      const batch = guarded.embed(texts);
      await server.received('embeddings', 5);
      await server.until(() => server.requests('embeddings')[4]?.answered === true);
      while (!(await values('circuit_breaker_state')).some((gauge) => gauge.value === 2))
        await new Promise(setImmediate);
      await expect(guarded.embedQuery('leave')).rejects.toMatchObject({
        code: 'upstream_unavailable',
        retryAfter: 1,
      });
      expect(await batch).toHaveLength(3);
      expect(server.requests('embeddings')).toHaveLength(7);
    });

    it('a batch that is too long is sent in halves, and a text that is too long is the mean of its halves', async () => {
      server.fault('embeddings', { kind: 'context_length', limit: 1_000, times: Infinity });
      const long = `${'annual leave '.repeat(60)}${'printer cellar '.repeat(60)}`;
      const vectors = await embedder.embed(['a'.repeat(400), 'b'.repeat(400), long, 'c']);
      expect(vectors).toHaveLength(4);
      near(vectors[3], 'c');
      const [leave, printer, whole] = ['annual leave', 'printer cellar']
        .map((text) => hashingEmbedding(text, dimensions))
        .concat([vectors[2] ?? []]);
      const cosine = (a: number[] = [], b: number[] = []) =>
        a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
      expect(cosine(leave, whole)).toBeGreaterThan(0.5);
      expect(cosine(printer, whole)).toBeGreaterThan(0.5);
      expect(Math.hypot(...(whole ?? []))).toBeCloseTo(1, 6);
    });

    it('a refusal for length that has nothing to do with length ends', async () => {
      server.fault('embeddings', { kind: 'context_length', times: Infinity });
      await expect(embedder.embed(['x'.repeat(1_000)])).rejects.toMatchObject({ code: 'upstream_rejected' });
    });

    it('a server that does not know `dimensions` is asked without it from then on', async () => {
      server.fault('embeddings', {
        kind: 'rejected',
        message:
          'Model does not support matryoshka representation, changing output dimensions will lead to poor results.',
        times: Infinity,
        when: (body) => body.dimensions !== undefined,
      });
      near((await embedder.embed(['one']))[0], 'one');
      await embedder.embed(['two']);
      expect(server.requests('embeddings').map((request) => request.body.dimensions)).toEqual([
        dimensions,
        undefined,
        undefined,
      ]);
    });

    it('is left at once with the signal, while it hangs, waits and paces', async () => {
      const slow = open({ EMBEDDING_TOKENS_PER_MINUTE: '100' });
      server
        .fault('embeddings', { kind: 'hang' })
        .fault('embeddings', { kind: 'rate_limited', retryAfter: 60 });
      const leaving = new AbortController();
      const calls = [
        embedder.embed(['a'], leaving.signal),
        embedder.embed(['b'], leaving.signal),
        slow.embed(['word '.repeat(900)], leaving.signal),
      ];
      const failures = calls.map((call) => expect(call).rejects.toMatchObject({ code: 'superseded' }));
      await server.received('embeddings', 2);
      leaving.abort(new Problem('superseded'));
      const start = performance.now();
      await Promise.all([
        ...failures,
        expect(slow.embed(['x'], leaving.signal)).rejects.toMatchObject({ code: 'superseded' }),
      ]);
      expect(performance.now() - start).toBeLessThan(500);
    });
  });

  describe('queries', () => {
    it('are embedded once and then cached', async () => {
      const first = await embedder.embedQuery('How long is leave?');
      near(first, 'How long is leave?');
      expect(await embedder.embedQuery('How long is leave?')).toEqual(first);
      await embedder.embedQuery('how long is leave?');
      expect(server.requests('embeddings')).toHaveLength(2);
      expect(await values('embedding_cache_requests_total')).toEqual([
        expect.objectContaining({ labels: { level: 'memory', result: 'miss' }, value: 2 }),
        expect.objectContaining({ labels: { level: 'memory', result: 'hit' }, value: 1 }),
      ]);
      expect(await values('embedding_cache_entries')).toEqual([expect.objectContaining({ value: 2 })]);
      const [most] = await values('embedding_cache_max_entries');
      expect(most?.value).toBeGreaterThan(2);
    });

    it('that are equal and come together are one request', async () => {
      const held = server.hold('embeddings');
      const asked = Array.from({ length: 20 }, () => embedder.embedQuery('the same'));
      await server.received('embeddings');
      held.release();
      const vectors = await Promise.all(asked);
      expect(new Set(vectors.map((vector) => JSON.stringify(vector))).size).toBe(1);
      expect(server.requests('embeddings')).toHaveLength(1);
    });

    it('fail together, and the next one asks again', async () => {
      server.fault('embeddings', { kind: 'rejected' });
      const failures = await Promise.allSettled([embedder.embedQuery('q'), embedder.embedQuery('q')]);
      expect(failures.map((one) => one.status)).toEqual(['rejected', 'rejected']);
      near(await embedder.embedQuery('q'), 'q');
    });

    it('stop only when nobody waits for them any more', async () => {
      const held = server.hold('embeddings');
      const [one, other] = [new AbortController(), new AbortController()];
      const first = expect(embedder.embedQuery('q', one.signal)).rejects.toMatchObject({ code: 'cancelled' });
      const second = embedder.embedQuery('q', other.signal);
      await server.received('embeddings');
      one.abort();
      await first;
      held.release();
      near(await second, 'q');

      server.forget();
      const again = server.hold('embeddings');
      const last = expect(embedder.embedQuery('p', other.signal)).rejects.toMatchObject({
        code: 'cancelled',
      });
      await server.received('embeddings');
      other.abort();
      await last;
      await server.until(() => server.requests('embeddings')[0]?.aborted === true);
      again.release();
      near(await embedder.embedQuery('p'), 'p');
    });

    it('are forgotten least recently used first', async () => {
      const small = open({ EMBEDDING_CACHE_ENTRIES: '2' });
      for (const text of ['a', 'b', 'a', 'c', 'a', 'b']) await small.embedQuery(text);
      expect(server.requests('embeddings').map((request) => request.body.input)).toEqual([
        ['a'],
        ['b'],
        ['c'],
        ['b'],
      ]);
      const none = open({ EMBEDDING_CACHE_ENTRIES: '0' });
      await none.embedQuery('a');
      await none.embedQuery('a');
      expect(server.requests('embeddings')).toHaveLength(6);
    });

    it('of one tenant say nothing about those of another', async () => {
      for (const tenant of ['acme', 'globex', 'acme'])
        await runInContext({ requestId: 'r', tenant }, () => embedder.embedQuery('merger'));
      expect(server.requests('embeddings')).toHaveLength(2);
    });

    describe('with a second level', () => {
      let shared: Cache;
      beforeAll(() => {
        shared = new MemoryCache(1024 * 1024);
      });
      afterAll(() => shared.close());

      it('are shared with the other processes, to the last bit', async () => {
        const [one, other] = [open({}, { shared }), open({}, { shared })];
        const first = await one.embedQuery('shared question');
        expect(await other.embedQuery('shared question')).toEqual(first);
        expect(server.requests('embeddings')).toHaveLength(1);
        expect(await values('embedding_cache_requests_total')).toEqual(
          expect.arrayContaining([
            expect.objectContaining({ labels: { level: 'redis', result: 'hit' }, value: 1 }),
          ]),
        );
      });
    });
  });

  it('ends running requests when it is closed: hanging, waiting and pacing', async () => {
    const slow = open({ EMBEDDING_TOKENS_PER_MINUTE: '100' });
    server
      .fault('embeddings', { kind: 'rate_limited', retryAfter: 60 })
      .fault('embeddings', { kind: 'hang' });
    const calls = [slow.embed(['word '.repeat(900)]), slow.embed(['x']), embedder.embed(['b'])];
    const failures = calls.map((call) => expect(call).rejects.toMatchObject({ code: 'cancelled' }));
    await server.received('embeddings', 2);
    await Promise.all([slow.close(), embedder.close()]);
    await Promise.all(failures);
  });

  it('embeds for another space of the same server on demand, and keeps its queries apart', async () => {
    const space = { provider: 'openai', model: 'older', dimensions: 16 };
    expect((await embedder.embed(['x'], undefined, space))[0]).toHaveLength(16);
    expect(await embedder.embedQuery('x')).toHaveLength(dimensions);
    expect(await embedder.embedQuery('x', undefined, space)).toHaveLength(16);
    expect(
      server.requests('embeddings').map((request) => [request.body.model, request.body.dimensions]),
    ).toEqual([
      ['older', 16],
      ['hashing', dimensions],
      ['older', 16],
    ]);
  });

  it('says before the first document that the model has other dimensions, and does not ask again for every check', async () => {
    server.fault('embeddings', { kind: 'wrong_dimension', dimensions: 5, times: 9 });
    const wrong = { code: 'upstream_invalid', detail: expect.stringContaining('gave 5 dimensions') };
    await expect(embedder.prove()).rejects.toMatchObject(wrong);
    server.forget();
    await expect(embedder.ping()).rejects.toMatchObject(wrong);
    expect(server.requests('embeddings')).toHaveLength(0);
    const right = open({ OPENAI_EMBEDDING_MODEL: 'right' });
    server.clearFaults();
    await right.embed(['a text']);
    await right.ping();
    expect(server.requests('embeddings')).toHaveLength(1);
  });

  it('is pinged, and says so when it is away', async () => {
    await embedder.ping();
    await server.close();
    await expect(embedder.ping()).rejects.toMatchObject({ code: 'upstream_unavailable' });
  });
});

describe('embedding: none', () => {
  it('has no space and refuses to be asked', async () => {
    const embedder = new NoEmbedder();
    expect(embedder.identity).toBeNull();
    await expect(embedder.embed()).rejects.toMatchObject({ code: 'embedding_unavailable' });
    await expect(embedder.embedQuery()).rejects.toMatchObject({ code: 'embedding_unavailable' });
    await embedder.ping();
    await embedder.close();
  });
});
