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

declare module 'fastify' {
  interface FastifyRequest {
    hasEnded: boolean;
    /** Acts of `whenEnded`. */
    endActs: (() => void)[] | null;
  }
}

const gone = 499;
const actsAtEnd = new WeakMap<FastifyInstance, Act[]>();

/**
 * Calls `act` once per request, when the answer is sent or the client has left. Fastify's own hook does not
 * report the latter.
 */
export function onRequestEnd(fastify: FastifyInstance, act: Act): void {
  watchEnds(fastify).push(act);
}

/** Calls `act` when one request has ended; at once if it has. */
export function whenEnded(request: FastifyRequest, act: () => void): void {
  if (request.hasEnded) act();
  else if (request.endActs) request.endActs.push(act);
  else request.endActs = [act];
}

/** One listener a request serves all who wait for its end. */
function watchEnds(fastify: FastifyInstance): Act[] {
  const known = actsAtEnd.get(fastify);
  if (known) return known;
  const acts: Act[] = [];
  actsAtEnd.set(fastify, acts);
  const end = (request: FastifyRequest, reply: FastifyReply): void => {
    if (request.hasEnded) return;
    request.hasEnded = true;
    const { writableFinished, headersSent } = reply.raw;
    const how = {
      status: headersSent ? reply.raw.statusCode : gone,
      ms: reply.elapsedTime,
      gone: !writableFinished,
    };
    for (const act of acts) act(request, reply, how);
    for (const act of request.endActs ?? []) act();
  };
  fastify.decorateRequest('hasEnded', false);
  fastify.decorateRequest('endActs', null);
  fastify.addHook('onResponse', (request, reply, done) => {
    end(request, reply);
    done();
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.raw.once('close', () => end(request, reply));
    done();
  });
  return acts;
}
