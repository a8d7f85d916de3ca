import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import { clientAddress, makeTrust, type Trust } from '../../common/client-address.js';
import { Problem } from '../../common/errors.js';
import type { Principal } from '../../common/principal.js';
import { Env } from '../../config/env.js';
import { AuthService } from '../auth/auth.service.js';
import type { Credential } from '../auth/credential.js';
import { FailedAttempts } from '../auth/failed-attempts.js';
import { assertAllowedOrigin } from './handshake.js';

/** Admits or refuses new sockets, for Socket.IO and plain WebSockets alike. */
@Injectable()
export class SocketAdmission {
  private readonly trust: Trust;

  constructor(
    private readonly env: Env,
    private readonly auth: AuthService,
    private readonly attempts: FailedAttempts,
  ) {
    this.trust = makeTrust(env.TRUST_PROXY);
  }

  /** The client's address behind the proxies that are trusted. */
  findAddress(peer: string, headers: IncomingHttpHeaders): string {
    return clientAddress(peer, headers['x-forwarded-for'], this.trust);
  }

  /**
   * @throws origin_not_allowed, host_not_allowed; rate_limited
   * after too many wrong credentials of the address
   */
  assertMayAsk(headers: IncomingHttpHeaders, address: string): void {
    assertAllowedOrigin(headers, this.env);
    this.attempts.refuseBlocked(address);
  }

  /** @throws unauthenticated, token_expired, forbidden */
  async identify(credential: Credential | undefined, address: string): Promise<Principal> {
    const principal = await this.auth.authenticate(credential).catch(async (error: unknown) => {
      if (credential && error instanceof Problem && error.status === 401) await this.attempts.count(address);
      throw error;
    });
    if (principal.scopes.length === 0) throw new Problem('forbidden');
    return principal;
  }
}
