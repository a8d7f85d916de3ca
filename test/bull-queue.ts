import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Metrics } from '../src/platform/metrics/metrics.js';
import { BullQueueModule } from '../src/platform/queue/bull.module.js';
import type { JobQueue } from '../src/platform/queue/job-queue.js';

const driver = Symbol('queue driver');

@Global()
@Module({ providers: [{ provide: Metrics, useFactory: () => new Metrics() }], exports: [Metrics] })
class Measured {}

/** The Bull driver as the application opens it: by its module, with connections of its own. */
export async function openBullQueue(url: string): Promise<{ queue: JobQueue; close(): Promise<void> }> {
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
