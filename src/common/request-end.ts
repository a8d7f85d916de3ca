import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** How a request ended. */
export interface RequestEnd {
  /** 499 for a client that left before any answer was sent. */
  status: number;
  ms: number;
  /** The client left before the whole answer was sent; the usual end of a stream of events. */
  gone: boolean;
}

const gone = 499;

/**
 * Calls `act` once per request, when the answer is sent or the client has left. Fastify's own hook does not
 * report the latter.
 */
export function onRequestEnd(
  fastify: FastifyInstance,
  act: (request: FastifyRequest, reply: FastifyReply, end: RequestEnd) => void,
): void {
  const ended = new WeakSet<FastifyReply>();
  const end = (request: FastifyRequest, reply: FastifyReply): void => {
    if (ended.has(reply)) return;
    ended.add(reply);
    const { writableFinished, headersSent } = reply.raw;
    act(request, reply, {
      status: headersSent ? reply.raw.statusCode : gone,
      ms: reply.elapsedTime,
      gone: !writableFinished,
    });
  };
  fastify.addHook('onResponse', (request, reply, done) => {
    end(request, reply);
    done();
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.raw.once('close', () => end(request, reply));
    done();
  });
}
