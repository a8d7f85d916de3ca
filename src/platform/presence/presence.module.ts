import { Module, type DynamicModule } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { Presence } from './presence.js';

/** Known to all where events reach all: in Redis where the queue is, and in the process otherwise. */
async function openPresence(env: Env): Promise<Presence> {
  if (env.QUEUE_DRIVER === 'bull' && env.REDIS_URL)
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
