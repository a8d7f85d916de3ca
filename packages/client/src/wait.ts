import { DocentError } from './errors.js';
import { openEvents } from './events.js';
import { pause } from './retry.js';
import type { Transport } from './transport.js';
import type { Notification, Task } from './types.js';

export interface WaitOptions {
  signal?: AbortSignal;
  /**
   * Milliseconds until `wait` gives up with the code
   * `timeout`; by default it waits as long as the task takes.
   */
  timeout?: number;
  onProgress?: (notification: Notification) => void;
}

const longPollSeconds = 20;
const pollPauseMs = 500;

const hasEnded = ({ status }: Task): boolean =>
  status === 'SUCCESS' || status === 'FAILURE' || status === 'REVOKED';

const readTask = (transport: Transport, id: string, wait: number, signal: AbortSignal): Promise<Task> =>
  transport.json<Task>('GET', `/agent/status/${encodeURIComponent(id)}`, { query: { wait }, signal });

/** The task as it ended, found by events; undefined when the stream ended before the task. */
async function followed(
  transport: Transport,
  id: string,
  signal: AbortSignal,
  onProgress: WaitOptions['onProgress'],
): Promise<Task | undefined> {
  for await (const { event, data } of openEvents(transport, { query: { task_id: id }, signal })) {
    const notification = event === 'notification' ? (data as Notification) : null;
    if (notification) onProgress?.(notification);
    // An event is a hint that may be lost, so the opening and each sign of life ask, too.
    if (notification?.status === 'queued' || notification?.status === 'processing') continue;
    const task = await readTask(transport, id, 0, signal);
    if (hasEnded(task)) return task;
  }
  return undefined;
}

async function polled(transport: Transport, id: string, signal: AbortSignal): Promise<Task> {
  for (;;) {
    const task = await readTask(transport, id, longPollSeconds, signal);
    if (hasEnded(task)) return task;
    await pause(pollPauseMs, signal);
  }
}

/** Waits for a task's end by events, and by asking where events do not come through. @throws DocentError */
export async function wait(transport: Transport, id: string, options: WaitOptions): Promise<Task> {
  const late = options.timeout === undefined ? undefined : AbortSignal.timeout(options.timeout);
  const signals = [options.signal, late].filter((signal) => signal !== undefined);
  const signal = AbortSignal.any(signals);
  try {
    const task = await followed(transport, id, signal, options.onProgress).catch(() => undefined);
    signal.throwIfAborted();
    return task ?? (await polled(transport, id, signal));
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!late?.aborted) throw error;
    throw new DocentError('timeout', `The task has not ended after ${options.timeout} ms.`, {
      retryable: true,
      cause: error,
    });
  }
}
