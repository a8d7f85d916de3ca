import { type CanActivate, type ExecutionContext, Injectable, Module } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { APP_GUARD } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../common/errors.js';

/** As Nest names the query among the arguments of a handler. */
const queryArgument = '4:';

/**
 * Refuses query parameters on routes of `/agent` that have none: a misspelt or misplaced one would be ignored
 * in silence. Routes with a query refuse unknown names by their schema.
 */
@Injectable()
class UnknownQueryGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const names = Object.keys(request.query ?? {});
    if (names.length > 0 && request.url.startsWith('/agent/') && !readsQuery(context))
      throw new Problem('validation_failed', 'This operation has no query parameters.', {
        errors: names.slice(0, 10).map((field) => ({ field, message: 'is not known' })),
      });
    return true;
  }
}

function readsQuery(context: ExecutionContext): boolean {
  const args = Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name) as
    Record<string, unknown> | undefined;
  return Object.keys(args ?? {}).some((key) => key.startsWith(queryArgument));
}

/** Guards run in the order in which their modules are imported. */
@Module({ providers: [{ provide: APP_GUARD, useClass: UnknownQueryGuard }] })
export class UnknownQueryModule {}
