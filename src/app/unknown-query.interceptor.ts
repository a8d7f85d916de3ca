import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { Problem } from '../common/errors.js';

/** As Nest names the query among the arguments of a handler. */
const queryArgument = '4:';

/**
 * Refuses query parameters on routes of `/agent` that have none: a misspelt or misplaced one would be ignored in silence.
 * Routes with a query refuse unknown names by their schema.
 */
@Injectable()
export class UnknownQueryInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const names = Object.keys(request.query ?? {});
    if (names.length > 0 && request.url.startsWith('/agent/') && !readsQuery(context))
      throw new Problem('validation_failed', 'This operation has no query parameters.', {
        errors: names.slice(0, 10).map((field) => ({ field, message: 'is not known' })),
      });
    return next.handle();
  }
}

function readsQuery(context: ExecutionContext): boolean {
  const args = Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name) as
    Record<string, unknown> | undefined;
  return Object.keys(args ?? {}).some((key) => key.startsWith(queryArgument));
}
