import { afterEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { loadEnv } from '../../config/env.js';
import { CacheUse } from '../../platform/cache/cache-use.js';
import { MemoryCache } from '../../platform/cache/memory.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { AnswerCache } from './answer-cache.js';

const Stored = z.object({ answer: z.string().nullable(), answered: z.boolean() });

describe('AnswerCache', () => {
  const store = new MemoryCache(1_000_000);
  const cache = new AnswerCache(store, loadEnv({ LOG_LEVEL: 'silent' }), new Metrics(), new CacheUse());
  const key = cache.makeKey('acme', ['a question']);
  afterEach(() => store.delete(key));

  it('gives back what it was given', async () => {
    await cache.set(key, { answer: 'Yes.', answered: true });
    expect(await cache.get(key, Stored, 'acme')).toEqual({ answer: 'Yes.', answered: true });
  });

  it.each([[{}], [[]], ['text'], [null], [{ answer: 1, answered: true }]])(
    'treats an entry of another shape as missing: %j',
    async (planted) => {
      await store.set(key, planted, 60);
      expect(await cache.get(key, Stored, 'acme')).toBeUndefined();
    },
  );

  it('aborts shared work when everyone has gone, and not when it is done', async () => {
    const signals: AbortSignal[] = [];
    const [first, second] = [new AbortController(), new AbortController()];
    const endless = (signal: AbortSignal): Promise<string> => {
      signals.push(signal);
      return new Promise(() => undefined);
    };
    const waiting = [first, second].map(({ signal }) =>
      cache.share('endless', signal, endless).catch(String),
    );
    first.abort();
    await waiting[0];
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    second.abort();
    await waiting[1];
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    const done = cache.share('done', undefined, (signal) => {
      signals.push(signal);
      return Promise.resolve('yes');
    });
    expect(await done).toBe('yes');
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  });

  it('leaves out fields that an answer does not have', async () => {
    await store.set(key, { answer: 'Yes.', answered: true, html: '<script>' }, 60);
    expect(await cache.get(key, Stored, 'acme')).toEqual({ answer: 'Yes.', answered: true });
  });
});
