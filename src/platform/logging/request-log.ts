import { Logger } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger as Pino } from 'pino';
import { onRequestEnd } from '../../common/request-end.js';
import type { RequestContext } from '../../common/request-context.js';
import { readTraceId } from '../../common/trace-context.js';

const quiet = /^\/(health|metrics)(\/|$)/;

/** Takes the line of a request as an object with `msg`. */
export interface RequestLines {
  log(line: object): void;
  warn(line: object): void;
}

/**
 * Writes the lines of requests past Nest and without a search for secret fields: theirs are always the same,
 * and none is secret. Secret values are struck out of the text as in every other line.
 */
export function writeLines(root: Pino): RequestLines {
  const lines = root.child({}, { redact: [] });
  return {
    log: (line) => lines.info({ context: 'http', ...line }),
    warn: (line) => lines.warn({ context: 'http', ...line }),
  };
}

/**
 * Logs one line for each request when its answer is sent or its client has left: who, what, status,
 * milliseconds. Probes and scrapes are logged only when they fail.
 */
export function logRequests(fastify: FastifyInstance, lines: RequestLines = new Logger('http')): void {
  onRequestEnd(fastify, (request, _reply, { status, ms, gone }) => {
    // without the query, which may contain a user's search
    const path = request.url.split('?', 1)[0] ?? '';
    // a probe's 503 is its answer, not a failure
    if (quiet.test(path) && status !== 500) return;
    const { requestId, tenant, subject, traceContext } = getContext(request);
    // the event comes from the socket, outside of the request's context
    const line = {
      request_id: requestId,
      tenant,
      subject,
      trace_id: readTraceId(traceContext),
      msg: `${request.method} ${path} ${status}`,
      method: request.method,
      path,
      status,
      ms: Math.round(ms * 10) / 10,
      ip: request.ip,
      ...(gone && { client_gone: true }),
    };
    if (status >= 500) lines.warn(line);
    else lines.log(line);
  });
}

const getContext = (request: FastifyRequest): RequestContext =>
  (request as { requestContext?: RequestContext }).requestContext ?? { requestId: request.id };
