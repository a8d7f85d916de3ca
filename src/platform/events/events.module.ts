import { Module, type DynamicModule } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { EventBus } from './event-bus.js';

/** Events go through Redis if the queue does, otherwise they stay in the process. */
async function openEventBus(env: Env): Promise<EventBus> {
  if (env.QUEUE_DRIVER !== 'embedded' && env.REDIS_URL)
    return new (await import('./redis.js')).RedisEventBus(env.REDIS_URL);
  return new (await import('./memory.js')).MemoryEventBus();
}

@Module({})
export class EventsModule {
  static register(env: Env): DynamicModule {
    return {
      module: EventsModule,
      providers: [{ provide: EventBus, useFactory: () => openEventBus(env) }],
      exports: [EventBus],
    };
  }
}
