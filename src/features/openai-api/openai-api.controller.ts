import { Body, Controller, Get, HttpCode, Param, Post, Req, Res, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { goneSignal } from '../../common/client-disconnect.js';
import type { Principal } from '../../common/principal.js';
import { ThrowsOpenAi } from '../../common/throws.js';
import { AnswersService } from '../answers/answers.service.js';
import { textStream } from '../answers/event-stream.js';
import { Budget } from '../auth/budget.js';
import { CurrentPrincipal } from '../auth/current-principal.js';
import { Spends } from '../auth/spends.js';
import { ChatCompletion, ChatCompletionRequest, Model, ModelList } from './chat.dto.js';
import { Completion, toSearchRequest } from './completions.js';
import { completionFrames } from './completion-stream.js';
import { EmbeddingsRequest, EmbeddingsResponse } from './embeddings.dto.js';
import { EmbeddingsService } from './embeddings.service.js';
import { Models } from './models.js';

/** The part of the OpenAI API that chat front ends use. Errors come in that API's form. */
@ApiTags('OpenAI-compatible')
@Controller('v1')
export class OpenAiController {
  constructor(
    private readonly models: Models,
    private readonly answers: AnswersService,
    private readonly embeddings: EmbeddingsService,
  ) {}

  @Get('models')
  @ApiOperation({ summary: 'List the models: `docent`, and one for each document set' })
  @ApiOkResponse({ standardSchema: ModelList })
  async listModels(@CurrentPrincipal() principal: Principal) {
    return { object: 'list' as const, data: await this.models.list(principal) };
  }

  @Get('models/:id')
  @ApiOperation({ summary: 'One model' })
  @ApiOkResponse({ standardSchema: Model })
  @ThrowsOpenAi('model_not_found')
  getModel(@Param('id') id: string, @CurrentPrincipal() principal: Principal) {
    return this.models.get(principal, id);
  }

  @Get('models/docent/:set')
  @ApiOperation({ summary: 'The model of one document set' })
  @ApiOkResponse({ standardSchema: Model })
  @ThrowsOpenAi('model_not_found')
  getSetModel(@Param('set') set: string, @CurrentPrincipal() principal: Principal) {
    return this.models.get(principal, `docent/${set}`);
  }

  @Post('chat/completions')
  @HttpCode(200)
  @Budget('search')
  @Spends('answer')
  @ApiOperation({
    summary: 'Answer the last message from the documents',
    description:
      'With `stream: true` the answer comes as `chat.completion.chunk` events, then `[DONE]`. ' +
      'The field `docent` holds quotes with pages, and whether each was verified.',
  })
  @ApiProduces('application/json', 'text/event-stream')
  @ApiOkResponse({ standardSchema: ChatCompletion })
  @ThrowsOpenAi(
    'validation_failed',
    'model_not_found',
    'rate_limited',
    'quota_exceeded',
    'database_unavailable',
  )
  async complete(
    @Body({ schema: ChatCompletionRequest }) request: ChatCompletionRequest,
    @CurrentPrincipal() principal: Principal,
    @Req() http: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ChatCompletion | StreamableFile> {
    const question = toSearchRequest(request, await this.models.resolve(principal, request.model));
    const completion = new Completion(request.model, `${http.protocol}://${http.host}`);
    const signal = goneSignal(reply);
    if (!request.stream) {
      return completion.whole(await this.answers.search(question, principal, signal));
    }
    const events = await this.answers.stream(question, principal, signal);
    return textStream(
      reply,
      completionFrames(events, completion, request.stream_options?.include_usage === true),
    );
  }

  @Post('embeddings')
  @HttpCode(200)
  @Budget('answers')
  @Spends('embedding')
  @ApiOperation({ summary: 'Vectors of texts, by the configured embedding model' })
  @ApiOkResponse({ standardSchema: EmbeddingsResponse })
  @ThrowsOpenAi(
    'validation_failed',
    'model_not_found',
    'embedding_unavailable',
    'rate_limited',
    'quota_exceeded',
    'upstream_unavailable',
  )
  embed(
    @Body({ schema: EmbeddingsRequest }) request: EmbeddingsRequest,
    @CurrentPrincipal() { tenant }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EmbeddingsResponse> {
    return this.embeddings.embed(request, tenant, goneSignal(reply));
  }
}
