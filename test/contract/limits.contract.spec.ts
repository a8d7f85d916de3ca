import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MemoryRateStorage } from '../../src/platform/limits/memory.js';
import type { RateStorage } from '../../src/platform/limits/rate-storage.js';
import { RedisRateStorage } from '../../src/platform/limits/redis.js';
import { eventually } from '../eventually.js';
import { ownRedis, redisIsInstalled, type OwnRedis } from '../redis-server.js';

const hit = (storage: RateStorage, key: string, limit = 3, window = 60_000) =>
  storage.increment(key, window, limit, window, 'default');

function holds(open: () => Promise<RateStorage>): void {
  let storage: RateStorage;
  beforeAll(async () => {
    storage = await open();
  });
  afterAll(() => storage.close());

  it('accepts a key up to its limit and refuses it after', async () => {
    const blocked = [];
    for (let request = 0; request < 5; request++) blocked.push((await hit(storage, 'one')).isBlocked);
    expect(blocked).toEqual([false, false, false, true, true]);
    expect((await hit(storage, 'one')).timeToBlockExpire).toBeGreaterThan(55);
  });

  it('counts every key for itself', async () => {
    for (let request = 0; request < 4; request++) await hit(storage, 'loud');
    expect(await hit(storage, 'quiet')).toMatchObject({ totalHits: 1, isBlocked: false });
  });

  it('starts again when the window is over', async () => {
    for (let request = 0; request < 3; request++) await hit(storage, 'brief', 2, 100);
    await eventually(async () =>
      expect(await hit(storage, 'brief', 2, 100)).toMatchObject({ totalHits: 1, isBlocked: false }),
    );
  });

  it('applies a changed limit at once, to a key that the old one blocks as well', async () => {
    for (let request = 0; request < 4; request++) await hit(storage, 'changed', 3);
    expect((await hit(storage, 'changed', 3)).isBlocked).toBe(true);
    expect(await hit(storage, 'changed', 30)).toMatchObject({ totalHits: 1, isBlocked: false });
    expect((await hit(storage, 'changed', 1)).isBlocked).toBe(false);
    expect((await hit(storage, 'changed', 1)).isBlocked).toBe(true);
  });

  it('counts each of several concurrent hits', async () => {
    // where Redis answers late, which it may on a busy machine, each counts for itself for a second
    await eventually(async () => {
      const key = `crowd-${performance.now()}`;
      const records = await Promise.all(Array.from({ length: 50 }, () => hit(storage, key, 30)));
      expect(records.filter(({ isBlocked }) => !isBlocked)).toHaveLength(30);
    });
  });
}

describe('rate storage: memory', () => holds(async () => new MemoryRateStorage()));

(redisIsInstalled ? describe : describe.skip)('rate storage: redis', () => {
  let redis: OwnRedis;
  const connected = async () => {
    const storage = new RedisRateStorage(redis.url);
    const other = new RedisRateStorage(redis.url);
    // until both are connected each counts for itself
    await eventually(async () => {
      const key = `probe-${performance.now()}`;
      await hit(storage, key);
      expect((await hit(other, key)).totalHits).toBe(2);
    });
    await other.close();
    return storage;
  };
  beforeAll(async () => {
    redis = await ownRedis();
  });
  afterAll(() => redis.stop());

  holds(connected);

  it('holds across processes', async () => {
    const [first, second] = [await connected(), await connected()];
    await eventually(async () => {
      const key = `shared-${performance.now()}`;
      const blocked = [];
      for (const storage of [first, second, first, second])
        blocked.push((await hit(storage, key, 2)).isBlocked);
      expect(blocked).toEqual([false, false, true, true]);
    });
    await Promise.all([first.close(), second.close()]);
  });

  it('goes on counting in the process when Redis is away, from where this process was', async () => {
    const storage = await connected();
    const records = [(await hit(storage, 'alone')).isBlocked];
    await redis.stop();
    for (let request = 0; request < 4; request++) records.push((await hit(storage, 'alone')).isBlocked);
    expect(records).toEqual([false, false, false, true, true]);
    await storage.close();
  });
});
