import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { SourceDrivers } from './source-drivers.js';
import { SourceStore } from './source.store.js';
import { SourcesController } from './sources.controller.js';

/** The routes of sources; workers go without them. */
@Module({
  imports: [AuthModule],
  controllers: [SourcesController],
  providers: [SourceDrivers, SourceStore],
})
export class SourcesHttpModule {}
