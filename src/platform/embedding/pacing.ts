import { pause } from '../upstream/deadline.js';

const burstSeconds = 10;

/**
 * A token bucket that may go into debt: a take that is larger than the bucket passes once the bucket is full,
 * and the next one waits longer.
 */
class Bucket {
  private level: number;
  private at: number;

  constructor(
    private readonly perMinute: number,
    private readonly now: () => number,
  ) {
    this.level = this.capacity;
    this.at = now();
  }

  private get capacity(): number {
    return Math.max(1, (this.perMinute * burstSeconds) / 60);
  }

  /** Milliseconds until `amount` may be taken. */
  waitFor(amount: number): number {
    this.refill();
    const missing = Math.min(amount, this.capacity) - this.level;
    return missing <= 0 ? 0 : (missing * 60_000) / this.perMinute;
  }

  take(amount: number): void {
    this.refill();
    this.level -= amount;
  }

  private refill(): void {
    const now = this.now();
    this.level = Math.min(this.capacity, this.level + ((now - this.at) * this.perMinute) / 60_000);
    this.at = now;
  }
}

/**
 * Limits calls to a number of requests and tokens per minute, in order of arrival. Ten seconds' worth may
 * come at once.
 */
export class Pacing {
  private readonly requests: Bucket;
  private readonly tokens: Bucket;
  private last: Promise<void> = Promise.resolve();
  private pausedUntil = 0;

  constructor(
    requestsPerMinute: number,
    tokensPerMinute: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.requests = new Bucket(requestsPerMinute, now);
    this.tokens = new Bucket(tokensPerMinute, now);
  }

  /** Resolves when a request with that many tokens may be sent. @throws the signal's reason as a Problem */
  async turn(tokens: number, signal?: AbortSignal): Promise<void> {
    const before = this.last;
    let pass = (): void => undefined;
    this.last = new Promise((resolve) => (pass = resolve));
    try {
      await before;
      for (let wait = this.waitFor(tokens); wait > 0; wait = this.waitFor(tokens)) await pause(wait, signal);
      this.charge(tokens);
    } finally {
      pass();
    }
  }

  /** Counts a request that did not wait for its turn. */
  charge(tokens: number): void {
    this.requests.take(1);
    this.tokens.take(tokens);
  }

  /** Stops all calls for that long, as the server asked. */
  hold(seconds: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, this.now() + seconds * 1000);
  }

  /** Seconds left of the pause that the server asked for. */
  get heldFor(): number {
    return Math.max(0, (this.pausedUntil - this.now()) / 1000);
  }

  private waitFor(tokens: number): number {
    return Math.max(this.pausedUntil - this.now(), this.requests.waitFor(1), this.tokens.waitFor(tokens));
  }
}
