import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { Metrics } from '../metrics/metrics.js';
import { Announcer } from './announcer.js';
import { EmbeddedQueue } from './embedded.js';
import { JobQueue } from './job-queue.js';
import { QueueMetrics } from './queue-metrics.js';
import { TaskRunner } from './runner.js';
import { Sweeper } from './sweeper.js';
import { TaskProducer } from './task-producer.js';
import { TaskStore } from './task-store.js';

const bull = Symbol('queue driver on Bull');
const work = [TaskStore, Announcer, TaskProducer, TaskRunner, Sweeper, QueueMetrics];

interface Driver {
  imports: Promise<DynamicModule>[];
  provider: Provider;
}

/** A driver on Redis is loaded only when it is chosen, so that it does not slow down the boot of others. */
function driverFor({ QUEUE_DRIVER, REDIS_URL: url = '' }: Env): Driver {
  if (QUEUE_DRIVER === 'bull') {
    const module = import('./bull.module.js').then(({ BullQueueModule }) =>
      BullQueueModule.register(url, bull),
    );
    return { imports: [module], provider: { provide: JobQueue, useExisting: bull } };
  }
  if (QUEUE_DRIVER === 'bullmq') {
    const open = async (metrics?: Metrics) => new (await import('./bullmq.js')).BullMqJobQueue(url, metrics);
    const inject = [{ token: Metrics, optional: true }];
    return { imports: [], provider: { provide: JobQueue, inject, useFactory: open } };
  }
  return { imports: [], provider: { provide: JobQueue, useClass: EmbeddedQueue } };
}

@Module({})
export class QueueModule {
  /**
   * The driver that `QUEUE_DRIVER` names, and what works on
   * tasks; needs the other ports from the global platform module.
   */
  static register(env: Env): DynamicModule {
    const { imports, provider } = driverFor(env);
    return { module: QueueModule, imports, providers: [provider, ...work], exports: [JobQueue, ...work] };
  }
}
