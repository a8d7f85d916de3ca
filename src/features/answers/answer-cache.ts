import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { unlessAborted } from '../../common/abort.js';
import { Env } from '../../config/env.js';
import { Cache } from '../../platform/cache/cache.js';
import { CacheUse } from '../../platform/cache/cache-use.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { sortKeys } from '../../common/sort-keys.js';

interface Flight {
  result: Promise<unknown>;
  controller: AbortController;
  waiters: number;
}

/**
 * The cache of answers. Keys match exactly: a question about 2023 never returns an answer about 2024. Equal
 * questions at the same time are answered once.
 */
@Injectable()
export class AnswerCache {
  private readonly flights = new Map<string, Flight>();

  constructor(
    private readonly cache: Cache,
    private readonly env: Env,
    private readonly metrics: Metrics,
    private readonly use: CacheUse,
  ) {}

  /** @param parts everything that the answer depends on, the tenant first */
  makeKey(tenant: string, parts: unknown): string {
    const hash = createHash('sha256')
      .update(JSON.stringify(sortKeys([tenant, parts])))
      .digest('base64url');
    return `answer:${tenant}:${hash}`;
  }

  /**
   * @param schema an entry of another shape counts as missing:
   * an older release may have written it, or a stranger in Redis
   * @param owner under whose name the look-up is counted
   */
  async get<T>(key: string, schema: z.ZodType<T>, owner: string): Promise<T | undefined> {
    if (this.env.ANSWER_CACHE_SECONDS === 0) return undefined;
    const found = schema.safeParse(await this.cache.get<unknown>(key)).data;
    this.use.count(owner, found !== undefined);
    this.metrics.answerCache.inc({ result: found === undefined ? 'miss' : 'hit' });
    return found;
  }

  async set(key: string, value: unknown): Promise<void> {
    if (this.env.ANSWER_CACHE_SECONDS > 0) await this.cache.set(key, value, this.env.ANSWER_CACHE_SECONDS);
  }

  /**
   * Joins the work on the same key if there is some. It is
   * aborted only when everyone who waited for it has gone.
   */
  async share<T>(
    key: string,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const flight = this.flights.get(key) ?? this.begin(key, work);
    flight.waiters++;
    try {
      return (await unlessAborted(flight.result, signal)) as T;
    } finally {
      if (--flight.waiters === 0) this.end(key, flight);
    }
  }

  private begin<T>(key: string, work: (signal: AbortSignal) => Promise<T>): Flight {
    const controller = new AbortController();
    const flight: Flight = { result: work(controller.signal), controller, waiters: 0 };
    flight.result.catch(() => undefined);
    this.flights.set(key, flight);
    return flight;
  }

  private end(key: string, flight: Flight): void {
    if (this.flights.get(key) === flight) this.flights.delete(key);
    flight.controller.abort();
  }
}
