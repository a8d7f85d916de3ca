import type { TaskRow } from '../../platform/database/functions.js';

/**
 * Figures of a kind of task in the last hour: the median run, and how many tasks of its queue run at once
 * now.
 */
export interface TaskHistory {
  medianRunMs: number | null;
  running: number;
}

/** Below this progress, the share done does not predict the rest. */
const tellingProgress = 0.05;

/**
 * Seconds until the task's end, from its own pace if known, otherwise from the last hour; null if neither is
 * known.
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
