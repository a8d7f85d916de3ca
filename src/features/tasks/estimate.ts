import type { TaskRow } from '../../platform/database/functions.js';

/** What the last hour tells of a kind of task: the median run, and how many of its queue run at once now. */
export interface TaskHistory {
  medianRunMs: number | null;
  running: number;
}

/** Below it the share done says too little of the rest. */
const tellingProgress = 0.05;

/**
 * Seconds until the task's end, by its own pace where it has one, else by the last hour; null when neither tells.
 * @param now milliseconds since 1970
 */
export function secondsLeft(
  task: Pick<TaskRow, 'status' | 'progress' | 'started_at'> & { position: number | null },
  history: TaskHistory,
  now: number,
): number | null {
  const { medianRunMs, running } = history;
  if (task.status === 'queued') {
    if (medianRunMs === null) return null;
    const turns = Math.ceil((task.position ?? 1) / Math.max(1, running));
    return seconds(turns * medianRunMs);
  }
  if (task.status !== 'running' || task.started_at === null) return null;
  const elapsed = Math.max(0, now - Date.parse(task.started_at));
  if (task.progress >= tellingProgress) return seconds((elapsed * (1 - task.progress)) / task.progress);
  return medianRunMs === null ? null : seconds(Math.max(0, medianRunMs - elapsed));
}

const seconds = (milliseconds: number): number => Math.ceil(milliseconds / 100) / 10;
