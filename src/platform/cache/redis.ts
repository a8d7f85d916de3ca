import type { Redis } from 'ioredis';
import { Cache, type CacheStats } from './cache.js';
import { MemoryCache } from './memory.js';
import { openRedis } from '../redis-connection.js';

const keyPrefix = 'docent:cache:';
const commandTimeout = 200;
/** Pause after a failure: a dead Redis then costs one time-out a second and not one for each look-up. */
const pauseAfterFailure = 1_000;

/**
 * The cache that all processes share. A Redis that is absent, slow or full counts as a miss. Values that this
 * process has stored or read are also kept in its memory for as long: a repeated look-up costs no round trip.
 */
export class RedisCache extends Cache {
  private readonly redis: Redis;
  private readonly near: MemoryCache;
  private awayUntil = 0;
  private hits = 0;
  private misses = 0;

  /** @param nearBytes of the copies in this process; 0 keeps none */
  constructor(url: string, nearBytes = 0) {
    super();
    this.near = new MemoryCache(nearBytes);
    this.redis = openRedis(url, {
      keyPrefix,
      commandTimeout,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectTimeout: 2_000,
      retryStrategy: (attempt) => Math.min(attempt * 100, 3_000),
    });
    // without a listener, a refused connection would end the process; look-ups count it as a miss
    this.redis.on('error', () => undefined);
  }

  async text(key: string): Promise<string | undefined> {
    const json = (await this.near.text(key)) ?? (await this.fetch(key));
    if (json === undefined) this.misses += 1;
    else this.hits += 1;
    return json;
  }

  /** Value and remaining time in one round trip. */
  private async fetch(key: string): Promise<string | undefined> {
    const found = await this.ask(() => this.redis.pipeline().get(key).pttl(key).exec());
    const [json, ttl] = found?.map(([error, answer]) => (error ? null : answer)) ?? [];
    if (typeof json !== 'string' || !isJson(json)) return undefined;
    if (typeof ttl === 'number') this.near.keep(key, json, ttl / 1000);
    return json;
  }

  async set(key: string, value: unknown, ttlSeconds: number): Promise<void> {
    const json = JSON.stringify(value) as string | undefined;
    if (json === undefined || !(ttlSeconds > 0)) return this.delete(key);
    this.near.keep(key, json, ttlSeconds);
    await this.ask(() => this.redis.set(key, json, 'PX', Math.ceil(ttlSeconds * 1000)));
  }

  async delete(key: string): Promise<void> {
    await this.near.delete(key);
    await this.ask(() => this.redis.del(key));
  }

  /** Look-ups of this process; what Redis holds is not counted. */
  stats(): CacheStats {
    return { hits: this.hits, misses: this.misses, entries: 0, bytes: 0 };
  }

  async close(): Promise<void> {
    this.redis.disconnect();
  }

  private async ask<T>(command: () => Promise<T>): Promise<T | undefined> {
    if (this.redis.status !== 'ready' || performance.now() < this.awayUntil) return undefined;
    try {
      return await command();
    } catch {
      this.awayUntil = performance.now() + pauseAfterFailure;
      return undefined;
    }
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
