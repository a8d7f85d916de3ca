import { Logger } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';

const quiet = /^\/(health|metrics)(\/|$)/;

/** One line a request when its answer is out: who, what, status, milliseconds. Probes and scrapes are silent unless they break. */
export function logRequests(fastify: FastifyInstance, logger: Pick<Logger, 'log' | 'warn'> = new Logger('http')): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    // without the query: it may carry what somebody searched for
    const path = request.url.split('?', 1)[0] ?? '';
    const failed = reply.statusCode >= 500;
    // a probe's 503 is its answer, not a failure
    if (!quiet.test(path) || reply.statusCode === 500) {
      const principal = (request as { principal?: { tenant: string; subject: string } }).principal;
      const line = {
        msg: `${request.method} ${path} ${reply.statusCode}`,
        request_id: request.id,
        ...(principal && { tenant: principal.tenant, subject: principal.subject }),
        method: request.method,
        path,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        ip: request.ip,
      };
      if (failed) logger.warn(line);
      else logger.log(line);
    }
    done();
  });
}
