import { Redis } from 'ioredis';

/** The settings that matter to a queue; null where a managed server hides them. */
export interface RedisState {
  version: string;
  /** `maxmemory-policy`; anything but `noeviction` loses doorbells. */
  policy: string | null;
  /** `appendonly`: without it a restart forgets doorbells. */
  isDurable: boolean | null;
}

async function withRedis<T>(url: string, seconds: number, ask: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: seconds * 1000,
    commandTimeout: seconds * 1000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // the failing command reports the error; without a listener it would be printed too
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}

const readVersion = async (redis: Redis): Promise<string> =>
  /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'unknown';

/** The version of the Redis at `url`; rejects where there is none within so many seconds. */
export const redisVersion = (url: string, seconds: number): Promise<string> =>
  withRedis(url, seconds, readVersion);

/** The Redis at `url` with the settings that a queue depends on; rejects where there is none. */
export const redisState = (url: string, seconds: number): Promise<RedisState> =>
  withRedis(url, seconds, async (redis) => {
    const version = await readVersion(redis);
    const setting = async (name: string): Promise<string | null> =>
      ((await redis.config('GET', name).catch(() => [])) as string[])[1] ?? null;
    const appendOnly = await setting('appendonly');
    return {
      version,
      policy: await setting('maxmemory-policy'),
      isDurable: appendOnly === null ? null : appendOnly === 'yes',
    };
  });
