import { Module } from '@nestjs/common';
import { AnswersModule } from '../answers/answers.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { SummariesService } from './summaries.service.js';
import { SummarizeHandler } from './summarize.handler.js';
import { Summarizer } from './summarizer.js';
import { SummaryStore } from './summary.store.js';

@Module({
  imports: [AuthModule, AnswersModule, DocumentsModule],
  providers: [SummariesService, SummarizeHandler, Summarizer, SummaryStore],
  exports: [SummariesService, SummarizeHandler, SummaryStore],
})
export class SummariesModule {}
