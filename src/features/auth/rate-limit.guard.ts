import { Injectable, type ExecutionContext } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerLimitDetail } from '@nestjs/throttler';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../../common/errors.js';
import { budgetKey, type BudgetName } from './budget.js';
import { accessKey } from '../../common/access.js';

/** Who is counted: the principal, or the address of one that has none. Never a header that a client may choose. */
const clientOf = (request: FastifyRequest): string => {
  const { principal } = request;
  return principal && principal.via !== 'none' ? `${principal.tenant}:${principal.subject}` : `address:${request.ip}`;
};

/** One budget each for uploads, searches, answers and the rest; the storage decides whether it holds across processes. */
@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  protected override headerPrefix = 'RateLimit';

  protected override async shouldSkip(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    return this.reflector.getAllAndOverride<string | undefined>(accessKey, [context.getHandler(), context.getClass()]) !== undefined;
  }

  protected override async getTracker(request: Record<string, unknown>): Promise<string> {
    return clientOf(request as unknown as FastifyRequest);
  }

  protected override generateKey(context: ExecutionContext, client: string): string {
    const budget =
      this.reflector.getAllAndOverride<BudgetName | undefined>(budgetKey, [context.getHandler(), context.getClass()]) ?? 'default';
    return `${budget}:${client}`;
  }

  protected override async throwThrottlingException(_context: ExecutionContext, limit: ThrottlerLimitDetail): Promise<void> {
    throw new Problem('rate_limited', `At most ${limit.limit} requests in ${limit.ttl / 1000} s`, { retryAfter: limit.timeToBlockExpire });
  }
}
