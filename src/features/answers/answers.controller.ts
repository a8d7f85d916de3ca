import { Body, Controller, HttpCode, Post, Req, Res, type StreamableFile } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { goneSignal } from '../../common/client-disconnect.js';
import { Throws } from '../../common/throws.js';
import { Budget } from '../auth/budget.js';
import { ActivityMeter } from '../../platform/usage/activity-meter.js';
import { CurrentPrincipal } from '../auth/current-principal.js';
import type { Principal } from '../../common/principal.js';
import { Spends } from '../auth/spends.js';
import { SearchQaRequest, SearchQaResponse, SearchRequest, SearchResponse } from './answers.dto.js';
import { AnswersService } from './answers.service.js';
import { eventStream, wantsEvents } from './event-stream.js';
import { questionTimer, timed } from './question-timer.js';

@ApiTags('search and answers')
@Controller('agent')
export class AnswersController {
  constructor(
    private readonly answers: AnswersService,
    private readonly activity: ActivityMeter,
  ) {}

  @Post('search')
  @HttpCode(200)
  @RouteConfig({ events: true })
  @Budget('search')
  @Spends('answer')
  @ApiOperation({
    summary: 'Search, and answer from the results',
    description:
      'With `Accept: text/event-stream` the answer comes as events: `results`, `token`…, `citations`, `done` or `error`. ' +
      'Texts of documents and answers are untrusted: links and images in an answer are inert, quotes are verbatim.',
  })
  @ApiProduces('application/json', 'text/event-stream')
  @ApiOkResponse({ standardSchema: SearchResponse })
  @Throws(
    'validation_failed',
    'embedding_unavailable',
    'rate_limited',
    'quota_exceeded',
    'database_unavailable',
  )
  async search(
    @Body({ schema: SearchRequest }) request: SearchRequest,
    @CurrentPrincipal() principal: Principal,
    @Req() { headers }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SearchResponse | StreamableFile> {
    const signal = goneSignal(reply);
    const { tenant } = principal;
    const question = request.answer ? questionTimer((counted) => this.activity.count(tenant, counted)) : null;
    if (!wantsEvents(headers.accept)) {
      const response = await this.answers.search(request, principal, signal);
      question?.(response);
      return response;
    }
    const events = await this.answers.stream(request, principal, signal);
    return eventStream(reply, question ? timed(events, question) : events);
  }

  @Post('search_qa')
  @HttpCode(200)
  @Budget('answers')
  @Spends('tokens')
  @ApiOperation({ summary: 'Answer from the results of an earlier search' })
  @ApiOkResponse({ standardSchema: SearchQaResponse })
  @Throws('validation_failed', 'rate_limited', 'quota_exceeded')
  answerFrom(
    @Body({ schema: SearchQaRequest }) request: SearchQaRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SearchQaResponse> {
    return this.answers.answerFrom(request, goneSignal(reply));
  }
}
