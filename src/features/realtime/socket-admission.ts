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

  /** @throws origin_not_allowed, host_not_allowed */
  assertMayAsk(headers: IncomingHttpHeaders): void {
    assertAllowedOrigin(headers, this.env);
  }

  /**
   * @throws unauthenticated, token_expired, forbidden; rate_limited for a guess from an address with too many
   * wrong credentials
   */
  async identify(credential: Credential | undefined, address: string): Promise<Principal> {
    if (credential) this.attempts.refuseGuess(address, credential);
    const principal = await this.auth.authenticate(credential).catch(async (error: unknown) => {
      if (credential && error instanceof Problem && error.status === 401)
        throw await this.attempts.count(address, credential, error);
      throw error;
    });
    if (credential) this.attempts.accept(credential);
    if (principal.scopes.length === 0) throw new Problem('forbidden');
    return principal;
  }
}
