import { Module } from '@nestjs/common';
import { AnswersModule } from '../answers/answers.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { EmbeddingsService } from './embeddings.service.js';
import { Models } from './models.js';
import { OpenAiController } from './openai-api.controller.js';

/** Routes for clients of the OpenAI API: models, chat completions, embeddings. */
@Module({
  imports: [AnswersModule, DocumentsModule],
  controllers: [OpenAiController],
  providers: [Models, EmbeddingsService],
})
export class OpenAiApiModule {}
