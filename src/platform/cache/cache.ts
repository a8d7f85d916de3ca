/** A bounded store of JSON values that may forget anything at any time. Keys carry the tenant. A cache that cannot be reached is a miss, never an error. */
export abstract class Cache {
  abstract get<T>(key: string): Promise<T | undefined>;
  /** @param ttlSeconds after which the value is gone at the latest */
  abstract set(key: string, value: unknown, ttlSeconds: number): Promise<void>;
  abstract delete(key: string): Promise<void>;
  abstract stats(): CacheStats;
  abstract close(): Promise<void>;
}

export interface CacheStats {
  hits: number;
  misses: number;
  entries: number;
  bytes: number;
}
