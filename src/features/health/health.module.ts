import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HealthController } from './health.controller.js';
import { DiskHealth, MemoryHealth } from './machine-health.js';
import { BlobStoreHealth, DatabaseHealth, EmbedderHealth, QueueHealth } from './port-health.js';
import { Readiness } from './readiness.js';

/** Served by the API and by workers alike. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false, gracefulShutdownTimeoutMs: 0 })],
  controllers: [HealthController],
  providers: [
    Readiness,
    DatabaseHealth,
    QueueHealth,
    BlobStoreHealth,
    EmbedderHealth,
    DiskHealth,
    MemoryHealth,
  ],
  exports: [Readiness],
})
export class HealthModule {}
