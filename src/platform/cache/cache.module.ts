import { type DynamicModule, Module } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { Cache } from './cache.js';
import { CacheUse } from './cache-use.js';

async function openCache(env: Env): Promise<Cache> {
  if (env.REDIS_URL) return new (await import('./redis.js')).RedisCache(env.REDIS_URL, env.CACHE_MAX_BYTES);
  return new (await import('./memory.js')).MemoryCache(env.CACHE_MAX_BYTES);
}

@Module({})
export class CacheModule {
  /** Redis if it is configured, otherwise the memory of the process. */
  static register(env: Env): DynamicModule {
    return {
      module: CacheModule,
      providers: [{ provide: Cache, useFactory: () => openCache(env) }, CacheUse],
      exports: [Cache, CacheUse],
    };
  }
}
