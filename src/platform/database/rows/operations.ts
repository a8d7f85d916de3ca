/** The quotas of a tenant; absent ones are not limited. */
export interface TenantQuota {
  documents?: number;
  /** Total size of the originals. */
  bytes?: number;
  /** Unfinished ones. */
  tasks?: number;
}

export interface ApiKeyRow {
  id: string;
  tenant: string;
  subject: string;
  name: string;
  scopes: string[];
  document_sets: string[] | null;
  /** Requests per window; null for those of every client. */
  rate_limit: number | null;
  expires_at: string | null;
  revoked_at: string | null;
  last_used_at: string | null;
  created_at: string;
}

export interface AuditEntry {
  id: string;
  subject: string;
  action: string;
  target: string | null;
  detail: Record<string, unknown>;
  request_id: string | null;
  at: string;
}

/** One step of a tenant's figures over time. */
export interface ActivityStep {
  /** When the step began. */
  at: string;
  questions: number;
  answered: number;
  cached: number;
  tokens: number;
  /** The last sample of the step; null without one. */
  documents: number | null;
  /** The highest sample of the step; null without one. */
  waiting: number | null;
  oldest_seconds: number | null;
  /** Questions by bucket of `latency-histogram.ts`. */
  latency: number[];
}

/** Counts of the items in one run of a source. */
export interface SourceCounts {
  listed: number;
  added: number;
  changed: number;
  unchanged: number;
  removed: number;
  failed: number;
}

export interface SourceRow {
  id: string;
  tenant: string;
  subject: string;
  driver: string;
  /** Contains secrets: never send it to a client. */
  settings: Record<string, unknown>;
  document_set: string;
  every_seconds: number | null;
  checkpoint: string | null;
  /** Number of the complete listing that is under way or comes next. */
  pass: number;
  /** Counts of the last run; null before the first. */
  counts: SourceCounts | null;
  last_error: { code: string; detail: string } | null;
  last_run_at: string | null;
  next_run_at: string | null;
  /** How many documents are from it. */
  documents: number;
  /** True while a run waits or is in progress. */
  running: boolean;
  created_at: string;
}

/** One item of a source, and its document. */
export interface SourceItemRow {
  key: string;
  version: string | null;
  document_id: string;
  /** The pass that listed it last. */
  pass: number;
  /** Data that the driver keeps of it for the next run. */
  memo: Record<string, unknown> | null;
}

export interface WebhookRow {
  id: string;
  url: string;
  events: string[];
  /** The only sets it hears of; null for all. */
  document_sets: string[] | null;
  description: string | null;
  /** Why nothing is sent any more; null while something is. */
  disabled: string | null;
  created_at: string;
}

export interface WebhookDeliveryRow {
  id: string;
  event: string;
  status: 'pending' | 'delivered' | 'failed';
  attempts: number;
  response_status: number | null;
  error: string | null;
  body: Record<string, unknown>;
  created_at: string;
  next_attempt_at: string | null;
  delivered_at: string | null;
}

/** A delivery that this process must send now. */
export interface DueDelivery {
  id: string;
  webhook_id: string;
  tenant: string;
  event: string;
  body: Record<string, unknown>;
  attempts: number;
  url: string;
  secret: string;
  disabled: boolean;
}
