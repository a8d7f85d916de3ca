import { Presence } from './presence.js';

/** For a single process. */
export class MemoryPresence extends Presence {
  override tell(): Promise<void> {
    return Promise.resolve();
  }

  override others(): Promise<[]> {
    return Promise.resolve([]);
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }
}
