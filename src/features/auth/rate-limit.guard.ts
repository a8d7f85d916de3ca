import { Inject, Injectable, type ExecutionContext } from '@nestjs/common';
import { ThrottlerGuard } from '@nestjs/throttler';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Env } from '../../config/env.js';
import { addressShare } from '../../common/client-address.js';
import { Problem } from '../../common/errors.js';
import { budgetKey, type BudgetName } from './budget.js';
import { accessKey, type RouteAccess } from '../../common/route-access.js';
import { routeMetadata } from '../../common/route-metadata.js';

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

const allowed = Promise.resolve(true);

/**
 * One budget each for uploads, searches, answers, requests about the state of work, and the rest. With Redis,
 * the budgets hold across processes. All routes have the same settings: they are not looked up for each
 * request, as the guard of the package does.
 */
@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  @Inject(Env) private readonly env!: Env;
  private readonly access = routeMetadata<RouteAccess>(accessKey);
  private readonly budget = routeMetadata<BudgetName>(budgetKey);

  override canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return allowed;
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    if (request.isAdmitted || this.access(context) !== undefined) return allowed;
    return this.count(this.budget(context) ?? 'default', request, http.getResponse<FastifyReply>());
  }

  private async count(budget: BudgetName, request: FastifyRequest, reply: FastifyReply): Promise<true> {
    const { ANONYMOUS_RATE_LIMIT, RATE_LIMIT_MAX_REQUESTS, RATE_LIMIT_WINDOW_SECONDS } = this.env;
    const ttl = RATE_LIMIT_WINDOW_SECONDS * 1000;
    const { principal } = request;
    const general = principal?.via === 'none' ? ANONYMOUS_RATE_LIMIT : RATE_LIMIT_MAX_REQUESTS;
    const usual = principal?.rate_limit ?? general;
    const limit = budget === 'watch' ? usual * watchFactor : usual;
    const key = `${budget}:${nameClient(request)}`;
    const record = await this.storageService.increment(key, ttl, limit, ttl, 'default');
    const { totalHits, timeToExpire, isBlocked, timeToBlockExpire } = record;
    void reply
      .header('RateLimit-Limit', limit)
      .header('RateLimit-Remaining', isBlocked ? 0 : Math.max(0, limit - totalHits))
      .header('RateLimit-Reset', isBlocked ? timeToBlockExpire : timeToExpire);
    if (isBlocked)
      throw new Problem('rate_limited', `At most ${limit} requests in ${RATE_LIMIT_WINDOW_SECONDS} s.`, {
        retryAfter: timeToBlockExpire,
      });
    return true;
  }
}
