import { Injectable } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import { Env } from '../../config/env.js';
import { Database } from '../../platform/database/database.js';
import type { TenantQuota } from '../../platform/database/functions.js';
import { midnightAfter, TokenMeter } from '../../platform/usage/token-meter.js';

/** One quota: how much is used, and the limit; null for no limit. */
export interface Quota {
  used: number;
  limit: number | null;
}

/**
 * Limits of a tenant for documents, unfinished tasks and tokens. A quota of 0 in the configuration means no
 * limit.
 */
@Injectable()
export class Quotas {
  constructor(
    private readonly env: Env,
    private readonly database: Database,
    private readonly meter: TokenMeter,
  ) {}

  /**
   * Runs `write` with these quotas. It counts its new rows against them and rolls back when they are too
   * many. This happens in one transaction, so that simultaneous writers cannot pass together.
   * @throws quota_exceeded
   */
  async within<T>(
    kinds: readonly (keyof TenantQuota)[],
    write: (quota: TenantQuota | null) => Promise<T>,
  ): Promise<T> {
    const limits = {
      documents: this.env.QUOTA_DOCUMENTS,
      bytes: this.env.QUOTA_BYTES,
      tasks: this.env.QUOTA_TASKS,
    };
    const quota = Object.fromEntries(
      kinds.filter((kind) => limits[kind] > 0).map((kind) => [kind, limits[kind]]),
    ) as TenantQuota;
    try {
      return await write(Object.keys(quota).length > 0 ? quota : null);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'quota_exceeded') throw error;
      if (error.detail === 'documents') throw full(`${limits.documents} documents`);
      if (error.detail === 'bytes') throw full(`${limits.bytes} bytes of originals`);
      throw error.detail === 'tasks' ? busy(limits.tasks) : error;
    }
  }

  /** @throws quota_exceeded when one more task would be too many */
  async assertTask(tenant: string): Promise<void> {
    const { QUOTA_TASKS } = this.env;
    if (QUOTA_TASKS && exceeds(QUOTA_TASKS, (await this.database.call('tenant_usage', { tenant })).tasks + 1))
      throw busy(QUOTA_TASKS);
  }

  /**
   * For work whose kind is known by name; work that calls no model costs no tokens.
   * @throws quota_exceeded when the work would call a model and the tokens of the day are spent
   */
  async assertTokensFor(tenant: string, types: readonly string[]): Promise<void> {
    const embeds = this.env.EMBEDDING_DRIVER === 'openai';
    const asks = this.env.LLM_DRIVER !== 'offline';
    const spends: Record<string, boolean> = {
      ingest: embeds || this.env.OPENAI_VISION_MODEL !== undefined,
      summarize: asks,
      check_knowledge_base: asks || embeds,
      answer_question: asks || embeds,
    };
    if (types.some((type) => spends[type] ?? false)) await this.assertTokens(tenant);
  }

  /**
   * @throws quota_exceeded when the tokens of the day are spent; a running call may still exceed them by its
   * own cost
   */
  assertTokens(tenant: string): Promise<void> {
    return this.meter.assertLeft(tenant);
  }

  /** The tenant's use of each quota. */
  async usage(
    tenant: string,
  ): Promise<{ documents: Quota; bytes: Quota; tasks: Quota; tokens: Quota & { resets_at: string } }> {
    const { QUOTA_DOCUMENTS, QUOTA_BYTES, QUOTA_TASKS, QUOTA_TOKENS_PER_DAY } = this.env;
    const [usage, tokens] = await Promise.all([
      this.database.call('tenant_usage', { tenant }),
      this.meter.today(tenant),
    ]);
    const quota = (used: number, limit: number): Quota => ({ used, limit: limit === 0 ? null : limit });
    return {
      documents: quota(usage.documents, QUOTA_DOCUMENTS),
      bytes: quota(usage.bytes, QUOTA_BYTES),
      tasks: quota(usage.tasks, QUOTA_TASKS),
      tokens: {
        ...quota(tokens, QUOTA_TOKENS_PER_DAY),
        resets_at: new Date(midnightAfter(Date.now())).toISOString(),
      },
    };
  }
}

const exceeds = (limit: number, wanted: number): boolean => limit > 0 && wanted > limit;
// room for documents does not come back by itself
const full = (limit: string): Problem =>
  new Problem('quota_exceeded', `The tenant may have at most ${limit}.`, {
    retryable: false,
    retryAfter: 3600,
  });
const busy = (limit: number): Problem =>
  new Problem('quota_exceeded', `The tenant may have at most ${limit} unfinished tasks.`, { retryAfter: 30 });
