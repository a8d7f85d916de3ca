import { Module, type DynamicModule } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { MemoryRateStorage } from './memory.js';
import { RateStorage } from './rate-storage.js';

@Module({})
export class LimitsModule {
  static register(env: Env): DynamicModule {
    return {
      module: LimitsModule,
      providers: [{ provide: RateStorage, useFactory: () => openRateStorage(env.REDIS_URL) }],
      exports: [RateStorage],
    };
  }
}

async function openRateStorage(redisUrl: string | undefined): Promise<RateStorage> {
  return redisUrl ? new (await import('./redis.js')).RedisRateStorage(redisUrl) : new MemoryRateStorage();
}
