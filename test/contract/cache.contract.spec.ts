import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cache } from '../../src/platform/cache/cache.js';
import { MemoryCache } from '../../src/platform/cache/memory.js';
import { RedisCache } from '../../src/platform/cache/redis.js';
import { type OwnRedis, ownRedis, redisIsInstalled } from '../redis-server.js';

const megabyte = 1024 * 1024;

/** Looks again until the condition holds: expiry and connections have no event to wait for. */
async function eventually(condition: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('the condition did not come to hold');
    await delay(10);
  }
}

async function connected(cache: Cache): Promise<Cache> {
  await eventually(async () => {
    await cache.set('connected', true, 5);
    return (await cache.get('connected')) === true;
  });
  await cache.delete('connected');
  return cache;
}

function behavesAsACache(open: () => Promise<Cache>): void {
  let cache: Cache;
  beforeEach(async () => {
    cache = await open();
  });
  afterEach(() => cache.close());

  it('returns every kind of JSON value as it was stored', async () => {
    for (const value of [
      { answer: 'Ünïcode 請假', parts: [1, 2.5, null] },
      [0.25, -1],
      'text',
      0,
      false,
      '',
    ]) {
      await cache.set('tenant:key', value, 60);
      expect(await cache.get('tenant:key')).toEqual(value);
    }
  });

  it('knows neither other keys nor deleted ones', async () => {
    await cache.set('a', 1, 60);
    expect(await cache.get('b')).toBeUndefined();
    await cache.delete('a');
    await cache.delete('never there');
    expect(await cache.get('a')).toBeUndefined();
  });

  it('hands out copies: changes by a reader do not reach the cache', async () => {
    await cache.set('list', [1], 60);
    (await cache.get<number[]>('list'))?.push(2);
    expect(await cache.get('list')).toEqual([1]);
  });

  it('forgets a value when its time is up, and keeps none without a time', async () => {
    await cache.set('brief', 'x', 0.05);
    await eventually(async () => (await cache.get('brief')) === undefined);
    await cache.set('gone', 'x', 60);
    await cache.set('gone', 'x', 0);
    expect(await cache.get('gone')).toBeUndefined();
  });

  it('deletes a key that is set to `undefined`', async () => {
    await cache.set('key', 1, 60);
    await cache.set('key', undefined, 60);
    expect(await cache.get('key')).toBeUndefined();
  });

  it('counts hits and misses', async () => {
    const before = cache.stats();
    await cache.set('counted', 1, 60);
    await cache.get('counted');
    await cache.get('counted');
    await cache.get('not there');
    expect(cache.stats().hits - before.hits).toBe(2);
    expect(cache.stats().misses - before.misses).toBe(1);
  });
}

describe('cache: memory', () => {
  behavesAsACache(async () => new MemoryCache(megabyte));

  it('stays within its bytes and drops the least recently used values', async () => {
    const cache = new MemoryCache(100_000);
    await cache.set('old', 'x'.repeat(10_000), 60);
    await cache.set('used', 'x'.repeat(10_000), 60);
    for (let turn = 0; turn < 20; turn += 1) {
      await cache.set(`filler ${turn}`, 'x'.repeat(10_000), 60);
      await cache.get('used');
    }
    expect(cache.stats().bytes).toBeLessThanOrEqual(100_000);
    expect(cache.stats().bytes).toBeGreaterThan(80_000);
    expect(await cache.get('old')).toBeUndefined();
    expect(await cache.get('used')).toHaveLength(10_000);
  });

  it('counts bytes, not characters', async () => {
    const cache = new MemoryCache(megabyte);
    await cache.set('k', '請'.repeat(1000), 60);
    expect(cache.stats().bytes).toBeGreaterThanOrEqual(3_000);
  });

  it('does not keep a value larger than the cache, and keeps nothing when its size is zero', async () => {
    const small = new MemoryCache(1_000);
    await small.set('large', 'x'.repeat(2_000), 60);
    expect(await small.get('large')).toBeUndefined();
    const none = new MemoryCache(0);
    await none.set('k', 1, 60);
    expect(await none.get('k')).toBeUndefined();
    expect(none.stats()).toEqual({ hits: 0, misses: 1, entries: 0, bytes: 0 });
  });

  it('is bounded by the number of entries too', async () => {
    const cache = new MemoryCache(1024 * megabyte);
    for (let turn = 0; turn < 20_100; turn += 1) await cache.set(`k${turn}`, turn, 60);
    expect(cache.stats().entries).toBe(20_000);
  });
});

(redisIsInstalled ? describe : describe.skip)('cache: redis', () => {
  let server: OwnRedis;
  beforeAll(async () => {
    server = await ownRedis();
  });
  afterAll(() => server.stop());

  behavesAsACache(() => connected(new RedisCache(server.url)));

  it('is shared by the processes that use the same Redis', async () => {
    const [one, other] = [
      await connected(new RedisCache(server.url)),
      await connected(new RedisCache(server.url)),
    ];
    await one.set('shared', 'value', 60);
    expect(await other.get('shared')).toBe('value');
    await Promise.all([one.close(), other.close()]);
  });

  it('answers without Redis from the values that it stored or read, until their time is up', async () => {
    const mortal = await ownRedis();
    const far = await connected(new RedisCache(mortal.url));
    const [one, other] = [new RedisCache(mortal.url, megabyte), new RedisCache(mortal.url, megabyte)];
    await eventually(async () => {
      await one.set('from one', 1, 5);
      return (await far.get('from one')) === 1 && (await other.get('from one')) === 1;
    });
    await one.set('stored', { text: 'x' }, 60);
    // long enough to be read once on a busy machine
    await one.set('brief', 'x', 3);
    expect([await other.get('stored'), await other.get('brief')]).toEqual([{ text: 'x' }, 'x']);
    await mortal.stop();
    expect([await one.get('stored'), await other.get('stored')]).toEqual([{ text: 'x' }, { text: 'x' }]);
    await eventually(async () => (await other.get('brief')) === undefined);
    await Promise.all([one.close(), other.close(), far.close()]);
  });

  it('answers as a miss at once when Redis is silent, asks it only once a second, and recovers', async () => {
    const cache = await connected(new RedisCache(server.url));
    await cache.set('key', 'value', 60);
    server.freeze();
    const start = performance.now();
    expect(await cache.get('key')).toBeUndefined();
    const first = performance.now() - start;
    for (let turn = 0; turn < 100; turn += 1) await cache.set(`k${turn}`, 1, 60);
    // a hundred waits for Redis would take fifteen seconds and more
    expect(performance.now() - start).toBeLessThan(6000);
    expect(first).toBeGreaterThanOrEqual(150);
    server.thaw();
    await eventually(async () => (await cache.get('key')) === 'value');
    await cache.close();
  });

  it('answers as a miss, never with an error, when there is no Redis', async () => {
    const absent = await ownRedis();
    await absent.stop();
    const cache = new RedisCache(absent.url);
    await cache.set('key', 1, 60);
    expect(await cache.get('key')).toBeUndefined();
    await cache.delete('key');
    expect(cache.stats().misses).toBe(1);
    await cache.close();
  });

  it('works again after a restart of Redis', async () => {
    const mortal = await ownRedis();
    const cache = await connected(new RedisCache(mortal.url));
    await mortal.stop();
    await eventually(async () => (await cache.get('connected')) === undefined);
    const reborn = await ownRedis({ port: Number(new URL(mortal.url).port) });
    await connected(cache);
    await cache.close();
    await reborn.stop();
  });
});
