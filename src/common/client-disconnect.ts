import type { FastifyReply } from 'fastify';
import { Problem } from './errors.js';

/** Aborts when the client goes away before its answer is complete. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished)
      controller.abort(new Problem('bad_request', 'The client disconnected.', { status: 499 }));
  });
  return controller.signal;
}
