import { setTimeout as delay } from 'node:timers/promises';

/** Gives way to other work: half of the time at most goes into work that nobody waits for. */
export class Pace {
  private begun = performance.now();

  async rest(): Promise<void> {
    const worked = performance.now() - this.begun;
    if (worked < 2) return;
    await delay(Math.min(50, worked), undefined, { ref: false });
    this.begun = performance.now();
  }

  /** Waiting for the database does not count as work. */
  async off<T>(work: Promise<T>): Promise<T> {
    const begun = performance.now();
    const result = await work;
    this.begun += performance.now() - begun;
    return result;
  }
}
