import Bull, { type Job, type JobOptions, type Queue, type QueueOptions } from 'bull';
import type { Redis } from 'ioredis';
import type { Metrics } from '../metrics/metrics.js';
import { openRedis } from '../redis-connection.js';
import { type QueueName } from './jobs.js';
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

const prefix = 'docent';
/**
 * A ring that could not be removed, for example because Redis has forgotten it, blocks the next one for
 * `retryProcessDelay`.
 */
const settings = { ...locks, retryProcessDelay: 500 };
const jobOptions: JobOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true };

/** Options of Bull for the side that rings. */
export function producerOptions(url: string): QueueOptions {
  return { prefix, settings, defaultJobOptions: jobOptions, createClient: () => openRedis(url, producing) };
}

/** Doorbells through Bull on Redis. */
export class BullJobQueue extends RedisJobQueue {
  private readonly consumers = new Map<QueueName, Queue<RingData>>();
  private readonly connections: Redis[] = [];

  /**
   * @param lines queues made with `producerOptions`
   * @param metrics receives the settings of the Redis server
   */
  constructor(
    private readonly url: string,
    private readonly lines: Lines,
    metrics?: Metrics,
  ) {
    super(prefix, metrics);
    for (const line of Object.values(lines)) {
      // Closed with the others, in order, and not by the framework while it may still be connecting.
      Reflect.deleteProperty(line, 'onApplicationShutdown');
      line.on('error', (error) => this.noteOutage(error));
      line.client.on('ready', () => this.noteReturn());
    }
    this.client.on('ready', () => void this.checkServer());
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
    const answering = this.answerBy(queue, concurrency, answer);
    // Resolves with the consumer's end: it waits by itself for a Redis that is away.
    consumer
      .process(concurrency, (job: Job<RingData>) => answering.hear(job.data.task))
      .catch((error: unknown) => this.noteOutage(error));
  }

  protected override get client(): Redis {
    return this.lines.default.client;
  }

  protected override async add(name: QueueName, bells: Bell[]): Promise<boolean> {
    const jobs = bells.map(({ id, task, rank }) => ({
      data: { task },
      opts: { ...jobOptions, jobId: id, priority: rank },
    }));
    const added = await this.lines[name].addBulk(jobs);
    return added.every((job) => job.id !== undefined);
  }

  protected override countWaiting(name: QueueName): Promise<number> {
    return this.lines[name].getWaitingCount();
  }

  protected override stopTaking(): Promise<unknown> {
    return Promise.all([...this.consumers.values()].map((consumer) => consumer.pause(true, true)));
  }

  protected override async disconnect(): Promise<void> {
    const queues = [...Object.values(this.lines), ...this.consumers.values()];
    await within(closeWithinMs, Promise.all(queues.map((queue) => queue.close(true)))).catch(() => undefined);
    for (const connection of [...Object.values(this.lines).map((line) => line.client), ...this.connections])
      hangUp(connection);
  }

  private connect(connectionName: string): Redis {
    const connection = openRedis(this.url, { ...consuming, connectionName });
    connection.on('error', () => undefined);
    this.connections.push(connection);
    return connection;
  }
}
