import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { ErrorFilter } from '../common/error.filter.js';
import { AuthGuard } from '../features/auth/auth.guard.js';
import { AuthModule } from '../features/auth/auth.module.js';

/** What a worker answers by HTTP: health and metrics, under the same guard as everywhere. */
@Module({
  imports: [AuthModule],
  providers: [
    { provide: APP_FILTER, useClass: ErrorFilter },
    { provide: APP_GUARD, useClass: AuthGuard },
  ],
})
export class WorkerHttpModule {}
