import { Inject, Injectable, type ExecutionContext } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerLimitDetail, type ThrottlerRequest } from '@nestjs/throttler';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Env } from '../../config/env.js';
import { addressShare } from '../../common/client-address.js';
import { Problem } from '../../common/errors.js';
import { budgetKey, type BudgetName } from './budget.js';
import { accessKey } from '../../common/route-access.js';

/**
 * The counted client: the key, the subject of a token, or the address if there is neither. Never a header
 * that a client may choose.
 */
const nameClient = (request: FastifyRequest): string => {
  const { principal } = request;
  if (!principal || principal.via === 'none') return JSON.stringify(['address', addressShare(request.ip)]);
  return JSON.stringify(
    principal.key === null ? ['subject', principal.tenant, principal.subject] : ['key', principal.key],
  );
};

/** Requests about the state of work are cheap and frequent: their budget is this many times as large. */
const watchFactor = 20;

/**
 * One budget each for uploads, searches, answers, requests about the state of work, and the rest. With Redis,
 * the budgets hold across processes.
 */
@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  protected override headerPrefix = 'RateLimit';
  @Inject(Env) private readonly env!: Env;

  protected override async shouldSkip(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    if (context.switchToHttp().getRequest<FastifyRequest>().isAdmitted) return true;
    return (
      this.reflector.getAllAndOverride<string | undefined>(accessKey, [
        context.getHandler(),
        context.getClass(),
      ]) !== undefined
    );
  }

  protected override async getTracker(request: Record<string, unknown>): Promise<string> {
    return nameClient(request as unknown as FastifyRequest);
  }

  protected override generateKey(context: ExecutionContext, client: string): string {
    return `${this.chooseBudget(context)}:${client}`;
  }

  protected override handleRequest(request: ThrottlerRequest): Promise<boolean> {
    const { principal } = request.context.switchToHttp().getRequest<FastifyRequest>();
    const general = principal?.via === 'none' ? this.env.ANONYMOUS_RATE_LIMIT : request.limit;
    const limit = principal?.rate_limit ?? general;
    const times = this.chooseBudget(request.context) === 'watch' ? watchFactor : 1;
    return super.handleRequest({ ...request, limit: limit * times });
  }

  private chooseBudget(context: ExecutionContext): BudgetName {
    const targets = [context.getHandler(), context.getClass()];
    return this.reflector.getAllAndOverride<BudgetName | undefined>(budgetKey, targets) ?? 'default';
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
    throw new Problem('rate_limited', `At most ${limit.limit} requests in ${limit.ttl / 1000} s.`, {
      retryAfter: limit.timeToBlockExpire,
    });
  }
}
