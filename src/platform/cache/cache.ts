/**
 * A bounded store of JSON values that may forget anything at any time. Keys contain the tenant. When the
 * cache cannot be reached, every look-up is a miss and never an error.
 */
export abstract class Cache {
  /** The JSON of the value: as long as nothing replaces it, the same string. */
  abstract text(key: string): Promise<string | undefined>;

  async get<T>(key: string): Promise<T | undefined> {
    const json = await this.text(key);
    return json === undefined ? undefined : (JSON.parse(json) as T);
  }

  /** @param ttlSeconds maximum age of the value */
  abstract set(key: string, value: unknown, ttlSeconds: number): Promise<void>;
  /** Other processes may answer with it until its time is up: a value must never change under its key. */
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
