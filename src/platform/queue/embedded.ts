import PQueue from 'p-queue';
import { Logger } from '@nestjs/common';
import type { Ring } from '../database/functions.js';
import { JobQueue, type PresentWorker } from './job-queue.js';
import { type QueueName, queueNames } from './jobs.js';
import { byOwner, unnamed } from './present-workers.js';

/** Rings beyond this many are dropped: their rows stay due, and the sweeper rings again. */
const maxWaiting = 10_000;

interface Lane {
  line: PQueue;
  /** Tasks whose ring has not been answered yet: ringing again changes nothing. */
  waiting: Set<string>;
  answer?: (task: string) => Promise<void>;
  owner?: string;
}

/** Doorbells within the process. Rings before `consume` wait. */
export class EmbeddedQueue extends JobQueue {
  private readonly logger = new Logger(EmbeddedQueue.name);
  private readonly lanes = new Map<string, Lane>(
    queueNames.map((name) => [
      name,
      { line: new PQueue({ concurrency: 1, autoStart: false }), waiting: new Set() },
    ]),
  );
  private closed = false;

  override async ring(rings: Ring[]): Promise<boolean> {
    if (this.closed) return false;
    for (const ring of rings) this.enqueue(ring);
    return true;
  }

  override async consume(
    queue: QueueName,
    concurrency: number,
    answer: (task: string) => Promise<void>,
    owner = unnamed,
  ): Promise<void> {
    const lane = this.lanes.get(queue);
    if (!lane || this.closed) return;
    lane.answer = answer;
    lane.owner = owner;
    lane.line.concurrency = concurrency;
    lane.line.start();
  }

  override async pause(): Promise<void> {
    for (const { line } of this.lanes.values()) line.pause();
  }

  override async workers(): Promise<PresentWorker[]> {
    if (this.closed) return [];
    return byOwner([...this.lanes].flatMap(([queue, { owner }]) => (owner ? [{ queue, owner }] : [])));
  }

  override async depth(): Promise<Record<QueueName, number>> {
    return Object.fromEntries(
      queueNames.map((name) => [name, this.lanes.get(name)?.waiting.size ?? 0]),
    ) as Record<QueueName, number>;
  }

  override async ping(): Promise<void> {
    // In the process itself: there is nothing that could be away.
  }

  override async close(): Promise<void> {
    this.closed = true;
    for (const { line, waiting } of this.lanes.values()) {
      line.pause();
      line.clear();
      waiting.clear();
    }
  }

  private enqueue({ task, queue, priority }: Ring): void {
    const lane = this.lanes.get(queue);
    if (!lane || lane.waiting.has(task) || lane.waiting.size >= maxWaiting) return;
    lane.waiting.add(task);
    lane.line
      .add(
        async () => {
          lane.waiting.delete(task);
          await lane.answer?.(task);
        },
        { priority },
      )
      .catch((error: unknown) => this.closed || this.logger.error(error));
  }
}
