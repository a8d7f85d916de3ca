import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AuthGuard } from './auth.guard.js';
import { AuthModule } from './auth.module.js';
import { KeysController } from './keys.controller.js';
import { QuotaController } from './quota.controller.js';
import { QuotaGuard } from './quota.guard.js';
import { RateLimitGuard } from './rate-limit.guard.js';
import { SuspensionsController } from './suspensions.controller.js';

/** The global guards of the API, in the order in which they run, and the routes for keys, quotas and suspensions. */
@Module({
  imports: [AuthModule],
  controllers: [KeysController, QuotaController, SuspensionsController],
  providers: [
    { provide: APP_GUARD, useClass: AuthGuard },
    { provide: APP_GUARD, useClass: RateLimitGuard },
    { provide: APP_GUARD, useClass: QuotaGuard },
  ],
})
export class AuthHttpModule {}
