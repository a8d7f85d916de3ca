import type { FastifyInstance } from 'fastify';
import { onRequestEnd } from '../common/request-end.js';
import type { Metrics } from '../platform/metrics/metrics.js';

/**
 * Counts and times every request under the template of its route, so that clients cannot create new labels.
 */
export function measureRequests(fastify: FastifyInstance, metrics: Metrics): void {
  onRequestEnd(fastify, (request, _reply, { status, ms }) => {
    const endpoint = request.routeOptions.url ?? 'unmatched';
    metrics.httpRequests.inc({ method: request.method, endpoint, status: String(status) });
    metrics.httpDuration.observe({ method: request.method, endpoint }, ms / 1000);
  });
}
