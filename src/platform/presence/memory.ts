import { Presence } from './presence.js';

/** Of a process that is alone. */
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
