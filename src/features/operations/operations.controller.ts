import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Problem } from '../../common/errors.js';
import { PageQuery } from '../../common/cursor.js';
import { Throws } from '../../common/throws.js';
import { CacheUse } from '../../platform/cache/cache-use.js';
import { Database } from '../../platform/database/database.js';
import { JobQueue } from '../../platform/queue/job-queue.js';
import { Audit } from '../auth/audit.js';
import { Budget } from '../auth/budget.js';
import { CurrentPrincipal } from '../auth/current-principal.js';
import { z } from 'zod';
import { scopeName, type Principal } from '../../common/principal.js';
import { readQuery } from '../../common/read-query.js';
import { Scopes } from '../auth/scopes.js';
import { decideState } from './worker-state.js';
import { toPoint, SeriesQuery, SeriesResponse, chooseSteps } from './series.js';
import { AuditResponse, StatsResponse, WorkersResponse } from './operations.dto.js';

const AuditQuery = readQuery({
  ...PageQuery,
  document_id: z.uuid().optional().meta({ description: 'Only what was done to this document' }),
});

@ApiTags('operations')
@Controller('agent')
export class OperationsController {
  constructor(
    private readonly database: Database,
    private readonly cacheUse: CacheUse,
    private readonly audit: Audit,
    private readonly queue: JobQueue,
  ) {}

  @Get('stats')
  @Budget('watch')
  @ApiOperation({ summary: 'Counts, queues, throughput and latency of the last hour, cache hit rates' })
  @ApiOkResponse({ standardSchema: StatsResponse })
  async stats(@CurrentPrincipal() principal: Principal) {
    const stats = await this.database.call('stats', {
      tenant: principal.tenant,
      sets: principal.document_sets,
    });
    return { ...stats, cache: this.cacheUse.viewFor(scopeName(principal)) };
  }

  @Get('stats/series')
  @ApiOperation({
    summary: 'Documents, questions, latency, cache, queue and tokens over time',
    description: 'Covers the whole tenant, so it needs a principal without a limit to document sets.',
  })
  @ApiOkResponse({ standardSchema: SeriesResponse })
  @Throws('validation_failed', 'forbidden')
  async series(
    @Query({ schema: SeriesQuery }) { period }: z.infer<typeof SeriesQuery>,
    @CurrentPrincipal() { tenant, document_sets }: Principal,
  ): Promise<z.infer<typeof SeriesResponse>> {
    if (document_sets !== null)
      throw new Problem('forbidden', 'This needs a principal without a limit to document sets.');
    const { step, points } = chooseSteps(period);
    const steps = await this.database.call('activity_series', { tenant, step_seconds: step, points });
    return { period, step_seconds: step, points: steps.map(toPoint) };
  }

  @Get('workers')
  @Budget('watch')
  @Scopes('admin')
  @ApiOperation({ summary: 'Queues, the workers that are there, and who holds which tasks until when' })
  @ApiOkResponse({ standardSchema: WorkersResponse })
  @Throws('forbidden')
  async workers(@CurrentPrincipal() { tenant, document_sets }: Principal) {
    const [queues, workers, present] = await Promise.all([
      this.database.call('queue_stats', { tenant, sets: document_sets }),
      this.database.call('list_workers', { tenant, sets: document_sets }),
      this.queue.workers(),
    ]);
    return { queues, workers, present, state: decideState(present, workers) };
  }

  @Get('audit')
  @Scopes('admin')
  @ApiOperation({ summary: 'Who did what to which document or key, newest first' })
  @ApiOkResponse({ standardSchema: AuditResponse })
  @Throws('validation_failed', 'forbidden')
  async auditLog(
    @Query({ schema: AuditQuery }) query: z.infer<typeof AuditQuery>,
    @CurrentPrincipal() principal: Principal,
  ) {
    const { rows, next_cursor } = await this.audit.list(principal.tenant, query);
    return { entries: rows, next_cursor };
  }
}
