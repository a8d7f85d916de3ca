import { Logger } from '@nestjs/common';
import { outsideContext } from '../../common/request-context.js';
import type { RunningTask } from './running-task.js';
import type { TaskStore } from './task-store.js';

/** Often enough that a cancelled task stops within two seconds. */
const maxIntervalMs = 1000;

/**
 * Keeps the leases of all tasks of this process with one
 * call a beat, and stops those that were cancelled or lost.
 */
export class Heartbeat {
  private readonly logger = new Logger(Heartbeat.name);
  private readonly running = new Map<string, RunningTask>();
  private readonly intervalMs: number;
  private timer: NodeJS.Timeout | undefined;
  private missed = 0;

  constructor(
    private readonly tasks: TaskStore,
    private readonly owner: string,
    private readonly leaseSeconds: number,
  ) {
    this.intervalMs = Math.min(maxIntervalMs, (leaseSeconds * 1000) / 4);
  }

  add(running: RunningTask): void {
    this.running.set(running.task.id, running);
    this.schedule();
  }

  /** Only if it still belongs to this claim: a task may come back to the process that lost it. */
  remove(running: RunningTask): void {
    if (this.running.get(running.task.id) === running) this.running.delete(running.task.id);
  }

  private schedule(): void {
    if (this.timer || this.running.size === 0) return;
    // the beat is of all tasks, not of the one that happens to come first
    this.timer = outsideContext(() =>
      setTimeout(() => void this.beat().finally(() => this.again()), this.intervalMs).unref(),
    );
  }

  private again(): void {
    this.timer = undefined;
    this.schedule();
  }

  private async beat(): Promise<void> {
    const beaten = [...this.running.values()];
    if (beaten.length === 0) return;
    try {
      const { lost, cancelled } = await this.tasks.heartbeat(
        this.owner,
        this.leaseSeconds,
        beaten.map((running) => running.beat()),
      );
      const [gone, unwanted] = [new Set(lost), new Set(cancelled)];
      for (const running of beaten) {
        if (gone.has(running.task.id)) running.stop('lost');
        else if (unwanted.has(running.task.id)) running.stop('cancelled');
      }
      this.missed = 0;
    } catch (error) {
      // The lease may expire meanwhile. Nothing is aborted: the fencing token protects the worker that takes
      // over.
      this.missed += 1;
      if (this.missed === 1) this.logger.warn({ err: error, tasks: beaten.length }, 'heartbeat failed');
    }
  }
}
