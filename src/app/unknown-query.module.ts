import { type CanActivate, type ExecutionContext, Injectable, Module, type Type } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { APP_GUARD } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../common/errors.js';
import { oncePerRoute } from '../common/route-metadata.js';

/** As Nest names the query among the arguments of a handler. */
const queryArgument = '4:';

/**
 * Refuses query parameters on routes of `/agent` that have none: a misspelt or misplaced one would be ignored
 * in silence. Routes with a query refuse unknown names by their schema.
 */
@Injectable()
class UnknownQueryGuard implements CanActivate {
  private readonly readsQuery = oncePerRoute(readsQuery);

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (!request.url.includes('?') || !request.url.startsWith('/agent/') || this.readsQuery(context))
      return true;
    const names = Object.keys(request.query ?? {});
    if (names.length > 0)
      throw new Problem('validation_failed', 'This operation has no query parameters.', {
        errors: names.slice(0, 10).map((field) => ({ field, message: 'is not known' })),
      });
    return true;
  }
}

function readsQuery({ name }: { name: string }, controller: Type): boolean {
  const args = Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) as
    Record<string, unknown> | undefined;
  return Object.keys(args ?? {}).some((key) => key.startsWith(queryArgument));
}

/** Guards run in the order in which their modules are imported. */
@Module({ providers: [{ provide: APP_GUARD, useClass: UnknownQueryGuard }] })
export class UnknownQueryModule {}
