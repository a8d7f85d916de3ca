import type { OpenedVersion } from './documents.js';
import type { TaskRow } from './tasks.js';

/** A task as the answer to its claim. */
export type ClaimedRow = Pick<
  TaskRow,
  | 'id'
  | 'tenant'
  | 'subject'
  | 'type'
  | 'queue'
  | 'payload'
  | 'status'
  | 'stage'
  | 'progress'
  | 'priority'
  | 'attempts'
  | 'max_attempts'
  | 'token'
  | 'stages'
  | 'document_id'
  | 'filename'
  | 'document_set'
  | 'document_sets'
  | 'request_id'
  | 'trace_context'
  | 'waits_for'
  | 'created_at'
> & {
  /** The version that an `ingest` task reads; null for other tasks, and if it was deleted or replaced. */
  opened: OpenedVersion | null;
};

/** `announced`: the blob that was announced for the parse result of a version that has none. */
export type ClaimedTask = ClaimedRow & { announced: string };
