import { type DynamicModule, Module } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { Announcer } from './announcer.js';
import { EmbeddedQueue } from './embedded.js';
import { JobQueue } from './job-queue.js';
import { QueueMetrics } from './queue-metrics.js';
import { TaskRunner } from './runner.js';
import { Sweeper } from './sweeper.js';
import { TaskProducer } from './task-producer.js';
import { TaskStore } from './task-store.js';

const driver = Symbol('queue driver');
const work = [TaskStore, Announcer, TaskProducer, TaskRunner, Sweeper, QueueMetrics];

@Module({})
export class QueueModule {
  /** The driver that `QUEUE_DRIVER` names, and what works on tasks; needs the other ports from the global platform module. */
  static register(env: Env): DynamicModule {
    if (env.QUEUE_DRIVER === 'bull') {
      const bull = import('./bull.module.js').then(({ BullQueueModule }) =>
        BullQueueModule.register(env.REDIS_URL ?? '', driver),
      );
      const providers = [{ provide: JobQueue, useExisting: driver }, ...work];
      return { module: QueueModule, imports: [bull], providers, exports: [JobQueue, ...work] };
    }
    return {
      module: QueueModule,
      providers: [{ provide: JobQueue, useClass: EmbeddedQueue }, ...work],
      exports: [JobQueue, ...work],
    };
  }
}
