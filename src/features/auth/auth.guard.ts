import { timingSafeEqual } from 'node:crypto';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { accessKey, type RouteAccess } from '../../common/route-access.js';
import { routeMetadata } from '../../common/route-metadata.js';
import { Problem } from '../../common/errors.js';
import { currentContext } from '../../common/request-context.js';
import { isLoopback } from '../../config/drivers.js';
import { Env } from '../../config/env.js';
import { Authentication } from './authentication.js';
import { hashKey } from './auth.service.js';
import type { Scope } from '../../common/principal.js';
import { scopeKey } from './scopes.js';

const implied: Record<Scope, readonly Scope[]> = {
  read: ['read', 'write', 'admin'],
  write: ['write', 'admin'],
  admin: ['admin'],
};

/** Puts the principal on every request; global, so that no route can be without it. */
@Injectable()
export class AuthGuard implements CanActivate {
  private readonly access = routeMetadata<RouteAccess>(accessKey);
  private readonly scope = routeMetadata<Scope>(scopeKey);

  constructor(
    private readonly env: Env,
    private readonly authentication: Authentication,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    // sockets prove themselves in their handshake
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    return request.isAdmitted || this.admit(request, context);
  }

  private async admit(request: FastifyRequest, context: ExecutionContext): Promise<boolean> {
    const access = this.access(context);
    if (access === 'metrics') return this.mayScrape(request);
    if (access === 'public') {
      // a principal shows more of a public route, a wrong one shows no less and counts as elsewhere
      await this.authentication.authenticate(request).catch(() => undefined);
      return true;
    }
    const principal = await this.authentication.authenticate(request);
    Object.assign(currentContext() ?? {}, { tenant: principal.tenant, subject: principal.subject });
    const needed = this.scope(context) ?? 'read';
    if (!implied[needed].some((scope) => principal.scopes.includes(scope)))
      throw new Problem('forbidden', `This needs the scope ${needed}.`);
    // Keys, audit and sockets belong to the whole tenant: a principal that is limited to some sets would see
    // the others there, or could make a key for them.
    if (needed === 'admin' && principal.document_sets !== null)
      throw new Problem('forbidden', 'This needs a principal without a limit to document sets.');
    return true;
  }

  /** This machine without a proxy between, or the scrape token. */
  private mayScrape(request: FastifyRequest): true {
    const { headers, raw } = request;
    const forwarded = ['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via'].some(
      (name) => headers[name] !== undefined,
    );
    const isHere = isLoopback((raw.socket.remoteAddress ?? '').replace(/^::ffff:/, ''));
    // A proxy that adds no header of its own speaks HTTP/1.0, as nginx
    // does by default; a page of a rebound name has another host.
    if (isHere && !forwarded && raw.httpVersion === '1.1' && this.isLocalName(headers.host)) return true;
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
    if (
      this.env.METRICS_TOKEN &&
      token &&
      timingSafeEqual(Buffer.from(hashKey(token)), Buffer.from(hashKey(this.env.METRICS_TOKEN)))
    )
      return true;
    throw new Problem('unauthenticated');
  }

  private isLocalName(host = ''): boolean {
    const name = host.replace(/:\d+$/, '').toLowerCase();
    return isLoopback(name) || this.env.ALLOWED_HOSTS.includes(name);
  }
}
