import { Injectable, Logger } from '@nestjs/common';
import { currentContext } from '../../common/request-context.js';
import { Problem } from '../../common/errors.js';
import { Env } from '../../config/env.js';
import { Database } from '../database/database.js';

const everyMs = 2000;

/**
 * Counts the tokens that model servers charge, by tenant and day. Counting does not delay a call: counts are
 * written together, after the requests.
 */
@Injectable()
export class TokenMeter {
  private readonly logger = new Logger(TokenMeter.name);
  private readonly pending = new Map<string, number>();
  private readonly timer = setInterval(() => void this.write(), everyMs).unref();

  constructor(
    private readonly database: Database,
    private readonly env: Env,
  ) {}

  /**
   * @param tenant by default the tenant of the current request or task. Without a tenant nothing is counted.
   */
  count(tokens: number, tenant = currentContext()?.tenant): void {
    if (tenant === undefined || !(tokens > 0)) return;
    this.pending.set(tenant, (this.pending.get(tenant) ?? 0) + Math.ceil(tokens));
  }

  /**
   * Tokens of a tenant since midnight UTC in all processes; writes the counts of this process first.
   * @throws database_unavailable
   */
  async today(tenant: string): Promise<number> {
    const tokens = this.pending.get(tenant) ?? 0;
    this.pending.delete(tenant);
    try {
      return (await this.database.call('add_tokens', { tenant, tokens })).tokens_today;
    } catch (error) {
      this.count(tokens, tenant);
      throw error;
    }
  }

  /**
   * @param tenant as in `count`
   * @throws quota_exceeded when the tokens of the day are spent; a running call may still exceed them by its
   * own cost
   */
  async assertLeft(tenant = currentContext()?.tenant): Promise<void> {
    const { QUOTA_TOKENS_PER_DAY } = this.env;
    if (!QUOTA_TOKENS_PER_DAY || tenant === undefined) return;
    if ((await this.today(tenant)) < QUOTA_TOKENS_PER_DAY) return;
    throw new Problem(
      'quota_exceeded',
      `The tenant may spend at most ${QUOTA_TOKENS_PER_DAY} model tokens a day.`,
      { retryAfter: Math.ceil((midnightAfter(Date.now()) - Date.now()) / 1000) },
    );
  }

  /** Writes the remaining counts. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.write();
  }

  private async write(): Promise<void> {
    // failed counts return to the map: iterating over the map itself would never end
    const tenants = [...this.pending.keys()];
    for (const tenant of tenants) {
      await this.today(tenant).catch((error: unknown) =>
        this.logger.debug({ msg: 'the use of tokens was not written', err: error }),
      );
    }
  }
}

const dayMs = 86_400_000;
/** The next midnight UTC, in milliseconds since 1970. */
export const midnightAfter = (now: number): number => (Math.floor(now / dayMs) + 1) * dayMs;
