import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { parseKeyset, cutPage } from '../../common/cursor.js';
import { Problem } from '../../common/errors.js';
import { isUuid } from '../../common/ids.js';
import { Database } from '../../platform/database/database.js';
import type { TaskRow, TaskView } from '../../platform/database/functions.js';
import { EventBus } from '../../platform/events/event-bus.js';
import { isAnnounced } from '../../platform/events/events.js';
import { Announcer } from '../../platform/queue/announcer.js';
import { adminJobs, jobs } from '../../platform/queue/jobs.js';
import { Quotas } from '../auth/quotas.js';
import { scopeArguments, type Principal } from '../../common/principal.js';
import { secondsLeft, type TaskHistory } from './estimate.js';
import type { ApiStatus, ListTasksQuery, RetryRequest } from './tasks.dto.js';

/** An event wakes a waiting client at once; the poll covers an event that was lost. */
const pollMs = 1000;
/** For types of tasks without events. */
const unannouncedPollMs = 200;
const maxRetried = 10_000;

/** The states of `list_tasks`, which distinguishes a first wait from one after a failure. */
const rowStatuses: Record<ApiStatus, string> = {
  PENDING: 'waiting',
  RETRY: 'retrying',
  STARTED: 'running',
  SUCCESS: 'succeeded',
  FAILURE: 'failed',
  REVOKED: 'cancelled',
};

export function toApiStatus(row: Pick<TaskRow, 'status' | 'attempts'>): ApiStatus {
  if (row.status === 'queued') return row.attempts > 0 ? 'RETRY' : 'PENDING';
  return ({ running: 'STARTED', succeeded: 'SUCCESS', failed: 'FAILURE', cancelled: 'REVOKED' } as const)[
    row.status
  ];
}

const isEnded = ({ status }: TaskRow): boolean =>
  status === 'succeeded' || status === 'failed' || status === 'cancelled';

/** A row as clients see it: no tenant, no lease, no token. */
export const taskResponse = (row: TaskRow & { position?: number | null }) => ({
  task_id: row.id,
  type: row.type,
  status: toApiStatus(row),
  result: row.result ?? null,
  stage: row.stage,
  stages: row.stages,
  progress: row.progress,
  position: row.position ?? null,
  attempts: row.attempts,
  error: row.error,
  waiting_on: row.waiting_on,
  document_id: row.document_id,
  filename: row.filename,
  document_set: row.document_set,
  request_id: row.request_id,
  created_at: row.created_at,
  started_at: row.started_at,
  finished_at: row.finished_at,
});
export const taskViewResponse = (view: TaskView, eta: number | null) => ({
  ...taskResponse(view),
  eta_seconds: eta,
  ...(view.children && { children: view.children.map(taskResponse) }),
});

const isAdministrator = ({ scopes, document_sets }: Principal): boolean =>
  scopes.includes('admin') && document_sets === null;

/** @throws forbidden for work that only administrators may start, and so only they may stop or repeat */
function assertMayManage(principal: Principal, types: readonly string[]): void {
  if (!isAdministrator(principal) && adminJobs.some((name) => types.includes(name)))
    throw new Problem('forbidden', 'Only a key with the scope admin may do this to a task of this type.');
}

const Stats = z.object({
  last_hour: z.record(z.string(), z.object({ run_ms_p50: z.number().nullable() })),
  queues: z.array(z.object({ queue: z.string(), running: z.number() })),
});
const statsMs = 10_000;

@Injectable()
export class TasksService {
  private readonly recent = new LRUCache<string, z.infer<typeof Stats>>({ max: 1000, ttl: statsMs });

  constructor(
    private readonly database: Database,
    private readonly announcer: Announcer,
    private readonly events: EventBus,
    private readonly quotas: Quotas,
  ) {}

  /** @throws not_found */
  async get(principal: Principal, id: string): Promise<TaskView> {
    const view = isUuid(id)
      ? await this.database.call('get_task', { ...scopeArguments(principal), task: id })
      : null;
    if (!view) throw new Problem('not_found');
    return view;
  }

  /** Resolves when the task has ended, or after `seconds`. @throws not_found */
  async waitFor(principal: Principal, id: string, seconds: number, signal: AbortSignal): Promise<TaskView> {
    const deadline = Date.now() + seconds * 1000;
    let wake: () => void = () => undefined;
    const stop = this.events.subscribe(({ tenant, notification }) => {
      if (tenant === principal.tenant && notification.status !== 'processing') wake();
    });
    try {
      for (;;) {
        const changed = new Promise<void>((resolve) => (wake = resolve));
        const view = await this.get(principal, id);
        const left = deadline - Date.now();
        if (isEnded(view) || left <= 0 || signal.aborted) return view;
        const poll = isAnnounced(view.type) ? pollMs : unannouncedPollMs;
        const timer = setTimeout(() => wake(), Math.min(poll, left));
        await changed;
        clearTimeout(timer);
      }
    } finally {
      stop();
    }
  }

  /**
   * Seconds until the end, from the task's own pace or the last hour's; null when it has ended or both are
   * unknown.
   */
  async estimate(principal: Principal, view: TaskView): Promise<number | null> {
    if (isEnded(view)) return null;
    return secondsLeft(view, await this.readHistory(principal.tenant, view), Date.now());
  }

  private async readHistory(tenant: string, { type, queue }: TaskView): Promise<TaskHistory> {
    const stats = this.recent.get(tenant) ?? Stats.parse(await this.database.call('stats', { tenant }));
    this.recent.set(tenant, stats, { noUpdateTTL: true });
    return {
      medianRunMs: stats.last_hour[type]?.run_ms_p50 ?? null,
      running: stats.queues.find((known) => known.queue === queue)?.running ?? 0,
    };
  }

  async list(
    principal: Principal,
    query: ListTasksQuery,
  ): Promise<{ rows: TaskRow[]; next_cursor: string | null }> {
    const after = parseKeyset('tasks', query.cursor);
    const rows = await this.database.call('list_tasks', {
      ...scopeArguments(principal),
      statuses: query.status?.length ? query.status.map((status) => rowStatuses[status]) : null,
      types: query.type?.length ? query.type : null,
      before_at: after?.at ?? null,
      before_id: after?.id ?? null,
      limit: query.limit + 1,
    });
    return cutPage('tasks', rows, query.limit, (row) => ({ at: row.created_at, id: row.id }));
  }

  /** @throws not_found; conflict when it has not ended; forbidden; quota_exceeded */
  async retry(principal: Principal, id: string): Promise<void> {
    const view = await this.get(principal, id);
    if (view.status !== 'failed' && view.status !== 'cancelled')
      throw new Problem(
        'conflict',
        `Only a failed or cancelled task can be retried; this one is ${toApiStatus(view)}.`,
      );
    const types = [view, ...(view.children ?? [])].map(({ type }) => type);
    assertMayManage(principal, types);
    await this.quotas.assertTokensFor(principal.tenant, types);
    const { found, rings, notices } = await this.quotas.within(['tasks'], (quota) =>
      this.database.call('retry_task', { ...scopeArguments(principal), task: id, quota }),
    );
    if (!found) throw new Problem('not_found');
    await this.announcer.ring(rings);
    await this.announcer.announce(notices);
  }

  /**
   * @throws quota_exceeded when the tasks together would be too many, or their tokens are spent: then none is
   * retried
   */
  async retryAll(principal: Principal, request: RetryRequest): Promise<number> {
    const { type = null, code = null } = request;
    await this.quotas.assertTokensFor(principal.tenant, type === null ? Object.keys(jobs) : [type]);
    const answer = await this.quotas.within(['tasks'], (quota) =>
      this.database.call('retry_tasks', {
        ...scopeArguments(principal),
        type,
        code,
        except_types: isAdministrator(principal) ? null : adminJobs,
        limit: maxRetried,
        quota,
      }),
    );
    await this.announcer.ring(answer.rings);
    await this.announcer.announce(answer.notices);
    return answer.retried;
  }

  /** @throws not_found; conflict when it has ended already; forbidden */
  async cancel(principal: Principal, id: string): Promise<TaskView> {
    const view = await this.get(principal, id);
    if (isEnded(view) && view.status !== 'cancelled')
      throw new Problem('conflict', `The task has ended already: ${toApiStatus(view)}.`);
    assertMayManage(principal, [view.type]);
    const { found, notices } = await this.database.call('cancel_task', {
      ...scopeArguments(principal),
      task: id,
    });
    if (!found) throw new Problem('not_found');
    await this.announcer.announce(notices);
    return this.get(principal, id);
  }
}
