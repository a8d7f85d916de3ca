import { Logger } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { onRequestEnd } from '../../common/request-end.js';
import { type RequestContext, runInContext } from '../../common/request-context.js';

const quiet = /^\/(health|metrics)(\/|$)/;

/**
 * Logs one line for each request when its answer is sent or its client has left: who, what, status,
 * milliseconds. Probes and scrapes are logged only when they fail.
 */
export function logRequests(
  fastify: FastifyInstance,
  logger: Pick<Logger, 'log' | 'warn'> = new Logger('http'),
): void {
  onRequestEnd(fastify, (request, _reply, { status, ms, gone }) => {
    // without the query, which may contain a user's search
    const path = request.url.split('?', 1)[0] ?? '';
    // a probe's 503 is its answer, not a failure
    if (quiet.test(path) && status !== 500) return;
    const line = {
      msg: `${request.method} ${path} ${status}`,
      method: request.method,
      path,
      status,
      ms: Math.round(ms * 10) / 10,
      ip: request.ip,
      ...(gone && { client_gone: true }),
    };
    // the event comes from the socket, outside of the request's context
    runInContext(getContext(request), () => (status >= 500 ? logger.warn(line) : logger.log(line)));
  });
}

const getContext = (request: FastifyRequest): RequestContext =>
  (request as { requestContext?: RequestContext }).requestContext ?? { requestId: request.id };
