import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

const quietMs = 250;
const maxMs = 2000;

/**
 * Lets clients leave before the server closes: an idle connection that is cut may just carry a new request.
 * @returns a function that starts it: from then on every answer closes its connection; resolves when no
 * request has come for 250 ms, after at most 2 s
 */
export function drainConnections(fastify: FastifyInstance): () => Promise<void> {
  let leaving = false;
  let lastRequest = 0;
  fastify.addHook('onRequest', (_request, _reply, done) => {
    lastRequest = performance.now();
    done();
  });
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (leaving) void reply.header('connection', 'close');
    done(null, payload);
  });
  const connections = (): Promise<number> =>
    new Promise((resolve) => fastify.server.getConnections((error, count) => resolve(error ? 0 : count)));
  return async () => {
    leaving = true;
    const begun = performance.now();
    while (performance.now() - begun < maxMs && performance.now() - Math.max(begun, lastRequest) < quietMs) {
      if ((await connections()) === 0) return;
      await pause(25);
    }
  };
}
