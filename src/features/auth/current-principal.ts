import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../../common/errors.js';
import type { Principal } from '../../common/principal.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard before any handler runs. */
    principal?: Principal;
  }
}

/** The principal that the guard has put on the request. */
export const CurrentPrincipal = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!principal) throw new Problem('unauthenticated');
  return principal;
});
