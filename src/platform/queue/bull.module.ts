import { BullModule, getQueueToken } from '@nestjs/bull';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Queue } from 'bull';
import { Metrics } from '../metrics/metrics.js';
import { BullJobQueue, producerOptions } from './bull.js';
import { queueNames } from './jobs.js';

/** Loaded only when Bull is the driver, so that it does not slow down the boot of others. */
@Module({})
export class BullQueueModule {
  /** @param token under which the driver is exported */
  static register(redisUrl: string, token: symbol): DynamicModule {
    return {
      module: BullQueueModule,
      imports: [
        BullModule.registerQueue(...queueNames.map((name) => ({ name, ...producerOptions(redisUrl) }))),
      ],
      providers: [
        {
          provide: token,
          inject: [...queueNames.map((name) => getQueueToken(name)), { token: Metrics, optional: true }],
          useFactory: (ingestion: Queue, summary: Queue, other: Queue, embedding: Queue, metrics?: Metrics) =>
            new BullJobQueue(redisUrl, { ingestion, summary, default: other, embedding }, metrics),
        },
      ],
      exports: [token],
    };
  }
}
