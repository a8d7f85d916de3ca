import type { Notification } from '../client/types.js';
import { cell } from './cell.js';
import { docent } from './session.js';

/** `live` while the event stream is open; `away` once the service could not be reached. */
export const connection = cell<'connecting' | 'live' | 'away'>('connecting');

const listeners = new Set<(notification: Notification) => void>();
const reconnectListeners = new Set<() => void>();
let stop: AbortController | undefined;

/** Opens the one event stream of the page. */
export function startEvents(): void {
  stop?.abort();
  const controller = new AbortController();
  stop = controller;
  connection.set('connecting');
  let interrupted = false;
  void docent.follow(
    (notification) => {
      for (const listener of listeners) listener(notification);
    },
    (open) => {
      if (controller.signal.aborted) return;
      connection.set(open ? 'live' : 'away');
      // events older than two minutes are gone, so whatever is shown is read again
      if (open && interrupted) for (const listener of reconnectListeners) listener();
      interrupted ||= !open;
    },
    controller.signal,
  );
}

export function stopEvents(): void {
  stop?.abort();
  stop = undefined;
}

/** @returns how to stop listening */
export function onEvent(listener: (notification: Notification) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** @returns how to stop listening */
export function onReconnect(listener: () => void): () => void {
  reconnectListeners.add(listener);
  return () => reconnectListeners.delete(listener);
}
