import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** How a request ended. */
interface RequestEnd {
  /** 499 for a client that left before any answer was sent. */
  status: number;
  ms: number;
  /** The client left before the whole answer was sent; the usual end of a stream of events. */
  gone: boolean;
}

type Act = (request: FastifyRequest, reply: FastifyReply, end: RequestEnd) => void;

const gone = 499;
const actsAtEnd = new WeakMap<FastifyInstance, Act[]>();

/**
 * Calls `act` once per request, when the answer is sent or the client has left. Fastify's own hook does not
 * report the latter.
 */
export function onRequestEnd(fastify: FastifyInstance, act: Act): void {
  const known = actsAtEnd.get(fastify);
  if (known) known.push(act);
  else {
    const acts = [act];
    actsAtEnd.set(fastify, acts);
    watchEnds(fastify, acts);
  }
}

/** One listener a request serves all who wait for its end. */
function watchEnds(fastify: FastifyInstance, acts: readonly Act[]): void {
  const ended = new WeakSet<FastifyReply>();
  const end = (request: FastifyRequest, reply: FastifyReply): void => {
    if (ended.has(reply)) return;
    ended.add(reply);
    const { writableFinished, headersSent } = reply.raw;
    const how = {
      status: headersSent ? reply.raw.statusCode : gone,
      ms: reply.elapsedTime,
      gone: !writableFinished,
    };
    for (const act of acts) act(request, reply, how);
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
