import type { FastifyInstance, FastifyRequest, RouteHandlerMethod } from 'fastify';

const path = '/health/live';

/** A credential is checked even here, so that a wrong one counts. */
const isBareProbe = ({ raw }: FastifyRequest): boolean =>
  raw.url === path && raw.headers.authorization === undefined && raw.headers['x-api-key'] === undefined;

/**
 * Answers liveness without Nest where its guards have nothing to look at: a public route, asked without a credential and a
 * query. Probes and proxies ask it more often than anything else. Hooks run as for every request: limits, hosts, headers, log and metrics.
 */
export function answerLiveness(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    if (route.url !== path || route.method !== 'GET') return;
    const byNest: RouteHandlerMethod = route.handler;
    route.handler = function answer(request, reply) {
      if (!isBareProbe(request)) return byNest.call(this, request, reply);
      return reply.send({ status: 'ok' });
    };
  });
}
