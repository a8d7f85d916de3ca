import PQueue from 'p-queue';
import type { Ring } from '../database/functions.js';

/** Rings beyond this many are dropped: their rows stay due, and the sweeper rings again. */
const maxWaiting = 10_000;

/** Answers the rings of one queue in this process, from whichever source, at most a fixed number at once. */
export class Answering {
  private readonly line: PQueue;
  /** Tasks rung within this process that have not been answered yet: ringing again changes nothing. */
  private readonly waiting = new Set<string>();

  /** @param answer never rejects */
  constructor(
    concurrency: number,
    private readonly answer: (task: string) => Promise<void>,
  ) {
    this.line = new PQueue({ concurrency });
  }

  /** Resolves when the task is answered. */
  hear(task: string): Promise<void> {
    return this.line.add(() => this.answer(task));
  }

  /** For rings that only this process hears. Resolves when they are answered. */
  async ring(rings: Ring[]): Promise<void> {
    await Promise.all(rings.map((ring) => this.ringOnce(ring)));
  }

  private async ringOnce({ task, priority }: Ring): Promise<void> {
    if (this.waiting.has(task) || this.waiting.size >= maxWaiting) return;
    this.waiting.add(task);
    await this.line.add(
      () => {
        this.waiting.delete(task);
        return this.answer(task);
      },
      { priority },
    );
  }
}
