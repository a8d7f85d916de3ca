import { Module } from '@nestjs/common';
import { ThrottlerModule } from '@nestjs/throttler';
import { Env } from '../../config/env.js';
import { RateStorage } from '../../platform/limits/rate-storage.js';
import { ApiKeys } from './api-keys.js';
import { Audit } from './audit.js';
import { Authentication } from './authentication.js';
import { AuthService } from './auth.service.js';
import { FailedAttempts } from './failed-attempts.js';
import { FirstKey } from './first-key.js';
import { JwtVerifier } from './jwt-verifier.js';
import { KeyUse } from './key-use.js';
import { Quotas } from './quotas.js';

@Module({
  imports: [
    ThrottlerModule.forRootAsync({
      inject: [Env, RateStorage],
      useFactory: (env: Env, storage: RateStorage) => ({
        storage,
        throttlers: [{ limit: env.RATE_LIMIT_MAX_REQUESTS, ttl: env.RATE_LIMIT_WINDOW_SECONDS * 1000 }],
      }),
    }),
  ],
  providers: [
    Authentication,
    AuthService,
    JwtVerifier,
    FailedAttempts,
    ApiKeys,
    Audit,
    FirstKey,
    KeyUse,
    Quotas,
  ],
  exports: [FirstKey, Authentication, AuthService, FailedAttempts, ApiKeys, Audit, Quotas, ThrottlerModule],
})
export class AuthModule {}
