import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../../common/errors.js';
import { AuthService } from './auth.service.js';
import { credentialFrom } from './credential.js';
import { FailedAttempts } from './failed-attempts.js';
import type { Principal } from '../../common/principal.js';

/** Authenticates a request once. */
@Injectable()
export class Authentication {
  constructor(
    private readonly auth: AuthService,
    private readonly attempts: FailedAttempts,
  ) {}

  /**
   * @throws unauthenticated, token_expired, rate_limited for a guess from an address with too many
   * wrong credentials, errors of the database and of issuers
   */
  async authenticate(request: FastifyRequest): Promise<Principal> {
    if (request.principal) return request.principal;
    const credential = credentialFrom(request.headers);
    if (credential) this.attempts.refuseGuess(request.ip, credential);
    try {
      request.principal = await this.auth.authenticate(credential);
    } catch (error) {
      if (credential && error instanceof Problem && error.status === 401)
        throw await this.attempts.count(request.ip, credential, error);
      throw error;
    }
    if (credential) this.attempts.accept(credential);
    return request.principal;
  }
}
