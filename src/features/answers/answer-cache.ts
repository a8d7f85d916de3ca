import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { z } from 'zod';
import { unlessAborted } from '../../common/abort.js';
import { freeze, prepareParts } from '../../common/prepared-json.js';
import { Env } from '../../config/env.js';
import { Cache } from '../../platform/cache/cache.js';
import { CacheUse } from '../../platform/cache/cache-use.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { sortKeys } from '../../common/sort-keys.js';

/** Answers that are kept as objects beside their JSON, which take about three times its memory. */
const maxRecent = 200;
const maxRecentCharacters = 4_000_000;
const maxKeys = 500;
const maxKeyCharacters = 500_000;

interface Flight {
  result: Promise<unknown>;
  controller: AbortController;
  waiters: number;
  isDone: boolean;
}

/**
 * The cache of answers. Keys match exactly: a question about 2023 never returns an answer about 2024. Equal
 * questions at the same time are answered once.
 */
@Injectable()
export class AnswerCache {
  private readonly flights = new Map<string, Flight>();
  private readonly recent = new LRUCache<string, { json: string; schema: z.ZodType; value: unknown }>({
    max: maxRecent,
    maxSize: maxRecentCharacters,
    sizeCalculation: ({ json }) => json.length + 1,
  });
  /** Keys by what they are made of, in the order in which it was given. */
  private readonly keys = new LRUCache<string, string>({
    max: maxKeys,
    maxSize: maxKeyCharacters,
    sizeCalculation: (key, written) => key.length + written.length,
  });

  constructor(
    private readonly cache: Cache,
    private readonly env: Env,
    private readonly metrics: Metrics,
    private readonly use: CacheUse,
  ) {}

  /** @param parts everything that the answer depends on, the tenant first */
  makeKey(tenant: string, parts: unknown): string {
    const written = JSON.stringify([tenant, parts]);
    const known = this.keys.get(written);
    if (known !== undefined) return known;
    const digest = hash('sha256', JSON.stringify(sortKeys([tenant, parts])), 'base64url');
    const key = `answer:${tenant}:${digest}`;
    this.keys.set(written, key);
    return key;
  }

  /**
   * @param schema an entry of another shape counts as missing:
   * an older release may have written it, or a stranger in Redis
   * @returns a frozen value
   * @param owner under whose name the look-up is counted
   */
  async get<T>(key: string, schema: z.ZodType<T>, owner: string): Promise<T | undefined> {
    if (this.env.ANSWER_CACHE_SECONDS === 0) return undefined;
    const json = await this.cache.text(key);
    const found = json === undefined ? undefined : this.read(key, json, schema);
    this.use.count(owner, found !== undefined);
    this.metrics.answerCache.inc({ result: found === undefined ? 'miss' : 'hit' });
    return found;
  }

  /** The value of an entry that is read often is parsed and checked once. */
  private read<T>(key: string, json: string, schema: z.ZodType<T>): T | undefined {
    const known = this.recent.get(key);
    if (known?.json === json && known.schema === schema) return known.value as T;
    const value = schema.safeParse(JSON.parse(json)).data;
    if (value === undefined) return undefined;
    prepareParts(freeze(value));
    this.recent.set(key, { json, schema, value });
    return value;
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
    const flight: Flight = { result: work(controller.signal), controller, waiters: 0, isDone: false };
    flight.result.then(
      () => (flight.isDone = true),
      () => undefined,
    );
    this.flights.set(key, flight);
    return flight;
  }

  private end(key: string, flight: Flight): void {
    if (this.flights.get(key) === flight) this.flights.delete(key);
    // nothing listens any more once the work is done, and the reason of an abort is an error with its stack
    if (!flight.isDone) flight.controller.abort();
  }
}
