import { Logger } from '@nestjs/common';
import Bull, { type Job, type JobOptions, type Queue, type QueueOptions } from 'bull';
import type { Redis, RedisOptions } from 'ioredis';
import { Problem } from '../../common/errors.js';
import type { Ring } from '../database/functions.js';
import type { Metrics } from '../metrics/metrics.js';
import { forgetSilence, openRedis } from '../redis-connection.js';
import { Answering } from './answering.js';
import { JobQueue, type PresentWorker } from './job-queue.js';
import { type QueueName, queueNames } from './jobs.js';
import { makeConnectionName, unnamed, workersIn } from './present-workers.js';

interface RingData {
  task: string;
}
type Lines = Record<QueueName, Queue<RingData>>;

const prefix = 'docent';
/** A ring that takes longer is not awaited any further. */
const answerWithinMs = 2500;
/** Rings beyond this many are dropped, as are doubles within a window: rows stay due. */
const maxWaiting = 10_000;
const countEveryMs = 2000;
const windowMs = 30_000;
const closeWithinMs = 2000;
const reconnectMs = 3000;

const retryStrategy = (attempt: number): number => Math.min(attempt * 100, reconnectMs);
/** Fails at once while Redis is away: a request must not hang on a doorbell. */
const producing: RedisOptions = {
  maxRetriesPerRequest: 1,
  enableOfflineQueue: false,
  commandTimeout: 2000,
  connectTimeout: 2000,
  retryStrategy,
};
/** Waits for Redis to come back. */
const consuming: RedisOptions = {
  maxRetriesPerRequest: null,
  enableReadyCheck: false,
  connectTimeout: 5000,
  retryStrategy,
};

/**
 * A crashed process's ring is heard again after at most 40 s; the claim decides whether work is left. A ring
 * that could not be removed, for example because Redis has forgotten it, blocks the next one for
 * `retryProcessDelay`.
 */
const settings = {
  lockDuration: 30_000,
  lockRenewTime: 10_000,
  stalledInterval: 10_000,
  maxStalledCount: 20,
  retryProcessDelay: 500,
};
const jobOptions: JobOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true };

/** Options of Bull for the side that rings. */
export function producerOptions(url: string): QueueOptions {
  return { prefix, settings, defaultJobOptions: jobOptions, createClient: () => openRedis(url, producing) };
}

/**
 * Doorbells through Bull on Redis. While Redis is away, a worker answers the rings of its own process,
 * including the sweeper's. Bull's own attempts, time-outs and delays are not used, since the row has them.
 */
export class BullJobQueue extends JobQueue {
  private readonly logger = new Logger(BullJobQueue.name);
  private readonly consumers = new Map<QueueName, Queue<RingData>>();
  private readonly answering = new Map<QueueName, Answering>();
  private readonly connections: Redis[] = [];
  private readonly waiting = new Map<QueueName, { count: number; at: number }>();
  private away = false;
  private paused = false;
  private closed = false;

  /**
   * @param lines queues made with `producerOptions`
   * @param metrics receives the settings of the Redis server
   */
  constructor(
    private readonly url: string,
    private readonly lines: Lines,
    private readonly metrics?: Metrics,
  ) {
    super();
    for (const line of Object.values(lines)) {
      // Closed with the others, in order, and not by the framework while it may still be connecting.
      Reflect.deleteProperty(line, 'onApplicationShutdown');
      line.on('error', (error) => this.noteOutage(error));
      line.client.on('ready', () => void this.checkServer(line));
    }
  }

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

  override async consume(
    queue: QueueName,
    concurrency: number,
    answer: (task: string) => Promise<void>,
    owner = unnamed,
  ): Promise<void> {
    if (this.closed || this.consumers.has(queue)) return;
    const name = makeConnectionName(prefix, queue, owner);
    const consumer = new Bull<RingData>(queue, { prefix, settings, createClient: () => this.connect(name) });
    consumer.on('error', (error) => this.noteOutage(error));
    // Bull names the connection in an unhandled promise: closing before Redis is reached would end the
    // process.
    Reflect.set(consumer, 'setWorkerName', () => Promise.resolve());
    this.consumers.set(queue, consumer);
    const answering = new Answering(concurrency, answer);
    this.answering.set(queue, answering);
    // Resolves with the consumer's end: it waits by itself for a Redis that is away.
    consumer
      .process(concurrency, (job: Job<RingData>) => answering.hear(job.data.task))
      .catch((error: unknown) => this.noteOutage(error));
  }

  override async pause(): Promise<void> {
    this.paused = true;
    await within(
      closeWithinMs,
      Promise.all([...this.consumers.values()].map((consumer) => consumer.pause(true, true))),
    ).catch(() => undefined);
  }

  override async workers(): Promise<PresentWorker[] | null> {
    try {
      return workersIn(
        String(await within(answerWithinMs, this.lines.default.client.client('LIST'))),
        prefix,
      );
    } catch {
      // Redis is away, or the server forbids the question
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
      await within(answerWithinMs, this.lines.default.client.ping());
    } catch (error) {
      throw new Problem('queue_unavailable', undefined, { cause: error });
    }
  }

  override async close(): Promise<void> {
    this.closed = true;
    const queues = [...Object.values(this.lines), ...this.consumers.values()];
    await within(closeWithinMs, Promise.all(queues.map((queue) => queue.close(true)))).catch(() => undefined);
    for (const connection of [...Object.values(this.lines).map((line) => line.client), ...this.connections])
      hangUp(connection);
  }

  private async deliver(name: QueueName, rings: Ring[]): Promise<boolean> {
    try {
      const room = maxWaiting - (await this.roughCount(name));
      const jobs = rings.slice(0, Math.max(0, room)).map((ring) => ({
        data: { task: ring.task },
        opts: { ...jobOptions, jobId: makeId(ring), priority: computeRank(ring.priority) },
      }));
      if (jobs.length === 0) return true;
      const added = await within(answerWithinMs, this.lines[name].addBulk(jobs));
      this.away = false;
      return added.every(({ id }) => id !== undefined);
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
    const count = await within(answerWithinMs, this.lines[name].getWaitingCount());
    this.waiting.set(name, { count, at: performance.now() });
    return count;
  }

  private connect(connectionName: string): Redis {
    const connection = openRedis(this.url, { ...consuming, connectionName });
    connection.on('error', () => undefined);
    this.connections.push(connection);
    return connection;
  }

  private noteOutage(error: unknown): void {
    if (this.away || this.closed) return;
    this.away = true;
    this.logger.warn({ err: error }, 'Redis is away: workers take tasks at each sweep until it is back');
  }

  /** Rows survive anything, but a Redis that evicts keys or forgets on a restart makes tasks late. */
  private async checkServer(line: Queue<RingData>): Promise<void> {
    this.away = false;
    if (line !== this.lines.default) return;
    try {
      const [, policy] = (await line.client.config('GET', 'maxmemory-policy')) as string[];
      const [, appendOnly] = (await line.client.config('GET', 'appendonly')) as string[];
      this.metrics?.redisPolicy.set({ setting: 'maxmemory-policy' }, policy === 'noeviction' ? 1 : 0);
      this.metrics?.redisPolicy.set({ setting: 'appendonly' }, appendOnly === 'yes' ? 1 : 0);
      if (policy !== 'noeviction')
        this.logger.warn(`Redis: maxmemory-policy is ${policy}, it should be noeviction`);
      if (appendOnly !== 'yes')
        this.logger.warn('Redis: appendonly is off, a restart forgets doorbells until the next sweep');
    } catch {
      // Managed servers forbid CONFIG.
    }
  }
}

/** Closes without a farewell. */
function hangUp(connection: Redis): void {
  connection.disconnect();
  forgetSilence(connection);
}

/**
 * All rings of a task between two claims, within a window, have the same id: Bull keeps one of them. A ring
 * that Bull has lost is possible again in the next window, and a ring that a dead worker holds until its lock
 * expires does not block the next claim's ring.
 */
const makeId = ({ task, token }: Ring): string => `${task}:${token}:${Math.floor(Date.now() / windowMs)}`;

const lowestRank = 1000;
/** Bull takes the lowest number first, and those without a number before all. */
const computeRank = (priority: number): number =>
  lowestRank - Math.max(0, Math.min(lowestRank - 1, priority));

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
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
