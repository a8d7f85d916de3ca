import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { unlessAborted } from '../../common/abort.js';
import { Problem } from '../../common/errors.js';
import type { Cache } from '../cache/cache.js';
import type { Metrics } from '../metrics/metrics.js';
import { abortProblem } from '../upstream/deadline.js';

const sharedSeconds = 7 * 86_400;

interface Flight {
  vector: Promise<number[]>;
  waiting: number;
  stop: AbortController;
}

interface QueryCacheOptions {
  /** Vectors in memory; 0 keeps none. */
  entries: number;
  /** Maximum bytes of the vectors in memory. */
  maxBytes: number;
  /** The second level, shared by the processes; absent without a Redis. */
  shared?: Cache;
  metrics: Metrics;
}

/**
 * Query vectors in two levels: the memory of this process, then the shared cache. Equal queries that arrive
 * during the first call wait for its answer; the call stops when no query waits any more. Vectors are kept in
 * single precision, as in the database.
 */
export class QueryCache {
  private readonly near: LRUCache<string, Float32Array> | null;
  private readonly flights = new Map<string, Flight>();

  constructor(private readonly options: QueryCacheOptions) {
    const { entries, maxBytes } = options;
    const sizeCalculation = (vector: Float32Array) => vector.byteLength + 200;
    this.near =
      entries > 0 && maxBytes > 0 ? new LRUCache({ max: entries, maxSize: maxBytes, sizeCalculation }) : null;
    options.metrics.embeddingCacheMaxEntries.set(this.near?.max ?? 0);
  }

  /** @param scope other values that the vector depends on: tenant, model, dimensions */
  async vector(
    scope: string,
    text: string,
    signal: AbortSignal | undefined,
    embed: (signal: AbortSignal) => Promise<number[]>,
  ): Promise<number[]> {
    const key = `embedding:${scope}:${createHash('sha256').update(text).digest('base64url')}`;
    const known = this.near?.get(key);
    this.count('memory', known !== undefined);
    if (known) return Array.from(known);
    const flight = this.flights.get(key) ?? this.launch(key, embed);
    flight.waiting += 1;
    try {
      return Array.from(await unlessAborted(flight.vector, signal, { reason: abortProblem }));
    } finally {
      flight.waiting -= 1;
      // a call that has ended has left the list, and an error with its stack costs more than the rest of this
      if (flight.waiting === 0 && this.flights.get(key) === flight)
        flight.stop.abort(new Problem('cancelled'));
    }
  }

  private launch(key: string, embed: (signal: AbortSignal) => Promise<number[]>): Flight {
    const stop = new AbortController();
    const flight: Flight = { stop, waiting: 0, vector: this.fetch(key, stop.signal, embed) };
    this.flights.set(key, flight);
    const land = (): void => {
      if (this.flights.get(key) === flight) this.flights.delete(key);
    };
    // a cancelled call takes no more waiting queries
    stop.signal.addEventListener('abort', land, { once: true });
    flight.vector.then(land, land);
    return flight;
  }

  private async fetch(
    key: string,
    signal: AbortSignal,
    embed: (signal: AbortSignal) => Promise<number[]>,
  ): Promise<number[]> {
    const { shared } = this.options;
    const packed = await shared?.get<string>(key);
    if (shared) this.count('redis', packed !== undefined);
    const vector = packed === undefined ? Float32Array.from(await embed(signal)) : unpack(packed);
    this.near?.set(key, vector);
    this.options.metrics.embeddingCacheEntries.set(this.near?.size ?? 0);
    if (shared && packed === undefined) await shared.set(key, pack(vector), sharedSeconds);
    return Array.from(vector);
  }

  private count(level: 'memory' | 'redis', hit: boolean): void {
    this.options.metrics.embeddingCache.inc({ level, result: hit ? 'hit' : 'miss' });
  }
}

const pack = (vector: Float32Array): string =>
  Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64');

function unpack(packed: string): Float32Array {
  const bytes = Buffer.from(packed, 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}
