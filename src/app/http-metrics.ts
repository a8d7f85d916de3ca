import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../platform/metrics/metrics.js';

/** Counts and times every request under its route's template, so that labels stay few whatever clients ask for. */
export function measureRequests(fastify: FastifyInstance, metrics: Metrics): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const endpoint = request.routeOptions.url ?? 'unmatched';
    metrics.httpRequests.inc({ method: request.method, endpoint, status: String(reply.statusCode) });
    metrics.httpDuration.observe({ method: request.method, endpoint }, reply.elapsedTime / 1000);
    done();
  });
}
