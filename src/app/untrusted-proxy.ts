import { Logger } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import ipaddr from 'ipaddr.js';
import { readableHops } from '../common/client-address.js';

/**
 * Tells the operator once when several clients come through a proxy that TRUST_PROXY does not name: they share
 * the limits of one address, and the log shows the proxy in their place. Only a peer on a private address can
 * be such a proxy. A client from outside could send the header itself.
 */
export function noticeUntrustedProxy(fastify: FastifyInstance): void {
  const logger = new Logger('Http');
  let seen: { peer: string; client: string } | undefined;
  let isTold = false;
  fastify.addHook('onRequest', ({ raw }, _reply, done) => {
    const forwardedFor = raw.headers['x-forwarded-for'];
    if (!isTold && forwardedFor !== undefined) {
      const peer = raw.socket.remoteAddress ?? '';
      const client = readableHops([forwardedFor].flat().join(',')).at(-1);
      if (client !== undefined && isPrivate(peer)) {
        isTold = seen?.peer === peer && seen.client !== client;
        seen = { peer, client };
        if (isTold)
          logger.warn(
            `Requests of several clients come through ${peer} (X-Forwarded-For), and TRUST_PROXY is not set: all these clients share the limits of one address, and the log shows that address only. If ${peer} is your proxy, set TRUST_PROXY=1.`,
          );
      }
    }
    done();
  });
}

const privateRanges = new Set(['private', 'loopback', 'uniqueLocal', 'linkLocal', 'carrierGradeNat']);

const isPrivate = (address: string): boolean =>
  ipaddr.isValid(address) && privateRanges.has(ipaddr.process(address).range());
