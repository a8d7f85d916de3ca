import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HealthController } from './health.controller.js';
import { HealthParts } from './health-parts.js';
import { Readiness } from './readiness.js';

/** Served by the API and by workers alike. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false, gracefulShutdownTimeoutMs: 0 })],
  controllers: [HealthController],
  providers: [HealthParts, Readiness],
  exports: [Readiness],
})
export class HealthModule {}
