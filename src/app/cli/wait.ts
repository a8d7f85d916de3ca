import { hasEnded, type TaskView } from './client.js';
import type { Context } from './context.js';
import { describeOutcome } from './outcome.js';
import { describeStage } from './stage.js';

/**
 * Resolves with the task as it ended, and shows meanwhile what is waited for: nothing for a machine, and
 * nothing for a task that has ended already.
 * @param name what the task works on, where the task does not tell it
 */
export async function awaitEnd(
  { client, output }: Pick<Context, 'client' | 'output'>,
  id: string,
  name?: string,
): Promise<TaskView> {
  const first = await client.task(id);
  if (hasEnded(first)) return first;
  if (output.json) return client.ended(id);
  const { progressView } = await import('./progress.js');
  const view = progressView(1);
  view.add(id, name ?? first.filename ?? first.type);
  try {
    view.update(id, first.progress, describeStage(first));
    const task = await client.ended(id, (now) => view.update(id, now.progress, describeStage(now)));
    view.end(id, describeOutcome(task), task.status === 'SUCCESS');
    return task;
  } finally {
    view.stop();
  }
}
