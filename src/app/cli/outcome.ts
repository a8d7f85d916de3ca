import type { TaskView } from './client.js';

/** The outcome of a task in a few words. */
export function describeOutcome(task: TaskView): string {
  if (task.status !== 'SUCCESS')
    return task.error ? `${task.error.code}: ${task.error.detail}` : task.status.toLowerCase();
  const { chunks, pages, warnings } = (task.result ?? {}) as {
    chunks?: number;
    pages?: number | null;
    warnings?: unknown[];
  };
  const ms = Object.values(task.stages).reduce((sum, value) => sum + value, 0);
  const parts = [
    chunks !== undefined && `${chunks} chunks`,
    pages && `${pages} pages`,
    `${Math.round(ms)} ms`,
    warnings?.length && `${warnings.length} warning${warnings.length === 1 ? '' : 's'}`,
  ];
  return parts.filter(Boolean).join(', ');
}
