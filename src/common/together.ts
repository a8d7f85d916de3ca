import { outsideContext } from './request-context.js';

interface Waiting<A, R> {
  item: A;
  weight: number;
  resolve: (answer: R) => void;
  reject: (error: unknown) => void;
}

/**
 * Sends what comes while one call is under way with the next call, all at once. What comes alone is sent with
 * the next turn of the event loop.
 */
export class Together<A, R> {
  private readonly waiting: Waiting<A, R>[] = [];
  private underWay = false;

  /**
   * @param send answers in the order of its items; if it throws, none of them has an answer
   * @param maxWeight of one call; an item that is heavier goes alone
   */
  constructor(
    private readonly send: (items: A[]) => Promise<R[]>,
    private readonly maxWeight: number,
  ) {}

  add(item: A, weight = 1): Promise<R> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, weight, resolve, reject });
      this.start();
    });
  }

  private start(): void {
    if (this.underWay || this.waiting.length === 0) return;
    this.underWay = true;
    // the call belongs to all of its items, not to the one that happens to come first
    outsideContext(() => setImmediate(() => void this.sendNext()));
  }

  private async sendNext(): Promise<void> {
    const batch = this.takeBatch();
    try {
      const answers = await this.send(batch.map(({ item }) => item));
      for (const [place, { resolve }] of batch.entries()) resolve(answers[place] as R);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    this.underWay = false;
    this.start();
  }

  private takeBatch(): Waiting<A, R>[] {
    let weight = 0;
    const tooMany = this.waiting.findIndex(
      (one, place) => (weight += one.weight) > this.maxWeight && place > 0,
    );
    return this.waiting.splice(0, tooMany < 0 ? this.waiting.length : tooMany);
  }
}
