import type { FastifyInstance } from 'fastify';
import { onRequestEnd } from '../common/request-end.js';
import { contextOfHeaders, type Span } from '../common/trace-context.js';
import type { Tracing } from '../platform/tracing/tracing.js';

const untraced = /^\/(health|metrics)(\/|\?|$)/;

/**
 * One span for each request, below the client's own if it sent a `traceparent`. Probes and scrapes have none.
 */
export function traceRequests(fastify: FastifyInstance, { spans }: Tracing): void {
  if (!spans) return;
  const open = new WeakMap<object, Span>();
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (!untraced.test(request.url)) {
      const context = request.requestContext;
      // a context that was made up for the log must not become a parent that decides against recording
      const parent = contextOfHeaders(request.headers['traceparent'], '') ? context.traceContext : undefined;
      const span = spans.open(request.method, parent, { kind: 'server' });
      Object.assign(context, { traceContext: span.context, spans });
      open.set(request, span);
    }
    done();
  });
  onRequestEnd(fastify, (request, _reply, { status, gone }) => {
    const span = open.get(request);
    if (!span) return;
    const route = request.routeOptions.url ?? 'unmatched';
    const { requestId, tenant } = request.requestContext;
    span.rename(`${request.method} ${route}`);
    span.set({
      'http.request.method': request.method,
      'http.route': route,
      'http.response.status_code': status,
      'docent.request_id': requestId,
      ...(tenant && { 'docent.tenant': tenant }),
      ...(gone && { 'docent.client_gone': true }),
    });
    span.end(status >= 500 ? String(status) : undefined);
  });
}
