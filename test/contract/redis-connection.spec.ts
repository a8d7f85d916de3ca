import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { openRedis } from '../../src/platform/redis-connection.js';
import { type OwnRedis, ownRedis, redisIsInstalled } from '../redis-server.js';

const silentMs = 300;
const options = {
  socketTimeout: silentMs,
  maxRetriesPerRequest: null,
  autoResendUnfulfilledCommands: false,
  retryStrategy: () => 20,
};

(redisIsInstalled ? describe : describe.skip)('a connection to Redis', () => {
  let server: OwnRedis;
  const opened: Redis[] = [];
  beforeAll(async () => {
    server = await ownRedis();
  });
  afterEach(() => {
    server.thaw();
    for (const redis of opened.splice(0)) redis.disconnect();
  });
  afterAll(() => server.stop());

  const open = async (): Promise<Redis> => {
    const redis = openRedis(server.url, options);
    opened.push(redis);
    redis.on('error', () => undefined);
    await redis.ping();
    return redis;
  };
  const told = (redis: Redis, event: 'close' | 'ready'): Promise<void> =>
    new Promise((resolve) => redis.once(event, () => resolve()));

  it('is replaced when an answer is late', async () => {
    const redis = await open();
    server.freeze();
    const closed = told(redis, 'close');
    redis.ping().catch(() => undefined);
    await closed;
    const ready = told(redis, 'ready');
    server.thaw();
    await ready;
  });

  it('is not closed because its predecessor got no answer', async () => {
    const [redis, killer] = [await open(), await open()];
    const ready = told(redis, 'ready');
    // waits for ever, and is cut off in the middle of it
    redis.blpop('nothing', 0).catch(() => undefined);
    await killer.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await ready;
    const end = told(redis, 'close').then(() => 'ended');
    const until = performance.now() + 2 * silentMs;
    let seen = '';
    while (seen !== 'ended' && performance.now() < until) seen = await Promise.race([redis.ping(), end]);
    expect(seen).toBe('PONG');
  });
});
