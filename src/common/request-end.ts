import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** How a request ended. */
export interface RequestEnd {
  /** 499 for a client that went away before there was any answer. */
  status: number;
  ms: number;
  /** The client went away before the whole answer was out; the usual end of a stream of events. */
  gone: boolean;
}

const gone = 499;

/** Calls `act` once a request when its answer is out, or when its client is gone: Fastify's own hook is silent about the latter. */
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
