import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { Problem } from '../../common/errors.js';
import type { Principal } from '../../common/principal.js';
import { Throws } from '../../common/throws.js';
import type { SourceRow } from '../../platform/database/functions.js';
import { TaskProducer } from '../../platform/queue/task-producer.js';
import { Audit } from '../auth/audit.js';
import { CurrentPrincipal } from '../auth/current-principal.js';
import { Scopes } from '../auth/scopes.js';
import { SourceDrivers } from './source-drivers.js';
import { SourceStore } from './source.store.js';
import {
  CreateSourceRequest,
  ListSourcesQuery,
  formatSchedule,
  secretSettings,
  SourceDeleted,
  SourceRun,
  SourcesResponse,
  SourceView,
} from './sources.dto.js';

@ApiTags('sources')
@Controller('agent/sources')
@Scopes('admin')
export class SourcesController {
  constructor(
    private readonly store: SourceStore,
    private readonly drivers: SourceDrivers,
    private readonly tasks: TaskProducer,
    private readonly audit: Audit,
  ) {}

  @Post()
  @HttpCode(201)
  @ApiOperation({
    summary: 'Take documents from a place again and again',
    description:
      'A web site, a bucket of S3 or a folder of the server. A run takes new and changed items and deletes vanished ones. ' +
      'A source with a schedule runs at once; any other runs on request.',
  })
  @ApiCreatedResponse({ standardSchema: SourceView })
  @Throws('validation_failed', 'address_not_allowed', 'conflict', 'forbidden')
  async create(
    @Body({ schema: CreateSourceRequest }) request: CreateSourceRequest,
    @CurrentPrincipal() principal: Principal,
  ) {
    const { driver, document_set } = request;
    if (principal.document_sets && !principal.document_sets.includes(document_set))
      throw new Problem('forbidden', 'The principal may not write to this document set.');
    await this.drivers.check(request);
    const row = await this.store.create(principal, request);
    await this.audit.record(principal, 'source.create', row.id, { driver, document_set });
    return toView(row);
  }

  @Get()
  @ApiOperation({ summary: 'List sources, with their state and the counts of the last run' })
  @ApiOkResponse({ standardSchema: SourcesResponse })
  @Throws('validation_failed', 'forbidden')
  async list(
    @Query({ schema: ListSourcesQuery }) query: ListSourcesQuery,
    @CurrentPrincipal() principal: Principal,
  ) {
    const { rows, next_cursor } = await this.store.list(principal, query);
    return { sources: rows.map(toView), next_cursor };
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Delete a source', description: 'Its documents stay.' })
  @ApiOkResponse({ standardSchema: SourceDeleted })
  @Throws('not_found', 'forbidden')
  async delete(@Param('id') id: string, @CurrentPrincipal() principal: Principal) {
    await this.store.delete(principal, id);
    await this.audit.record(principal, 'source.delete', id, {});
    return { status: 'success', id };
  }

  @Post(':id/run')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Run a source now',
    description: 'A run that waits or is under way already is the answer.',
  })
  @ApiAcceptedResponse({ standardSchema: SourceRun })
  @Throws('not_found', 'forbidden')
  async run(@Param('id') id: string, @CurrentPrincipal() principal: Principal) {
    const { document_set, subject } = await this.store.get(principal, id);
    const owner = { tenant: principal.tenant, subject };
    const task_id = await this.tasks.create('run_source', { source_id: id }, owner, { document_set });
    await this.audit.record(principal, 'source.run', id, { task_id });
    return { status: 'success', task_id };
  }
}

function toView(row: SourceRow): SourceView {
  const settings = Object.fromEntries(
    Object.entries(row.settings).filter(([name]) => !secretSettings.has(name)),
  );
  const ended = row.last_run_at === null ? 'new' : row.last_error ? 'failed' : 'ok';
  return {
    id: row.id,
    driver: row.driver as SourceView['driver'],
    settings,
    document_set: row.document_set,
    schedule: row.every_seconds === null ? null : formatSchedule(row.every_seconds),
    state: row.running ? 'running' : ended,
    documents: row.documents,
    counts: row.counts,
    last_error: row.last_error,
    last_run_at: row.last_run_at,
    next_run_at: row.next_run_at,
    created_at: row.created_at,
  };
}
