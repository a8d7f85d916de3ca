import { Injectable, Logger } from '@nestjs/common';
import { currentContext } from '../../common/request-context.js';
import { Problem } from '../../common/errors.js';
import { Env } from '../../config/env.js';
import { Database } from '../database/database.js';

const everyMs = 2000;

/** Counts the tokens that model servers charge, by tenant and day. Counting costs a call nothing: it is written together, behind the requests. */
@Injectable()
export class TokenMeter {
  private readonly logger = new Logger(TokenMeter.name);
  private readonly pending = new Map<string, number>();
  private readonly timer = setInterval(() => void this.write(), everyMs).unref();

  constructor(
    private readonly database: Database,
    private readonly env: Env,
  ) {}

  /** @param tenant on whose behalf; by default that of the request or task under way. Without one nobody is charged. */
  count(tokens: number, tenant = currentContext()?.tenant): void {
    if (tenant === undefined || !(tokens > 0)) return;
    this.pending.set(tenant, (this.pending.get(tenant) ?? 0) + Math.ceil(tokens));
  }

  /** Tokens of a tenant since midnight UTC on every process; what this one has not yet written is written first. @throws database_unavailable */
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
   * @throws quota_exceeded when the tokens of the day are spent; a call that is under way may still go over by what it costs
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

  /** Writes what is left. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.write();
  }

  private async write(): Promise<void> {
    // what fails goes back to the map: a walk over the map itself would never end
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
