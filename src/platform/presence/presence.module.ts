import { Module, type DynamicModule } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { Presence } from './presence.js';

/** In Redis if the queue is there, so that all processes know it; otherwise in the process. */
async function openPresence(env: Env): Promise<Presence> {
  if (env.QUEUE_DRIVER !== 'embedded' && env.REDIS_URL)
    return new (await import('./redis.js')).RedisPresence(env.REDIS_URL);
  return new (await import('./memory.js')).MemoryPresence();
}

@Module({})
export class PresenceModule {
  static register(env: Env): DynamicModule {
    return {
      module: PresenceModule,
      providers: [{ provide: Presence, useFactory: () => openPresence(env) }],
      exports: [Presence],
    };
  }
}
