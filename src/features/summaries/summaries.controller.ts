import { Body, Controller, Get, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { goneSignal } from '../../common/client-disconnect.js';
import { Throws } from '../../common/throws.js';
import { Budget } from '../auth/budget.js';
import { CurrentPrincipal } from '../auth/current-principal.js';
import type { Principal } from '../../common/principal.js';
import { Scopes } from '../auth/scopes.js';
import { Spends } from '../auth/spends.js';
import {
  ListSummariesQuery,
  SummariesResponse,
  SummarizeRequest,
  SummarizeResponse,
  SummaryQaRequest,
  SummaryQaResponse,
} from './summaries.dto.js';
import { SummariesService } from './summaries.service.js';
import { SummaryStore } from './summary.store.js';

@ApiTags('summaries')
@Controller('agent')
export class SummariesController {
  constructor(
    private readonly summaries: SummariesService,
    private readonly store: SummaryStore,
  ) {}

  @Post('summarize')
  @HttpCode(202)
  @Scopes('write')
  @Budget('answers')
  @Spends('tokens', 'task')
  @ApiOperation({
    summary: 'Summarise a whole document',
    description: 'Its result is at /agent/status and in /agent/summaries.',
  })
  @ApiAcceptedResponse({ standardSchema: SummarizeResponse })
  @Throws(
    'validation_failed',
    'invalid_filename',
    'not_found',
    'ambiguous_document',
    'conflict',
    'rate_limited',
    'quota_exceeded',
  )
  summarize(
    @Body({ schema: SummarizeRequest }) request: SummarizeRequest,
    @CurrentPrincipal() principal: Principal,
  ): Promise<SummarizeResponse> {
    return this.summaries.request(principal, request);
  }

  @Get('summaries')
  @ApiOperation({ summary: 'List summaries, newest first' })
  @ApiOkResponse({ standardSchema: SummariesResponse })
  @Throws('validation_failed')
  async list(
    @Query({ schema: ListSummariesQuery }) query: ListSummariesQuery,
    @CurrentPrincipal() principal: Principal,
  ) {
    const { rows, next_cursor } = await this.store.list(principal, query);
    return { summaries: rows, next_cursor };
  }

  @Post('summary_qa')
  @HttpCode(200)
  @Budget('answers')
  @Spends('tokens')
  @ApiOperation({ summary: 'Answer from the summary of a document and nothing else' })
  @ApiOkResponse({ standardSchema: SummaryQaResponse })
  @Throws(
    'validation_failed',
    'invalid_filename',
    'summary_not_found',
    'ambiguous_document',
    'rate_limited',
    'quota_exceeded',
  )
  answer(
    @Body({ schema: SummaryQaRequest }) request: SummaryQaRequest,
    @CurrentPrincipal() principal: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SummaryQaResponse> {
    return this.summaries.answer(principal, request, goneSignal(reply));
  }
}
