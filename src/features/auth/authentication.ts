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
   * @throws unauthenticated, token_expired, rate_limited for an address with too many wrong credentials,
   * errors of the database and of issuers
   */
  async authenticate(request: FastifyRequest): Promise<Principal> {
    if (request.principal) return request.principal;
    this.attempts.refuseBlocked(request.ip);
    const credential = credentialFrom(request.headers);
    try {
      request.principal = await this.auth.authenticate(credential);
      return request.principal;
    } catch (error) {
      if (credential && error instanceof Problem && error.status === 401)
        await this.attempts.count(request.ip);
      throw error;
    }
  }
}
