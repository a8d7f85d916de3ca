import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Metrics } from '../src/platform/metrics/metrics.js';
import { BullQueueModule } from '../src/platform/queue/bull.module.js';
import { BullMqJobQueue } from '../src/platform/queue/bullmq.js';
import type { JobQueue } from '../src/platform/queue/job-queue.js';

export interface OpenedQueue {
  queue: JobQueue;
  close(): Promise<void>;
}

const driver = Symbol('queue driver');

@Global()
@Module({ providers: [{ provide: Metrics, useFactory: () => new Metrics() }], exports: [Metrics] })
class Measured {}

async function openBull(url: string): Promise<OpenedQueue> {
  const module = await Test.createTestingModule({
    imports: [Measured, BullQueueModule.register(url, driver)],
  }).compile();
  const queue = module.get<JobQueue>(driver);
  return {
    queue,
    close: async () => {
      await queue.close();
      await module.close();
    },
  };
}

async function openBullMq(url: string): Promise<OpenedQueue> {
  const queue = new BullMqJobQueue(url, new Metrics());
  return { queue, close: () => queue.close() };
}

/** The drivers on Redis as the application opens them, each with connections of its own. */
export const redisQueues = { bull: openBull, bullmq: openBullMq };
