import { Module } from '@nestjs/common';
import { SummariesModule } from './summaries.module.js';
import { SummariesController } from './summaries.controller.js';

/** The routes of summaries; workers go without them. */
@Module({ imports: [SummariesModule], controllers: [SummariesController] })
export class SummariesHttpModule {}
