import { setTimeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Metrics } from '../metrics/metrics.js';
import { jobs, queueNames } from './jobs.js';

const freshMs = 1000;
const maxWaitMs = 2000;

/**
 * Reads what waits from the rows whenever the metrics are asked
 * for; the last known figures while the database is away.
 */
@Injectable()
export class QueueMetrics {
  private readAt = -Infinity;
  private reading: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly metrics: Metrics,
  ) {
    const collect = (): Promise<void> => this.refresh();
    for (const gauge of [
      metrics.queueDepth,
      metrics.queueOldest,
      metrics.queueRunning,
      metrics.queueDeadLetters,
    ])
      Object.assign(gauge, { collect });
    // A series that begins at one shows no increase: the first success and the first failure would not count.
    for (const task_name of Object.keys(jobs))
      for (const status of ['started', 'succeeded', 'failed'])
        metrics.queueTasks.inc({ task_name, status }, 0);
  }

  /**
   * All are collected at the same time: one question answers them.
   * A database that hangs must not take the other metrics with it.
   */
  private refresh(): Promise<void> {
    if (performance.now() - this.readAt > freshMs) {
      this.readAt = performance.now();
      this.reading = this.read();
    }
    const late = setTimeout(maxWaitMs, undefined, { ref: false });
    return Promise.race([this.reading, late]);
  }

  private async read(): Promise<void> {
    const stats = await this.database.call('queue_stats', { tenant: null, sets: null }).catch(() => null);
    if (!stats) return;
    for (const queue of queueNames) {
      const found = stats.find((row) => row.queue === queue);
      this.metrics.queueDepth.set({ queue }, found?.waiting ?? 0);
      this.metrics.queueOldest.set({ queue }, found?.oldest_seconds ?? 0);
      this.metrics.queueRunning.set({ queue }, found?.running ?? 0);
      this.metrics.queueDeadLetters.set({ queue }, found?.failed ?? 0);
    }
  }
}
