import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

const quietMs = 250;
const longestMs = 2000;

/**
 * Lets clients go before the server closes: a connection that is cut while idle may just be carrying a request.
 * @returns what begins it: every answer closes its connection from then on; resolves when no request has come for 250 ms, after 2 s at most
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
    while (
      performance.now() - begun < longestMs &&
      performance.now() - Math.max(begun, lastRequest) < quietMs
    ) {
      if ((await connections()) === 0) return;
      await pause(25);
    }
  };
}
