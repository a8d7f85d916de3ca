import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../../common/errors.js';
import { whenEnded } from '../../common/request-end.js';
import { isAlwaysAnswered } from '../../common/route-access.js';
import { Shares } from '../../common/shares.js';
import { Env } from '../../config/env.js';
import { resolveOwner } from './place-owner.js';

/**
 * Requests at once: everybody's together, with a share for each principal
 * and tenant. A request holds its place until its answer has ended.
 */
@Injectable()
export class RequestSlots implements CanActivate {
  private readonly shares: Shares;

  constructor(env: Env) {
    this.shares = new Shares(env.API_MAX_CONNECTIONS);
  }

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (request.isAdmitted || isAlwaysAnswered(request.url)) return true;
    const leave = this.shares.take(resolveOwner(request.principal));
    if (!leave) throw new Problem('too_many_connections', undefined, { retryAfter: 1 });
    whenEnded(request, leave);
    return true;
  }
}
