import type { AuditEntry, WorkerRow, ActivityStep } from '../rows.js';
import { read, repeatableWrite, write } from './signature.js';

/** SQL functions of usage, audit, figures over time and workers. */
export const operationFunctions = {
  tenant_usage: read<{ documents: number; bytes: number; tasks: number; tokens_today: number }>()({
    tenant: 'text',
  }),
  add_tokens: write<{ tokens_today: number }>()({ tenant: 'text', tokens: 'int8' }),
  append_audit: write<{ id: string }>()({
    tenant: 'text',
    subject: 'text',
    action: 'text',
    target: 'text?',
    detail: 'jsonb',
    request_id: 'text?',
  }),
  list_audit: read<AuditEntry[]>()({
    tenant: 'text',
    document_id: 'uuid?',
    before_at: 'timestamptz?',
    before_id: 'uuid?',
    limit: 'int4',
  }),
  /** Counts of one minute: `latency` by bucket, see `LatencyHistogram`. */
  record_activity: write<{ recorded: number }>()({
    tenant: 'text',
    questions: 'int4',
    answered: 'int4',
    cached: 'int4',
    latency: 'jsonb',
  }),
  sample_activity: repeatableWrite<{ sampled: number; dropped: number }>()({ keep_seconds: 'float8' }),
  activity_series: read<ActivityStep[]>()({ tenant: 'text', step_seconds: 'int4', points: 'int4' }),
  stats: read<Record<string, unknown>>()({ tenant: 'text', sets: 'text[]?' }),
  list_workers: read<WorkerRow[]>()({ tenant: 'text', sets: 'text[]?' }),
  versions: read<{ postgres: string; pgvector: string; migrations: number; functions: string }>()({}),
} as const;
