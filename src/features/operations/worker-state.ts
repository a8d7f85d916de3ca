import type { PresentWorker } from '../../platform/queue/job-queue.js';

type WorkerState = 'none' | 'idle' | 'busy' | 'unknown';

/**
 * The state of all workers.
 * @param present null where that is unknown
 * @param holders of tasks; some of them may be dead
 */
export function decideState(
  present: readonly PresentWorker[] | null,
  holders: readonly { owner: string }[],
): WorkerState {
  if (present === null) return holders.length > 0 ? 'busy' : 'unknown';
  if (present.length === 0) return 'none';
  const owners = new Set(present.map(({ owner }) => owner));
  return holders.some(({ owner }) => owners.has(owner)) ? 'busy' : 'idle';
}
