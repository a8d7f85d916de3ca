import { Redis } from 'ioredis';

/** The version of the Redis at `url`; rejects where there is none within so many seconds. */
export async function redisVersion(url: string, seconds: number): Promise<string> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: seconds * 1000,
    commandTimeout: seconds * 1000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // the command that fails says so itself; without a listener the error would be printed too
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'unknown';
  } finally {
    redis.disconnect();
  }
}
