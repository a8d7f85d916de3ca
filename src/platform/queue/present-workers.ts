import type { PresentWorker } from './job-queue.js';

/** The owner of a taker that has not said its name. */
export const unnamed = 'worker';

/** @param takers one for each queue that a process takes from, in any order */
export function byOwner(takers: readonly { owner: string; queue: string }[]): PresentWorker[] {
  const queues = new Map<string, Set<string>>();
  for (const { owner, queue } of takers) queues.set(owner, (queues.get(owner) ?? new Set()).add(queue));
  return [...queues]
    .map(([owner, names]) => ({ owner, queues: [...names].sort() }))
    .sort((a, b) => (a.owner < b.owner ? -1 : 1));
}

/**
 * The name of a worker's connection to Redis, which ends with its process. Redis takes no spaces in it.
 * @param prefix without colons
 */
export const makeConnectionName = (prefix: string, queue: string, owner: string): string =>
  `${prefix}:worker:${queue}:${encodeURIComponent(owner)}`;

/** Reads the workers out of the answer to `CLIENT LIST`, which has a line for each connection. */
export function workersIn(clients: string, prefix: string): PresentWorker[] {
  const names = clients.matchAll(new RegExp(` name=${prefix}:worker:([a-z]+):(\\S+)`, 'g'));
  return byOwner(
    [...names].map(([, queue = '', owner = '']) => ({ queue, owner: decodeURIComponent(owner) })),
  );
}
