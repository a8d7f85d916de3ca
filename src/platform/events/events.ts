import type { Failure } from '../../common/errors.js';
import type { CreatedDocument, DeletionReceipt, TaskNotice } from '../database/functions.js';

type NotificationType =
  | 'ingest_progress'
  | 'ingest_complete'
  | 'ingest_failed'
  | 'summary_complete'
  | 'summary_failed'
  | 'answer_complete'
  | 'answer_failed'
  | 'document_deleted';

/** An event for clients. It is a hint; the row is the truth. */
export interface Notification {
  /** Increases with time; used to resume a stream. */
  id: string;
  type: NotificationType;
  task_id: string | null;
  document_id: string | null;
  filename: string | null;
  document_set: string | null;
  status: 'queued' | 'processing' | 'completed' | 'failed' | 'cancelled';
  stage: string | null;
  progress: number;
  result: unknown;
  error: Failure | null;
  request_id: string | null;
  at: string;
}

/** A notification with its tenant. The tenant never leaves the server. */
export interface TenantNotification {
  tenant: string;
  notification: Notification;
}
export type NewNotification = Omit<Notification, 'id' | 'at'>;

const families: Record<
  string,
  { done: NotificationType; failed: NotificationType; progress?: NotificationType }
> = {
  ingest: { done: 'ingest_complete', failed: 'ingest_failed', progress: 'ingest_progress' },
  summarize: { done: 'summary_complete', failed: 'summary_failed' },
  answer_question: { done: 'answer_complete', failed: 'answer_failed' },
};
const statuses = {
  queued: 'queued',
  running: 'processing',
  succeeded: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
} as const;

/** True when an event tells the end of a task of this type; the end of a batch is told by its last task. */
export const isAnnounced = (type: string): boolean => type === 'batch' || type in families;

/** The event for a task's change of state; null for kinds and states without an event. */
export function makeNotification(notice: TaskNotice): NewNotification | null {
  const family = families[notice.type];
  const ended = notice.status === 'failed' || notice.status === 'cancelled';
  const type = notice.status === 'succeeded' ? family?.done : ended ? family?.failed : family?.progress;
  if (!type) return null;
  return {
    type,
    task_id: notice.task_id,
    document_id: notice.document_id,
    filename: notice.filename,
    document_set: notice.document_set,
    status: statuses[notice.status],
    stage: notice.stage,
    progress: notice.progress,
    result: notice.result,
    error: notice.error,
    request_id: notice.request_id,
  };
}

/** A new version waits for its worker. */
export const ingestQueued = (document: CreatedDocument, requestId: string | null): NewNotification => ({
  type: 'ingest_progress',
  task_id: document.task_id,
  document_id: document.id,
  filename: document.filename,
  document_set: document.document_set,
  status: 'queued',
  stage: null,
  progress: 0,
  result: null,
  error: null,
  request_id: requestId,
});

/** One document was deleted, or a whole set: then `id` and `filename` are null. */
export const documentDeleted = (
  document: { id: string | null; filename: string | null; document_set: string },
  deleted: DeletionReceipt,
  cause: { task: string | null; requestId: string | null },
): NewNotification => ({
  type: 'document_deleted',
  task_id: cause.task,
  document_id: document.id,
  filename: document.filename,
  document_set: document.document_set,
  status: 'completed',
  stage: null,
  progress: 1,
  result: { deleted },
  error: null,
  request_id: cause.requestId,
});
