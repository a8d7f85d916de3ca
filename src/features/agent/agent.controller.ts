import { Body, Controller, HttpCode, Post, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { goneSignal } from '../../common/client-disconnect.js';
import { Throws } from '../../common/throws.js';
import { Budget } from '../auth/budget.js';
import { CurrentPrincipal } from '../auth/current-principal.js';
import type { Principal } from '../../common/principal.js';
import { Spends } from '../auth/spends.js';
import { AgentAccepted, AgentRequest, AgentResponse } from './agent.dto.js';
import { AgentService } from './agent.service.js';

@ApiTags('agent')
@Controller('agent')
export class AgentController {
  constructor(private readonly agent: AgentService) {}

  @Post('sync')
  @HttpCode(200)
  @Budget('answers')
  @Spends('tokens')
  @ApiOperation({
    summary:
      'Have a task done with the tools search_documents, list_documents, read_document and summarize_document',
  })
  @ApiOkResponse({ standardSchema: AgentResponse })
  @Throws('validation_failed', 'rate_limited', 'quota_exceeded', 'database_unavailable')
  run(
    @Body({ schema: AgentRequest }) { prompt }: AgentRequest,
    @CurrentPrincipal() principal: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AgentResponse> {
    return this.agent.run(prompt, principal, goneSignal(reply));
  }

  @Post('async')
  @HttpCode(202)
  @Budget('answers')
  @Spends('tokens', 'task')
  @ApiOperation({
    summary: 'Answer in the background',
    description: 'The answer is the result of the task, at /agent/status.',
  })
  @ApiAcceptedResponse({ standardSchema: AgentAccepted })
  @Throws('validation_failed', 'rate_limited', 'quota_exceeded', 'database_unavailable')
  async start(
    @Body({ schema: AgentRequest }) { prompt }: AgentRequest,
    @CurrentPrincipal() principal: Principal,
  ) {
    return { task_id: await this.agent.start(prompt, principal) };
  }
}
