import type { ThrottlerStorage } from '@nestjs/throttler';

/** What one look at a limit says. Times in seconds. */
export interface RateRecord {
  totalHits: number;
  timeToExpire: number;
  isBlocked: boolean;
  timeToBlockExpire: number;
}

/** Counts requests per key and window: in this process, or across all of them. */
export abstract class RateStorage implements ThrottlerStorage {
  /**
   * One more hit for `key`.
   * @param ttl milliseconds of the window @param blockDuration milliseconds for which a key that passed `limit` stays refused
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
