import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Redis, RedisOptions } from 'ioredis';
import { Problem } from '../../common/errors.js';
import { EventBus, type Listener } from './event-bus.js';
import { EventHistory } from './event-history.js';
import { compareEventIds, historyMilliseconds, isEventId } from './event-id.js';
import type { NewNotification, Notification, TenantNotification } from './events.js';
import { Listeners } from './listeners.js';
import { openRedis } from '../redis-connection.js';

const stream = 'docent:events';
/** Two minutes with four hundred events a second; older ones are dropped. */
const maxEvents = 50_000;
const readAtOnce = 500;
const blockMs = 5000;
/** A blocking read without an answer after this time is on a half-open connection. */
const deadAfterMs = 15_000;
const warnEveryMs = 30_000;
/**
 * After an event could not be sent in this time, the next ones are dropped for a moment, so that a batch does
 * not wait for each of its events.
 */
const slowMs = 500;
const pauseAfterSlowMs = 1000;

const retryStrategy = (attempt: number): number => Math.min(attempt * 100, 3000);
/** Commands fail at once while Redis is away: hints are not worth a wait. */
const writing: RedisOptions = {
  maxRetriesPerRequest: 0,
  enableOfflineQueue: false,
  commandTimeout: 2000,
  connectTimeout: 2000,
  retryStrategy,
};
const reading: RedisOptions = { maxRetriesPerRequest: null, connectTimeout: 5000, retryStrategy };

/** `[id, [field, value, …]]`, as Redis gives the entries of a stream. */
type Entry = [id: string, fields: string[]];

/**
 * Carries events between processes in one Redis stream. Each process reads the stream itself from its last
 * position: a cut connection loses nothing that Redis still has, and nothing is delivered twice.
 */
export class RedisEventBus extends EventBus {
  private readonly logger = new Logger('EventBus');
  private readonly listeners = new Listeners();
  private readonly history = new EventHistory();
  private readonly writer: Redis;
  private reader?: Redis;
  /** The id where this process began to read; later events are in its own history. */
  private begun?: string;
  private closed = false;
  private warnedAt = -Infinity;
  private silentUntil = -Infinity;

  constructor(private readonly url: string) {
    super();
    this.writer = this.connection(writing);
  }

  override async publish(tenant: string, fresh: NewNotification): Promise<void> {
    const begun = performance.now();
    if (begun < this.silentUntil) return;
    const event = JSON.stringify({ ...fresh, at: new Date().toISOString() });
    try {
      await this.connected();
      await this.writer.xadd(stream, 'MAXLEN', '~', maxEvents, '*', 'tenant', tenant, 'event', event);
    } catch (error) {
      const failed = performance.now();
      if (failed - begun > slowMs) this.silentUntil = failed + pauseAfterSlowMs;
      this.warn(`could not publish an event: ${String(error)}`);
    }
  }

  override subscribe(listener: Listener): () => void {
    if (!this.reader && !this.closed) {
      this.reader = this.connection(reading);
      void this.read(this.reader, this.newestId());
    }
    return this.listeners.add(listener);
  }

  override async since(tenant: string, id: string): Promise<TenantNotification[]> {
    if (!isEventId(id)) return [];
    if (this.begun !== undefined && compareEventIds(id, this.begun) >= 0)
      return this.history.since(tenant, id);
    try {
      await this.connected();
      const [seconds] = (await this.writer.time()) as unknown as [string | number];
      const oldest = `${Number(seconds) * 1000 - historyMilliseconds}-0`;
      const from = compareEventIds(id, oldest) > 0 ? id : oldest;
      return (await this.range(from)).filter((event) => event.tenant === tenant);
    } catch (error) {
      throw new Problem('queue_unavailable', 'Missed events are temporarily unavailable.', { cause: error });
    }
  }

  override async ping(): Promise<void> {
    try {
      await this.connected();
      await this.writer.ping();
    } catch (error) {
      throw new Problem('queue_unavailable', 'Redis does not answer.', { cause: error });
    }
  }

  override close(): Promise<void> {
    this.closed = true;
    this.listeners.clear();
    this.history.clear();
    this.writer.disconnect();
    this.reader?.disconnect();
    return Promise.resolve();
  }

  private connection(options: RedisOptions): Redis {
    const redis = openRedis(this.url, options);
    // without a listener a refused connection would end the process
    redis.on('error', (error) => this.warn(`Redis: ${error.message}`));
    return redis;
  }

  /** Waits for a connection that is being made, but not after it failed. */
  private connected(): Promise<void> {
    if (this.writer.status !== 'connecting' && this.writer.status !== 'connect') return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.writer.off('ready', done).off('close', done);
        resolve();
      };
      this.writer.once('ready', done).once('close', done);
    });
  }

  /**
   * Uses the writing connection, so that the id precedes everything that this process publishes from now on.
   */
  private async newestId(): Promise<string> {
    await this.connected();
    const [last] = (await this.writer.xrevrange(stream, '+', '-', 'COUNT', 1)) as Entry[];
    return last?.[0] ?? '0-0';
  }

  private async read(reader: Redis, start: Promise<string | undefined>): Promise<void> {
    let last = await start.catch(() => undefined);
    while (!this.closed) {
      try {
        last ??= await this.newestId();
        this.begun ??= last;
        for (const entry of await this.entriesAfter(reader, last)) {
          last = entry[0];
          this.hear(entry);
        }
      } catch (error) {
        if (this.closed) return;
        this.warn(`could not read events: ${String(error)}`);
        await pause(200);
      }
    }
  }

  /** The next entries; empty when the stream stays quiet. */
  private async entriesAfter(reader: Redis, last: string): Promise<Entry[]> {
    const watch = setTimeout(() => reader.disconnect(true), deadAfterMs);
    try {
      const streams = (await reader.xread('COUNT', readAtOnce, 'BLOCK', blockMs, 'STREAMS', stream, last)) as
        [string, Entry[]][] | null;
      return streams?.[0]?.[1] ?? [];
    } finally {
      clearTimeout(watch);
    }
  }

  private hear(entry: Entry): void {
    const event = parseEvent(entry);
    if (!event) return;
    this.history.add(event);
    this.listeners.tell(event);
  }

  private async range(after: string): Promise<TenantNotification[]> {
    const events: TenantNotification[] = [];
    let from = after;
    for (;;) {
      const entries = (await this.writer.xrange(stream, `(${from}`, '+', 'COUNT', readAtOnce)) as Entry[];
      events.push(...entries.flatMap((entry) => parseEvent(entry) ?? []));
      const last = entries.at(-1);
      if (!last || entries.length < readAtOnce) return events;
      from = last[0];
    }
  }

  private warn(text: string): void {
    if (this.closed || performance.now() - this.warnedAt < warnEveryMs) return;
    this.warnedAt = performance.now();
    this.logger.warn(text);
  }
}

function parseEvent([id, fields]: Entry): TenantNotification | null {
  const [, tenant, , json] = fields;
  if (tenant === undefined || json === undefined) return null;
  try {
    // the id from Redis wins: an id inside the event could be anything
    return { tenant, notification: { ...(JSON.parse(json) as Omit<Notification, 'id'>), id } };
  } catch {
    return null;
  }
}
