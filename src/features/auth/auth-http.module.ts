import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { Admission } from './admission.js';
import { AuthGuard } from './auth.guard.js';
import { AuthModule } from './auth.module.js';
import { KeysController } from './keys.controller.js';
import { QuotaController } from './quota.controller.js';
import { QuotaGuard } from './quota.guard.js';
import { RateLimitGuard } from './rate-limit.guard.js';
import { RequestSlots } from './request-slots.js';
import { SuspensionsController } from './suspensions.controller.js';

/**
 * The global guards of the API, in the order in which they
 * run, and the routes for keys, quotas and suspensions.
 */
@Module({
  imports: [AuthModule],
  controllers: [KeysController, QuotaController, SuspensionsController],
  providers: [
    Admission,
    AuthGuard,
    RequestSlots,
    RateLimitGuard,
    QuotaGuard,
    { provide: APP_GUARD, useExisting: AuthGuard },
    { provide: APP_GUARD, useExisting: RequestSlots },
    { provide: APP_GUARD, useExisting: RateLimitGuard },
    { provide: APP_GUARD, useExisting: QuotaGuard },
  ],
})
export class AuthHttpModule {}
