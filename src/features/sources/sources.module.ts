import { Module } from '@nestjs/common';
import { DocumentsModule } from '../documents/documents.module.js';
import { RunSourceHandler } from './run-source.handler.js';
import { SourceDrivers } from './source-drivers.js';
import { SourceSchedule } from './source-schedule.js';
import { SourceSync } from './source-sync.js';

/** Runs sources; for worker processes. */
@Module({
  imports: [DocumentsModule],
  providers: [RunSourceHandler, SourceDrivers, SourceSchedule, SourceSync],
  exports: [RunSourceHandler],
})
export class SourcesModule {}
