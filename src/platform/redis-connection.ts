import { Redis, type RedisOptions } from 'ioredis';

const silentMs = 15_000;
/** A connection that is closed while Redis is away has no end to wait for: its timer would keep the process up. */
const disconnectMs = 250;

/**
 * A connection that is replaced when an answer is 15 s late, since its other end may have disappeared
 * silently. The driver's own timer for that survives its socket and would end the next one although it
 * answers; here it ends with its socket.
 */
export function openRedis(url: string, options: RedisOptions): Redis {
  const redis = new Redis(url, { socketTimeout: silentMs, disconnectTimeout: disconnectMs, ...options });
  redis.on('close', () => forgetSilence(redis));
  return redis;
}

/** Stops the timer for a late answer, which would keep the process up. */
export function forgetSilence(redis: Redis): void {
  clearTimeout(Reflect.get(redis, 'socketTimeoutTimer') as NodeJS.Timeout | undefined);
  Reflect.set(redis, 'socketTimeoutTimer', undefined);
}
