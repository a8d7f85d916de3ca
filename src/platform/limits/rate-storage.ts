import type { ThrottlerStorage } from '@nestjs/throttler';

/** The state of one limit. Times are in seconds. */
export interface RateRecord {
  totalHits: number;
  timeToExpire: number;
  isBlocked: boolean;
  timeToBlockExpire: number;
}

/** Counts requests per key and window, in this process or across all processes. */
export abstract class RateStorage implements ThrottlerStorage {
  /**
   * Counts one more hit for `key`.
   * @param ttl milliseconds of the window
   * @param blockDuration milliseconds for which a key stays refused after it exceeded `limit`
   */
  abstract increment(
    key: string,
    ttl: number,
    limit: number,
    blockDuration: number,
    throttlerName: string,
  ): Promise<RateRecord>;
  abstract close(): Promise<void>;
}
