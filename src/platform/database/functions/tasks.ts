import type { ClaimedRow, TaskRow, TaskView, Ring, TaskNotice, SweepReport } from '../rows.js';
import { read, repeatableWrite, write } from './signature.js';

/** SQL functions of tasks, of requests that may be sent again, and of leases. */
export const taskFunctions = {
  create_tasks: write<{ tasks: { id: string; created: boolean }[]; rings: Ring[] }>()({
    tenant: 'text',
    subject: 'text',
    request_id: 'text?',
    trace_context: 'text?',
    tasks: 'jsonb',
    quota: 'jsonb?',
  }),
  claim_task: write<TaskRow | null>()({ task: 'uuid', owner: 'text', lease_seconds: 'float8' }),
  /**
   * Several at once; `parsed_keys` has a key for each task. `busy` are tasks that may be due, whose rows somebody
   * else holds: to be claimed alone.
   */
  claim_tasks: write<{ claimed: ClaimedRow[]; busy: string[] }>()({
    tasks: 'uuid[]',
    owner: 'text',
    lease_seconds: 'float8',
    parsed_keys: 'text[]',
    blob_seconds: 'float8',
  }),
  heartbeat: repeatableWrite<{ lost: string[]; cancelled: string[] }>()({
    owner: 'text',
    lease_seconds: 'float8',
    beats: 'jsonb',
  }),
  complete_task: repeatableWrite<{ notice: TaskNotice; rings: Ring[] } | null>()({
    task: 'uuid',
    token: 'int8',
    result: 'jsonb',
    stages: 'jsonb',
  }),
  // Without a delay there is no automatic attempt, but a client may ask for one. `cancelled` are the tasks
  // that waited for it.
  fail_task: write<{ notice: TaskNotice; retry_at: string | null; cancelled: TaskNotice[] } | null>()({
    task: 'uuid',
    token: 'int8',
    failure: 'jsonb',
    delay_seconds: 'float8?',
    stages: 'jsonb',
  }),
  release_task: write<{ released: boolean }>()({
    task: 'uuid',
    token: 'int8',
    waiting_on: 'text?',
    delay_seconds: 'float8',
  }),
  end_leases: write<{ ended: number }>()({}),
  cancel_task: write<{ found: boolean; changed: boolean; notices: TaskNotice[] }>()({
    tenant: 'text',
    sets: 'text[]?',
    task: 'uuid',
  }),
  retry_task: write<{ found: boolean; rings: Ring[]; notices: TaskNotice[] }>()({
    tenant: 'text',
    sets: 'text[]?',
    task: 'uuid',
    quota: 'jsonb?',
  }),
  retry_tasks: write<{ retried: number; rings: Ring[]; notices: TaskNotice[] }>()({
    tenant: 'text',
    sets: 'text[]?',
    type: 'text?',
    code: 'text?',
    except_types: 'text[]?',
    limit: 'int4',
    quota: 'jsonb?',
  }),
  get_task: read<TaskView | null>()({ tenant: 'text', sets: 'text[]?', task: 'uuid' }),
  /** Results by task id, of those tasks that still have one. */
  task_results: read<Record<string, unknown>>()({ tenant: 'text', tasks: 'uuid[]' }),
  /**
   * `statuses` holds task statuses, `waiting` (queued, never tried) and `retrying` (queued after a failure).
   */
  /** `position` as in `get_task`; null beyond the first 1,000 of a queue. */
  list_tasks: read<(TaskRow & { position: number | null })[]>()({
    tenant: 'text',
    sets: 'text[]?',
    statuses: 'text[]?',
    types: 'text[]?',
    before_at: 'timestamptz?',
    before_id: 'uuid?',
    limit: 'int4',
  }),
  save_checkpoint: repeatableWrite<{ saved: boolean }>()({
    task: 'uuid',
    token: 'int8',
    key: 'text',
    value: 'jsonb',
  }),
  list_checkpoints: read<{ key: string; value: unknown }[]>()({ tenant: 'text', task: 'uuid' }),
  sweep: write<SweepReport>()({
    max_losses: 'int4',
    retention_seconds: 'float8',
    audit_seconds: 'float8?',
    garbage_limit: 'int4',
    ring_limit: 'int4',
  }),
  blobs_removed: repeatableWrite<{ removed: number }>()({ keys: 'text[]' }),
  unclaimed_blobs: read<string[]>()({ keys: 'text[]' }),
  queue_stats: read<
    { queue: string; waiting: number; running: number; oldest_seconds: number; failed: number }[]
  >()({
    tenant: 'text?',
    sets: 'text[]?',
  }),

  begin_idempotent: write<{
    state: 'new' | 'running' | 'replay';
    request_hash: string | null;
    status: number | null;
    body: unknown;
    /** JSON; null where a process of an earlier release answered first, which stored the body alone. */
    answer: string | null;
  }>()({
    tenant: 'text',
    subject: 'text',
    key: 'text',
    request_hash: 'text?',
    ttl_seconds: 'float8',
  }),
  finish_idempotent: write<{ finished: boolean }>()({
    tenant: 'text',
    subject: 'text',
    key: 'text',
    request_hash: 'text',
    status: 'int4',
    body: 'jsonb',
    ttl_seconds: 'float8',
    answer: 'text?',
  }),
  renew_idempotent: repeatableWrite<{ renewed: boolean }>()({
    tenant: 'text',
    subject: 'text',
    key: 'text',
    ttl_seconds: 'float8',
  }),
  drop_idempotent: write<{ dropped: boolean }>()({ tenant: 'text', subject: 'text', key: 'text' }),

  take_lease: repeatableWrite<{ taken: boolean }>()({ name: 'text', holder: 'uuid', ttl_seconds: 'float8' }),
  release_lease: repeatableWrite<{ released: boolean }>()({ name: 'text', holder: 'uuid' }),
} as const;
