import type { TaskView } from './client.js';
import { countThings } from './output.js';

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
    chunks !== undefined && countThings(chunks, 'chunk'),
    pages && countThings(pages, 'page'),
    `${Math.round(ms)} ms`,
    warnings?.length && countThings(warnings.length, 'warning'),
  ];
  return parts.filter(Boolean).join(', ');
}
