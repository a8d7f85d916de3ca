import { Module } from '@nestjs/common';
import { AnswersModule } from '../answers/answers.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { SearchModule } from '../search/search.module.js';
import { SummariesModule } from '../summaries/summaries.module.js';
import { AgentService } from './agent.service.js';
import { AnswerQuestionHandler } from './answer-question.handler.js';
import { CheckKnowledgeBaseHandler } from './check-knowledge-base.handler.js';
import { FoundPassages } from './found-passages.js';

@Module({
  imports: [AuthModule, AnswersModule, DocumentsModule, SearchModule, SummariesModule],
  providers: [AgentService, AnswerQuestionHandler, CheckKnowledgeBaseHandler, FoundPassages],
  exports: [AgentService, AnswerQuestionHandler, CheckKnowledgeBaseHandler],
})
export class AgentModule {}
