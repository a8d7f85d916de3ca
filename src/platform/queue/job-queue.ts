import type { QueueName } from './jobs.js';
import type { Ring } from '../database/functions.js';

/** A process that takes from queues, also while it has nothing to do. */
export interface PresentWorker {
  /** As in the leases of its tasks. */
  owner: string;
  queues: string[];
}

/**
 * The doorbell. A ring says only "look at task X now"; the row in the database is the job. A ring may come
 * twice, late or never: the claim decides who works, the sweeper rings again.
 */
export abstract class JobQueue {
  /**
   * Rings once each. Resolves false when the queue cannot be reached, never throws: the
   * sweeper will ring, and a process that takes from the queue answers its own rings then.
   */
  abstract ring(rings: Ring[]): Promise<boolean>;
  /**
   * Starts taking from `queue`, at most `concurrency` rings at once. `answer` never rejects.
   * @param owner the name of the taker among the `workers`
   */
  abstract consume(
    queue: QueueName,
    concurrency: number,
    answer: (task: string) => Promise<void>,
    owner?: string,
  ): Promise<void>;
  /** Stops taking; rings under way go on. */
  abstract pause(): Promise<void>;
  /** The consumers of the queues in every process, by owner; null when that is unknown at the moment. */
  abstract workers(): Promise<PresentWorker[] | null>;
  /** Rings that wait here, per queue; for metrics, not the truth. */
  abstract depth(): Promise<Record<QueueName, number>>;
  /** @throws queue_unavailable */
  abstract ping(): Promise<void>;
  abstract close(): Promise<void>;
}
