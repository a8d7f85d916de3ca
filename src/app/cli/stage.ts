import { hasEnded, type TaskView } from './client.js';

/** Describes the work of a running task in a few words; for a batch, the progress of its tasks. */
export function describeStage(task: TaskView): string {
  if (task.children)
    return describeCounts(task.children.map((child) => (hasEnded(child) ? null : describeStage(child))));
  if (task.waiting_on) return `waits for ${task.waiting_on}`;
  if (task.status === 'RETRY') return 'queued again';
  return task.status === 'PENDING' ? 'queued' : (task.stage ?? 'started');
}

/** `3 of 8 done, 1 parse, 4 queued`. @param stages one for each task; null for one that has ended */
export function describeCounts(stages: readonly (string | null)[]): string {
  const counts = new Map<string, number>();
  for (const stage of stages) if (stage !== null) counts.set(stage, (counts.get(stage) ?? 0) + 1);
  const open = [...counts].map(([stage, count]) => `${count} ${stage}`);
  const done = stages.filter((stage) => stage === null).length;
  return [`${done} of ${stages.length} done`, ...open].join(', ');
}
