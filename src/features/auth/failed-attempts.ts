import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { addressShare } from '../../common/client-address.js';
import { Problem } from '../../common/errors.js';
import { Env } from '../../config/env.js';
import { RateStorage } from '../../platform/limits/rate-storage.js';

/** Wrong credentials of one address: past the limit they are refused before any is looked at. */
@Injectable()
export class FailedAttempts {
  private readonly blocked = new LRUCache<string, number>({ max: 50_000 });

  constructor(
    private readonly env: Env,
    private readonly storage: RateStorage,
  ) {}

  /** @throws rate_limited */
  refuseBlocked(address: string): void {
    const share = addressShare(address);
    const until = this.blocked.get(share);
    if (until === undefined) return;
    const seconds = (until - Date.now()) / 1000;
    if (seconds > 0)
      throw new Problem('rate_limited', 'Too many invalid credentials from this address. Try again later.', {
        retryAfter: seconds,
      });
    this.blocked.delete(share);
  }

  async count(address: string): Promise<void> {
    const share = addressShare(address);
    const window = this.env.RATE_LIMIT_WINDOW_SECONDS * 1000;
    const record = await this.storage.increment(
      `failed:${share}`,
      window,
      this.env.RATE_LIMIT_MAX_REQUESTS,
      window,
      'default',
    );
    if (record.isBlocked) this.blocked.set(share, Date.now() + record.timeToBlockExpire * 1000);
  }
}
