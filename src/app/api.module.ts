import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { ErrorFilter } from '../common/error.filter.js';
import { SchemaPipe } from '../common/validate.js';
import { AgentController } from '../features/agent/agent.controller.js';
import { AgentModule } from '../features/agent/agent.module.js';
import { AnswersController } from '../features/answers/answers.controller.js';
import { AnswersModule } from '../features/answers/answers.module.js';
import { AuthGuard } from '../features/auth/auth.guard.js';
import { AuthModule } from '../features/auth/auth.module.js';
import { QuotaController } from '../features/auth/quota.controller.js';
import { QuotaGuard } from '../features/auth/quota.guard.js';
import { RateLimitGuard } from '../features/auth/rate-limit.guard.js';
import { SuspensionsController } from '../features/auth/suspensions.controller.js';
import { ConsoleModule } from '../features/console/console.module.js';
import { KeysController } from '../features/auth/keys.controller.js';
import { DocumentsController } from '../features/documents/documents.controller.js';
import { DocumentsModule } from '../features/documents/documents.module.js';
import { FilesController } from '../features/documents/files.controller.js';
import { UploadsController } from '../features/documents/uploads.controller.js';
import { IdempotencyInterceptor } from '../features/idempotency/idempotency.interceptor.js';
import { OpenAiApiModule } from '../features/openai-api/openai-api.module.js';
import { OperationsController } from '../features/operations/operations.controller.js';
import { PagesModule } from '../features/pages/pages.module.js';
import { RealtimeModule } from '../features/realtime/realtime.module.js';
import { SpacesController } from '../features/spaces/spaces.controller.js';
import { SpacesModule } from '../features/spaces/spaces.module.js';
import { SummariesController } from '../features/summaries/summaries.controller.js';
import { SummariesModule } from '../features/summaries/summaries.module.js';
import { TasksController } from '../features/tasks/tasks.controller.js';
import { TasksModule } from '../features/tasks/tasks.module.js';
import { DocsController } from './docs.controller.js';
import { OpenApiHolder } from './openapi.js';

/** Everything that answers clients: controllers, the gateway, and what every request passes. Guards are global, so that no route is without them. */
@Module({
  imports: [
    AuthModule,
    DocumentsModule,
    TasksModule,
    AnswersModule,
    SummariesModule,
    SpacesModule,
    AgentModule,
    RealtimeModule,
    ConsoleModule,
    OpenAiApiModule,
    PagesModule,
  ],
  controllers: [
    UploadsController,
    DocumentsController,
    FilesController,
    TasksController,
    AnswersController,
    SummariesController,
    AgentController,
    OperationsController,
    SpacesController,
    KeysController,
    QuotaController,
    SuspensionsController,
    DocsController,
  ],
  providers: [
    OpenApiHolder,
    { provide: APP_FILTER, useClass: ErrorFilter },
    // in this order: who is it, may it, is it too often, is there any left
    { provide: APP_GUARD, useClass: AuthGuard },
    { provide: APP_GUARD, useClass: RateLimitGuard },
    { provide: APP_GUARD, useClass: QuotaGuard },
    { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
    { provide: APP_PIPE, useClass: SchemaPipe },
  ],
})
export class ApiModule {}
