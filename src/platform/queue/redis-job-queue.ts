import { Logger } from '@nestjs/common';
import type { Redis, RedisOptions } from 'ioredis';
import { Problem } from '../../common/errors.js';
import type { Ring } from '../database/functions.js';
import type { Metrics } from '../metrics/metrics.js';
import { forgetSilence } from '../redis-connection.js';
import { Answering } from './answering.js';
import { JobQueue, type PresentWorker } from './job-queue.js';
import { type QueueName, queueNames } from './jobs.js';
import { workersIn } from './present-workers.js';

export interface RingData {
  task: string;
}

/** A ring as a job of the library: its number for a priority, the lowest first. */
export interface Bell {
  id: string;
  task: string;
  rank: number;
}

/** A ring that takes longer is not awaited any further. */
const answerWithinMs = 2500;
/** Rings beyond this many are dropped, as are doubles within a window: rows stay due. */
const maxWaiting = 10_000;
const countEveryMs = 2000;
const windowMs = 30_000;
export const closeWithinMs = 2000;
const reconnectMs = 3000;

const retryStrategy = (attempt: number): number => Math.min(attempt * 100, reconnectMs);
/** Fails at once while Redis is away: a request must not hang on a doorbell. */
export const producing: RedisOptions = {
  maxRetriesPerRequest: 1,
  enableOfflineQueue: false,
  commandTimeout: 2000,
  connectTimeout: 2000,
  retryStrategy,
};
/** Waits for Redis to come back. */
export const consuming: RedisOptions = {
  maxRetriesPerRequest: null,
  enableReadyCheck: false,
  connectTimeout: 5000,
  retryStrategy,
};

/** A crashed process's ring is heard again after at most 40 s; the claim decides whether work is left. */
export const locks = {
  lockDuration: 30_000,
  lockRenewTime: 10_000,
  stalledInterval: 10_000,
  maxStalledCount: 20,
};

/**
 * Doorbells on Redis, whichever library puts them there. While Redis is away, a worker answers the rings of
 * its own process, including the sweeper's. Attempts, time-outs and delays of the library are not used, since
 * the row has them.
 */
export abstract class RedisJobQueue extends JobQueue {
  private readonly logger = new Logger(this.constructor.name);
  private readonly answering = new Map<QueueName, Answering>();
  private readonly waiting = new Map<QueueName, { count: number; at: number }>();
  private away = false;
  private paused = false;
  protected closed = false;

  /**
   * @param workerPrefix begins the names of the workers' connections; without colons
   * @param metrics receives the settings of the Redis server
   */
  constructor(
    protected readonly workerPrefix: string,
    private readonly metrics?: Metrics,
  ) {
    super();
  }

  /** The connection that rings. */
  protected abstract get client(): Redis;
  /** Resolves false when Redis did not take all of them. */
  protected abstract add(name: QueueName, bells: Bell[]): Promise<boolean>;
  protected abstract countWaiting(name: QueueName): Promise<number>;
  /** Resolves when nothing more is taken. */
  protected abstract stopTaking(): Promise<unknown>;
  protected abstract disconnect(): Promise<void>;

  override async ring(rings: Ring[]): Promise<boolean> {
    if (this.closed) return false;
    const delivered = await Promise.all(
      queueNames.map(async (name) => {
        const wanted = rings.filter((ring) => ring.queue === name);
        if (wanted.length === 0 || (await this.deliver(name, wanted))) return true;
        if (!this.paused) void this.answering.get(name)?.ring(wanted);
        return false;
      }),
    );
    return delivered.every(Boolean);
  }

  override async pause(): Promise<void> {
    this.paused = true;
    await within(closeWithinMs, this.stopTaking()).catch(() => undefined);
  }

  override async workers(): Promise<PresentWorker[] | null> {
    try {
      const clients = await within(answerWithinMs, this.client.client('LIST'));
      return workersIn(String(clients), this.workerPrefix);
    } catch {
      // Redis is away, or the server forbids the question.
      return null;
    }
  }

  override async depth(): Promise<Record<QueueName, number>> {
    const counts = await Promise.all(
      queueNames.map((name) => this.count(name).catch(() => this.waiting.get(name)?.count ?? 0)),
    );
    return Object.fromEntries(queueNames.map((name, place) => [name, counts[place] ?? 0])) as Record<
      QueueName,
      number
    >;
  }

  override async ping(): Promise<void> {
    try {
      await within(answerWithinMs, this.client.ping());
    } catch (error) {
      throw new Problem('queue_unavailable', undefined, { cause: error });
    }
  }

  override async close(): Promise<void> {
    this.closed = true;
    await this.disconnect();
  }

  /** Rings of `name` that this process hears by itself, or from the library, are answered by this. */
  protected answerBy(
    name: QueueName,
    concurrency: number,
    answer: (task: string) => Promise<void>,
  ): Answering {
    const answering = new Answering(concurrency, answer);
    this.answering.set(name, answering);
    return answering;
  }

  protected noteOutage(error: unknown): void {
    if (this.away || this.closed) return;
    this.away = true;
    this.logger.warn({ err: error }, 'Redis is away: workers take tasks at each sweep until it is back');
  }

  protected noteReturn(): void {
    this.away = false;
  }

  /** Rows survive anything, but a Redis that evicts keys or forgets on a restart makes tasks late. */
  protected async checkServer(): Promise<void> {
    try {
      const [, policy] = (await this.client.config('GET', 'maxmemory-policy')) as string[];
      const [, appendOnly] = (await this.client.config('GET', 'appendonly')) as string[];
      this.metrics?.redisPolicy.set({ setting: 'maxmemory-policy' }, policy === 'noeviction' ? 1 : 0);
      this.metrics?.redisPolicy.set({ setting: 'appendonly' }, appendOnly === 'yes' ? 1 : 0);
      if (policy !== 'noeviction')
        this.logger.warn(`Redis: maxmemory-policy is ${policy}; it should be noeviction`);
      if (appendOnly !== 'yes')
        this.logger.warn(
          'Redis: appendonly is off; after a restart queued rings are lost until the next sweep',
        );
    } catch {
      // Managed servers forbid CONFIG.
    }
  }

  private async deliver(name: QueueName, rings: Ring[]): Promise<boolean> {
    try {
      const room = maxWaiting - (await this.roughCount(name));
      const bells = rings.slice(0, Math.max(0, room)).map(bellFrom);
      if (bells.length === 0) return true;
      const added = await within(answerWithinMs, this.add(name, bells));
      this.noteReturn();
      return added;
    } catch (error) {
      this.noteOutage(error);
      return false;
    }
  }

  private async roughCount(name: QueueName): Promise<number> {
    const known = this.waiting.get(name);
    return known && performance.now() - known.at < countEveryMs ? known.count : this.count(name);
  }

  private async count(name: QueueName): Promise<number> {
    const count = await within(answerWithinMs, this.countWaiting(name));
    this.waiting.set(name, { count, at: performance.now() });
    return count;
  }
}

/** Closes without a farewell, for good. */
export function hangUp(connection: Redis): void {
  // a library whose call was cut connects again, and would go on trying while Redis is away
  connection.options.retryStrategy = () => null;
  // a second time ioredis waits for the close of a stream that is closed, and keeps the process for it
  if (connection.status !== 'end') connection.disconnect();
  forgetSilence(connection);
}

const lowestRank = 1000;

/**
 * All rings of a task between two claims, within a window, have the same id: the library keeps one of them. A
 * ring that Redis has lost is possible again in the next window, and a ring that a dead worker holds until
 * its lock expires does not block the next claim's ring. Both libraries take the lowest number first, and
 * those without a number before all.
 */
const bellFrom = ({ task, token, priority }: Ring): Bell => ({
  id: `${task}.${token}.${Math.floor(Date.now() / windowMs)}`,
  task,
  rank: lowestRank - Math.max(0, Math.min(lowestRank - 1, priority)),
});

export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
