import { Injectable, type ExecutionContext } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerLimitDetail } from '@nestjs/throttler';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { addressShare } from '../../common/client-address.js';
import { Problem } from '../../common/errors.js';
import { budgetKey, type BudgetName } from './budget.js';
import { accessKey } from '../../common/route-access.js';

/** Who is counted: the key, or the subject of a token, or the address of one that has neither. Never a header that a client may choose. */
const clientOf = (request: FastifyRequest): string => {
  const { principal } = request;
  if (!principal || principal.via === 'none') return JSON.stringify(['address', addressShare(request.ip)]);
  return JSON.stringify(
    principal.key === null ? ['subject', principal.tenant, principal.subject] : ['key', principal.key],
  );
};

/** One budget each for uploads, searches, answers and the rest; the storage decides whether it holds across processes. */
@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  protected override headerPrefix = 'RateLimit';

  protected override async shouldSkip(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    return (
      this.reflector.getAllAndOverride<string | undefined>(accessKey, [
        context.getHandler(),
        context.getClass(),
      ]) !== undefined
    );
  }

  protected override async getTracker(request: Record<string, unknown>): Promise<string> {
    return clientOf(request as unknown as FastifyRequest);
  }

  protected override generateKey(context: ExecutionContext, client: string): string {
    const budget =
      this.reflector.getAllAndOverride<BudgetName | undefined>(budgetKey, [
        context.getHandler(),
        context.getClass(),
      ]) ?? 'default';
    return `${budget}:${client}`;
  }

  protected override async throwThrottlingException(
    context: ExecutionContext,
    limit: ThrottlerLimitDetail,
  ): Promise<void> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    void reply.headers({
      'RateLimit-Limit': limit.limit,
      'RateLimit-Remaining': 0,
      'RateLimit-Reset': limit.timeToBlockExpire,
    });
    throw new Problem('rate_limited', `At most ${limit.limit} requests in ${limit.ttl / 1000} s`, {
      retryAfter: limit.timeToBlockExpire,
    });
  }
}
