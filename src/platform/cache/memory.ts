import { LRUCache } from 'lru-cache';
import { Cache, type CacheStats } from './cache.js';

const maxEntries = 20_000;
/** Bytes of one entry besides its key and JSON: list links, timers, object headers. */
const entryOverhead = 200;

/**
 * The cache of one process. Least recently used entries go first; the number and the bytes are bounded.
 * Values are kept as JSON: their size is known, and a reader that changes its copy does not change the cached
 * value.
 */
export class MemoryCache extends Cache {
  private readonly entries: LRUCache<string, string> | null;
  private hits = 0;
  private misses = 0;

  /** @param maxBytes 0 keeps nothing */
  constructor(maxBytes: number) {
    super();
    const sizeCalculation = (json: string, key: string) =>
      Buffer.byteLength(json) + Buffer.byteLength(key) + entryOverhead;
    this.entries =
      maxBytes > 0 ? new LRUCache({ max: maxEntries, maxSize: maxBytes, sizeCalculation }) : null;
  }

  async text(key: string): Promise<string | undefined> {
    const json = this.entries?.get(key);
    if (json === undefined) {
      this.misses += 1;
      return undefined;
    }
    this.hits += 1;
    return json;
  }

  async set(key: string, value: unknown, ttlSeconds: number): Promise<void> {
    this.keep(key, JSON.stringify(value) as string | undefined, ttlSeconds);
  }

  /** @param json undefined takes the entry out */
  keep(key: string, json: string | undefined, ttlSeconds: number): void {
    if (json === undefined || !(ttlSeconds > 0)) this.entries?.delete(key);
    else this.entries?.set(key, json, { ttl: ttlSeconds * 1000 });
  }

  async delete(key: string): Promise<void> {
    this.entries?.delete(key);
  }

  stats(): CacheStats {
    return {
      hits: this.hits,
      misses: this.misses,
      entries: this.entries?.size ?? 0,
      bytes: this.entries?.calculatedSize ?? 0,
    };
  }

  async close(): Promise<void> {
    this.entries?.clear();
  }
}
