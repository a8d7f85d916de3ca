import type { Failure } from '../../../common/errors.js';

type TaskStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export interface TaskRow {
  id: string;
  tenant: string;
  subject: string;
  type: string;
  queue: string;
  payload: Record<string, unknown>;
  status: TaskStatus;
  stage: string | null;
  progress: number;
  priority: number;
  attempts: number;
  max_attempts: number;
  losses: number;
  /** Fencing token of the newest claim. */
  token: number;
  owner: string | null;
  lease_until: string | null;
  run_after: string;
  cancel_requested: boolean;
  waiting_on: string | null;
  /** Milliseconds spent in each stage. */
  stages: Record<string, number>;
  result: unknown;
  error: Failure | null;
  parent_id: string | null;
  waits_for: string | null;
  document_id: string | null;
  filename: string | null;
  document_set: string | null;
  /**
   * The sets that the work reads or changes, if there are several; null means all. Only principals that may
   * see all of them see the task.
   */
  document_sets: string[] | null;
  request_id: string | null;
  trace_context: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

/** A task as `/agent/status` shows it: the row, its place in the queue and, for a batch, its children. */
export interface TaskView extends TaskRow {
  /** 1-based place among the waiting tasks of its queue; null when it does not wait. */
  position: number | null;
  children: TaskRow[] | null;
}

/** A doorbell to ring: "look at task X". */
export interface Ring {
  task: string;
  /**
   * The token of the last claim. When a task was lost by its worker, the next ring differs from the one that
   * this worker still holds.
   */
  token: number;
  queue: string;
  priority: number;
}

/** A change of state that clients should hear of. */
export interface TaskNotice {
  task_id: string;
  tenant: string;
  type: string;
  status: TaskStatus;
  stage: string | null;
  progress: number;
  document_id: string | null;
  filename: string | null;
  document_set: string | null;
  result: unknown;
  error: Failure | null;
  request_id: string | null;
}

export interface NewTask {
  id: string;
  type: string;
  queue: string;
  payload: Record<string, unknown>;
  dedupe_key?: string | null;
  priority?: number;
  max_attempts?: number;
  parent_id?: string | null;
  /** Runs when that task has succeeded; is cancelled when it fails. */
  waits_for?: string | null;
  document_id?: string | null;
  filename?: string | null;
  document_set?: string | null;
  /** For work over several sets: the principal's list, null for all. */
  document_sets?: string[] | null;
}

/** Values from the catalogue of jobs for tasks that a SQL function makes. */
export interface TaskTemplate {
  type: string;
  queue: string;
  priority: number;
  max_attempts: number;
  /** Fields of the payload whose values, joined by colons, are the dedupe key. */
  dedupe: readonly string[];
}

export interface SweepReport {
  /** Due tasks whose doorbell should ring (again). */
  rings: Ring[];
  /** Tasks that ended in the sweep: worker lost too often, chain broken. */
  ended: TaskNotice[];
  /** Blobs to remove from the store; `blobs_removed` confirms. */
  garbage: string[];
  purged: { tasks: number; idempotency_keys: number; intents: number; audit_entries: number };
  folded: number;
  /** Words of published documents that the statistics lack: a search reads them beside these. */
  unfolded_words: number;
  /** Spaces without a graph that have become too large to scan. */
  unindexed: number[];
  /** False when another process is sweeping right now. */
  swept: boolean;
}

/** A process that holds tasks, and the end of its lease. */
export interface WorkerRow {
  owner: string;
  lease_until: string;
  /** Rest of the shortest lease; negative when the next sweep will take it back. */
  lease_seconds: number;
  tasks: {
    task_id: string;
    type: string;
    queue: string;
    stage: string | null;
    progress: number;
    attempts: number;
    losses: number;
    document_id: string | null;
    filename: string | null;
    started_at: string;
  }[];
}
