import { Injectable, Logger } from '@nestjs/common';
import { currentContext } from '../../common/request-context.js';
import { Database } from '../database/database.js';

const everyMs = 2000;

/** Counts the tokens that model servers charge, by tenant and day. Counting costs a call nothing: it is written together, behind the requests. */
@Injectable()
export class TokenMeter {
  private readonly logger = new Logger(TokenMeter.name);
  private readonly pending = new Map<string, number>();
  private readonly timer = setInterval(() => void this.write(), everyMs).unref();

  constructor(private readonly database: Database) {}

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
