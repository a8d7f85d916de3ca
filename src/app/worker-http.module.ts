import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { ErrorFilter } from '../common/error.filter.js';
import { AuthGuard } from '../features/auth/auth.guard.js';
import { AuthModule } from '../features/auth/auth.module.js';

/** HTTP routes of a worker: health and metrics, with the same guards as everywhere. */
@Module({
  imports: [AuthModule],
  providers: [
    { provide: APP_FILTER, useClass: ErrorFilter },
    { provide: APP_GUARD, useClass: AuthGuard },
  ],
})
export class WorkerHttpModule {}
