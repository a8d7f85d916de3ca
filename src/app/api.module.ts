import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { ErrorFilter } from '../common/error.filter.js';
import { SchemaPipe } from '../common/validate.js';
import type { Env } from '../config/env.js';
import { AgentHttpModule } from '../features/agent/agent-http.module.js';
import { AnswersHttpModule } from '../features/answers/answers-http.module.js';
import { AuthHttpModule } from '../features/auth/auth-http.module.js';
import { ConsoleModule } from '../features/console/console.module.js';
import { DocumentsHttpModule } from '../features/documents/documents-http.module.js';
import { answerRepeated } from '../features/idempotency/idempotency.module.js';
import { McpModule } from '../features/mcp/mcp.module.js';
import { OpenAiApiModule } from '../features/openai-api/openai-api.module.js';
import { OperationsModule } from '../features/operations/operations.module.js';
import { PagesModule } from '../features/pages/pages.module.js';
import { RealtimeModule } from '../features/realtime/realtime.module.js';
import { SourcesHttpModule } from '../features/sources/sources-http.module.js';
import { SpacesHttpModule } from '../features/spaces/spaces-http.module.js';
import { SummariesHttpModule } from '../features/summaries/summaries-http.module.js';
import { TasksModule } from '../features/tasks/tasks.module.js';
import { WebhooksHttpModule } from '../features/webhooks/webhooks-http.module.js';
import { DocsModule } from './docs.module.js';
import { UnknownQueryModule } from './unknown-query.module.js';

/** The features that answer clients, in the order of the API's documentation. */
const features = answerRepeated([
  DocumentsHttpModule,
  TasksModule,
  AnswersHttpModule,
  SummariesHttpModule,
  AgentHttpModule,
  OperationsModule,
  SpacesHttpModule,
  AuthHttpModule,
  RealtimeModule,
  ConsoleModule,
  McpModule,
  OpenAiApiModule,
  PagesModule,
  WebhooksHttpModule,
  SourcesHttpModule,
  DocsModule,
]);

/** Each feature brings its own routes; the guards of `AuthHttpModule` hold for all of them. */
@Module({})
export class ApiModule {
  /** A feature that is switched off has no routes: they answer 404. */
  static register(env: Env): DynamicModule {
    const off = new Set<unknown>([
      ...(env.FEATURES_CONSOLE ? [] : [ConsoleModule]),
      ...(env.FEATURES_MCP ? [] : [McpModule]),
      ...(env.FEATURES_OPENAI_API ? [] : [OpenAiApiModule]),
      ...(env.FEATURES_WEBHOOKS ? [] : [WebhooksHttpModule]),
      ...(env.FEATURES_SOURCES ? [] : [SourcesHttpModule]),
    ]);
    return {
      module: ApiModule,
      // the guard of queries comes after those that say whose request it is
      imports: [...features.filter((feature) => !off.has(feature)), UnknownQueryModule],
      providers: [
        { provide: APP_FILTER, useClass: ErrorFilter },
        { provide: APP_PIPE, useClass: SchemaPipe },
      ],
    };
  }
}
