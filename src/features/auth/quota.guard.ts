import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { oncePerRoute } from '../../common/route-metadata.js';
import { Env } from '../../config/env.js';
import { Quotas } from './quotas.js';
import { spendsKey, type Spending } from './spends.js';

/** The parts of a search request that decide whether it calls a chat model. Not validated yet. */
interface SearchBody {
  answer?: unknown;
  history?: unknown;
}
/** Earlier turns make a model rewrite the question, also for retrieval alone. */
const isCondensed = ({ history }: SearchBody): boolean => Array.isArray(history) && history.length > 0;

/**
 * Refuses requests that would exceed a quota of the tenant. Uploads check their quota themselves, since their
 * size is known later.
 */
@Injectable()
export class QuotaGuard implements CanActivate {
  private readonly spendings = oncePerRoute(
    (handler) => Reflect.getMetadata(spendsKey, handler) as Spending[] | undefined,
  );

  constructor(
    private readonly env: Env,
    private readonly quotas: Quotas,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const spendings = this.spendings(context) ?? [];
    return spendings.length === 0 || this.check(spendings, context.switchToHttp().getRequest());
  }

  private async check(
    spendings: readonly Spending[],
    { principal, body, isAdmitted }: FastifyRequest,
  ): Promise<boolean> {
    // before the body is read, everything is decided except what the body of a search determines
    if (!principal || (isAdmitted && !spendings.includes('answer'))) return true;
    const embeds = spendings.includes('upload') || spendings.includes('embedding');
    if (embeds && this.env.EMBEDDING_DRIVER === 'openai') await this.quotas.assertTokens(principal.tenant);
    const search = spendings.includes('answer') ? (body as SearchBody | undefined) : undefined;
    const asks = spendings.includes('tokens') || (search && (search.answer !== false || isCondensed(search)));
    // without a model, answers are extracts, which cost nothing
    if (asks && this.env.LLM_DRIVER !== 'offline') await this.quotas.assertTokens(principal.tenant);
    if (spendings.includes('task')) await this.quotas.assertTask(principal.tenant);
    return true;
  }
}
