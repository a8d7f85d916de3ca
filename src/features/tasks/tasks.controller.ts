import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Throws } from '../../common/throws.js';
import { Audit } from '../auth/audit.js';
import { Budget } from '../auth/budget.js';
import { CurrentPrincipal } from '../auth/current-principal.js';
import type { Principal } from '../../common/principal.js';
import { Scopes } from '../auth/scopes.js';
import {
  CancelResponse,
  ListTasksQuery,
  RetryOneResponse,
  RetryRequest,
  RetryResponse,
  StatusQuery,
  TaskResponse,
  TasksResponse,
} from './tasks.dto.js';
import { toApiStatus, TasksService, taskResponse, taskViewResponse } from './tasks.service.js';

@ApiTags('tasks')
@Controller('agent')
export class TasksController {
  constructor(
    private readonly tasks: TasksService,
    private readonly audit: Audit,
  ) {}

  @Get('status/:task_id')
  @Budget('watch')
  @ApiOperation({
    summary: 'What became of a task',
    description: 'With `wait` the answer is sent as soon as the task ends.',
  })
  @ApiOkResponse({ standardSchema: TaskResponse })
  @Throws('not_found', 'validation_failed')
  async status(
    @Param('task_id') id: string,
    @Query({ schema: StatusQuery }) query: StatusQuery,
    @CurrentPrincipal() principal: Principal,
    @Req() request: FastifyRequest,
  ) {
    const gone = new AbortController();
    const leave = () => gone.abort();
    // many requests may share one connection: each removes its own listener
    request.raw.socket.once('close', leave);
    try {
      const view = await this.tasks.waitFor(principal, id, query.wait, gone.signal);
      return taskViewResponse(view, await this.tasks.estimate(principal, view));
    } finally {
      request.raw.socket.off('close', leave);
    }
  }

  @Get('tasks')
  @Budget('watch')
  @ApiOperation({
    summary: 'List tasks, newest first',
    description: '`status=FAILURE` is the dead letter list.',
  })
  @ApiOkResponse({ standardSchema: TasksResponse })
  @Throws('validation_failed')
  async list(
    @Query({ schema: ListTasksQuery }) query: ListTasksQuery,
    @CurrentPrincipal() principal: Principal,
  ) {
    const { rows, next_cursor } = await this.tasks.list(principal, query);
    return { tasks: rows.map(taskResponse), next_cursor };
  }

  @Post('tasks/retry')
  @HttpCode(202)
  @Scopes('write')
  @ApiOperation({
    summary: 'Try all failed tasks again, of one type or with one code',
    description: 'Without a body, or with an empty one, every failed task that the quota allows.',
  })
  @ApiAcceptedResponse({ standardSchema: RetryResponse })
  @Throws('validation_failed', 'quota_exceeded')
  async retryAll(
    @Body({ schema: RetryRequest.prefault({}) }) body: RetryRequest,
    @CurrentPrincipal() principal: Principal,
  ) {
    const retried = await this.tasks.retryAll(principal, body);
    await this.audit.record(principal, 'task.retry', null, { ...body, retried });
    return { retried };
  }

  @Post('tasks/:id/retry')
  @HttpCode(202)
  @Scopes('write')
  @ApiOperation({ summary: 'Try a failed or cancelled task again' })
  @ApiAcceptedResponse({ standardSchema: RetryOneResponse })
  @Throws('not_found', 'conflict', 'forbidden', 'quota_exceeded')
  async retry(@Param('id') id: string, @CurrentPrincipal() principal: Principal) {
    await this.tasks.retry(principal, id);
    await this.audit.record(principal, 'task.retry', id, {});
    return { task_id: id };
  }

  @Post('tasks/:id/cancel')
  @HttpCode(202)
  @Scopes('write')
  @ApiOperation({ summary: 'Cancel a task', description: 'Running work stops within two seconds.' })
  @ApiAcceptedResponse({ standardSchema: CancelResponse })
  @Throws('not_found', 'conflict', 'forbidden')
  async cancel(@Param('id') id: string, @CurrentPrincipal() principal: Principal) {
    const view = await this.tasks.cancel(principal, id);
    await this.audit.record(principal, 'task.cancel', id, {});
    return { task_id: id, status: toApiStatus(view) };
  }
}
