import { once } from 'node:events';
import { Logger } from '@nestjs/common';
import { type JobsOptions, Queue, QueueKeys, RedisConnection, RedisQueueBackend, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Metrics } from '../metrics/metrics.js';
import { openRedis } from '../redis-connection.js';
import { type QueueName, queueNames } from './jobs.js';
import { makeConnectionName, unnamed } from './present-workers.js';
import {
  type Bell,
  closeWithinMs,
  consuming,
  hangUp,
  locks,
  producing,
  RedisJobQueue,
  type RingData,
  within,
} from './redis-job-queue.js';

type Lines = Record<QueueName, Queue<RingData>>;

/**
 * Keys of Bull begin with `docent:`, so the drivers can be
 * changed on one Redis. A hash tag keeps all keys in one slot.
 */
const prefix = '{docent}';
const workerPrefix = 'docent-mq';
const keys = new QueueKeys(prefix);
/** Nobody reads the stream of events that BullMQ writes for each job. */
const maxEvents = 100;
const jobOptions: JobsOptions = {
  attempts: 1,
  removeOnComplete: true,
  removeOnFail: true,
  stackTraceLimit: 1,
};
/**
 * A ring that could not be removed, for example because
 * Redis has forgotten it, blocks the next one for so long.
 */
const runRetryDelay = 500;

interface Consumer {
  worker: Worker<RingData>;
  taking: Redis;
  /** Waits for the next ring; its name tells who takes from the queue. */
  blocking: Redis;
}

/** Doorbells through BullMQ on Redis. All queues ring over one connection. */
export class BullMqJobQueue extends RedisJobQueue {
  private readonly log = new Logger(BullMqJobQueue.name);
  private readonly ringing: Redis;
  private readonly consumers = new Map<QueueName, Consumer>();
  /** Undefined until Redis was reached. */
  private lines: Lines | undefined;

  /** @param metrics receives the settings of the Redis server */
  constructor(
    private readonly url: string,
    metrics?: Metrics,
  ) {
    super(workerPrefix, metrics);
    this.ringing = openRedis(url, producing);
    this.ringing.on('error', (error) => this.noteOutage(error));
    this.ringing.on('ready', () => {
      this.noteReturn();
      this.openLines();
      void this.checkServer();
    });
  }

  override async consume(
    queue: QueueName,
    concurrency: number,
    answer: (task: string) => Promise<void>,
    owner = unnamed,
  ): Promise<void> {
    if (this.closed || this.consumers.has(queue)) return;
    const answering = this.answerBy(queue, concurrency, answer);
    const taking = this.connect();
    const blocking = this.connect(makeConnectionName(workerPrefix, queue, owner));
    const options = { connection: taking, prefix, concurrency, ...locks, runRetryDelay };
    const worker = new Worker<RingData>(
      queue,
      (job) => answering.hear(job.data.task),
      options,
      // BullMQ would copy the connection, and lose its name and how it notices a silent server.
      (name, given) =>
        new RedisQueueBackend(
          new RedisConnection(taking),
          name,
          keys.getKeys(name),
          (type) => keys.toKey(name, type),
          given,
          new RedisConnection(blocking),
        ),
    );
    worker.on('error', (error) => this.noteFailure(error, taking));
    this.consumers.set(queue, { worker, taking, blocking });
  }

  protected override get client(): Redis {
    return this.ringing;
  }

  protected override async add(name: QueueName, bells: Bell[]): Promise<boolean> {
    const jobs = bells.map(({ id, task, rank }) => ({
      name: 'ring',
      data: { task },
      opts: { ...jobOptions, jobId: id, priority: rank },
    }));
    const added = await this.line(name).addBulk(jobs);
    return added.every((job) => job.id !== undefined);
  }

  protected override countWaiting(name: QueueName): Promise<number> {
    return this.line(name).count();
  }

  /**
   * Waits until nobody waits for a ring, and not, as BullMQ would, until the rings under way are answered.
   */
  protected override stopTaking(): Promise<unknown> {
    const stop = ({ worker, blocking }: Consumer): Promise<unknown> => {
      const ended = blocking.status === 'end' ? Promise.resolve() : once(blocking, 'end');
      worker.pause().catch((error: unknown) => this.noteFailure(error, blocking));
      blocking.disconnect();
      return ended;
    };
    return Promise.all([...this.consumers.values()].map(stop));
  }

  protected override async disconnect(): Promise<void> {
    const consumers = [...this.consumers.values()];
    const closing = [
      ...Object.values(this.lines ?? {}).map((line) => line.close()),
      ...consumers.map(({ worker }) => worker.close(true)),
    ];
    await within(closeWithinMs, Promise.all(closing)).catch(() => undefined);
    for (const connection of [
      this.ringing,
      ...consumers.flatMap(({ taking, blocking }) => [taking, blocking]),
    ])
      hangUp(connection);
  }

  /**
   * BullMQ asks a server for its version once and never again after a failure, so the queues are made when
   * there is a connection, and made again if that fails.
   */
  private openLines(): void {
    if (this.lines || this.closed) return;
    const lines = Object.fromEntries(queueNames.map((name) => [name, this.openLine(name)])) as Lines;
    this.lines = lines;
    Promise.all(Object.values(lines).map((line) => line.waitUntilReady())).catch((error: unknown) => {
      this.noteOutage(error);
      if (this.lines === lines) this.lines = undefined;
    });
  }

  private openLine(name: QueueName): Queue<RingData> {
    const line = new Queue<RingData>(name, {
      connection: this.ringing,
      prefix,
      defaultJobOptions: jobOptions,
      streams: { events: { maxLen: maxEvents } },
    });
    line.on('error', (error) => this.noteFailure(error, this.ringing));
    return line;
  }

  /** A ring must not wait for a connection, as BullMQ would. */
  private line(name: QueueName): Queue<RingData> {
    if (!this.lines || this.ringing.status !== 'ready') throw new Error('Redis is not connected');
    return this.lines[name];
  }

  private connect(connectionName?: string): Redis {
    const connection = openRedis(this.url, { ...consuming, ...(connectionName && { connectionName }) });
    connection.on('error', (error) => this.noteOutage(error));
    return connection;
  }

  /** A ring that Redis has forgotten fails too, and means nothing: the row stays due. */
  private noteFailure(error: unknown, connection: Redis): void {
    if (connection.status === 'ready') this.log.debug({ err: error }, 'a ring could not be ended');
    else this.noteOutage(error);
  }
}
