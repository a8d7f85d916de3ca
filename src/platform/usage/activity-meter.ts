import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../database/database.js';
import { findBucket, buckets } from './latency-histogram.js';

const writeEveryMs = 5000;
const sampleEveryMs = 60_000;
const keepSeconds = 8 * 86_400;

interface Counted {
  questions: number;
  answered: number;
  cached: number;
  latency: number[];
}
export interface AnsweredQuestion {
  answered: boolean;
  /** True when the answer came from the cache. */
  cached: boolean;
  milliseconds: number;
}

const nothing = (): Counted => ({
  questions: 0,
  answered: 0,
  cached: 0,
  latency: Array.from({ length: buckets }, () => 0),
});

/**
 * Records the figures over time that the console shows. Counting does not delay a question: counts are
 * written together, after the requests.
 */
@Injectable()
export class ActivityMeter {
  private readonly logger = new Logger(ActivityMeter.name);
  private readonly pending = new Map<string, Counted>();
  private readonly timer = setInterval(() => void this.write(), writeEveryMs).unref();
  private nextSample = 0;

  constructor(private readonly database: Database) {}

  count(tenant: string, { answered, cached, milliseconds }: AnsweredQuestion): void {
    const counted = this.pending.get(tenant) ?? nothing();
    counted.questions++;
    if (answered) counted.answered++;
    if (cached) counted.cached++;
    const bucket = findBucket(milliseconds);
    counted.latency[bucket] = (counted.latency[bucket] ?? 0) + 1;
    this.pending.set(tenant, counted);
  }

  /** Writes the remaining counts. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.writeCounts();
  }

  private async write(): Promise<void> {
    await this.writeCounts();
    if (performance.now() < this.nextSample) return;
    this.nextSample = performance.now() + sampleEveryMs;
    await this.database
      .call('sample_activity', { keep_seconds: keepSeconds })
      .catch((error: unknown) => this.logger.debug({ msg: 'the sample was not written', err: error }));
  }

  /** Figures of a minute in which the database was away are lost: nothing else waits for them. */
  private async writeCounts(): Promise<void> {
    const counted = [...this.pending];
    this.pending.clear();
    for (const [tenant, counts] of counted) {
      await this.database
        .call('record_activity', { tenant, ...counts })
        .catch((error: unknown) => this.logger.debug({ msg: 'the counts were not written', err: error }));
    }
  }
}
