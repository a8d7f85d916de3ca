import { Module } from '@nestjs/common';
import { AgentModule } from '../features/agent/agent.module.js';
import { AnswerQuestionHandler } from '../features/agent/answer-question.handler.js';
import { CheckKnowledgeBaseHandler } from '../features/agent/check-knowledge-base.handler.js';
import { DeleteSetHandler } from '../features/documents/delete-set.handler.js';
import { DocumentsModule } from '../features/documents/documents.module.js';
import { IngestHandler } from '../features/ingestion/ingest.handler.js';
import { ReindexHandler } from '../features/ingestion/reindex.handler.js';
import { IngestionModule } from '../features/ingestion/ingestion.module.js';
import { RunSourceHandler } from '../features/sources/run-source.handler.js';
import { SourcesModule } from '../features/sources/sources.module.js';
import { BuildSpaceHandler } from '../features/spaces/build-space.handler.js';
import { EmbedChunksHandler } from '../features/spaces/embed-chunks.handler.js';
import { IndexSpaceHandler } from '../features/spaces/index-space.handler.js';
import { SpacesModule } from '../features/spaces/spaces.module.js';
import { SummarizeHandler } from '../features/summaries/summarize.handler.js';
import { WebhooksModule } from '../features/webhooks/webhooks.module.js';
import { SummariesModule } from '../features/summaries/summaries.module.js';

/** The handler of each job; boot fails when a job of the catalogue has none. */
export const handlerTypes = [
  IngestHandler,
  DeleteSetHandler,
  SummarizeHandler,
  BuildSpaceHandler,
  EmbedChunksHandler,
  IndexSpaceHandler,
  ReindexHandler,
  CheckKnowledgeBaseHandler,
  AnswerQuestionHandler,
  RunSourceHandler,
];

@Module({
  imports: [
    DocumentsModule,
    IngestionModule,
    SpacesModule,
    SummariesModule,
    AgentModule,
    WebhooksModule,
    SourcesModule,
  ],
})
export class WorkerModule {}
