import { LRUCache } from 'lru-cache';
import { RateStorage, type RateRecord } from './rate-storage.js';

interface Window {
  hits: number;
  endsAt: number;
  blockedUntil: number;
}

/** Maximum number of remembered keys; the one that was not seen for longest is dropped first. */
const maxKeys = 100_000;
const secondsUntil = (at: number, now: number): number => Math.max(0, Math.ceil((at - now) / 1000));

/** The limits of one process: fixed windows, bounded memory, no timer for each key. */
export class MemoryRateStorage extends RateStorage {
  private readonly windows = new LRUCache<string, Window>({ max: maxKeys });

  async increment(key: string, ttl: number, limit: number, blockDuration: number): Promise<RateRecord> {
    const now = Date.now();
    // a changed limit has its own counter and no blocks of the old one
    const place = `${key}:${limit}:${ttl}`;
    const known = this.windows.get(place);
    const window =
      known && Math.max(known.endsAt, known.blockedUntil) > now
        ? known
        : { hits: 0, endsAt: now + ttl, blockedUntil: 0 };
    if (window.blockedUntil <= now) window.hits++;
    if (window.hits > limit && window.blockedUntil <= now) window.blockedUntil = now + blockDuration;
    this.windows.set(place, window);
    return {
      totalHits: window.hits,
      timeToExpire: secondsUntil(window.endsAt, now),
      isBlocked: window.blockedUntil > now,
      timeToBlockExpire: secondsUntil(window.blockedUntil, now),
    };
  }

  async close(): Promise<void> {
    this.windows.clear();
  }
}
