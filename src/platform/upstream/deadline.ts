import { Problem } from '../../common/errors.js';

/** The reason of `signal` as a Problem. A client that left has no reason of its own. */
export function abortProblem(signal: AbortSignal): Problem {
  const reason: unknown = signal.reason;
  return reason instanceof Problem ? reason : new Problem('cancelled', undefined, { cause: reason });
}

/**
 * A signal that fires after some time or together with a parent's signal; its reason is always a Problem.
 * Call `clear` in the end.
 */
export class Deadline {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private readonly follow = (): void => this.abort(this.parent && abortProblem(this.parent));

  constructor(
    ms: number,
    private readonly parent?: AbortSignal,
  ) {
    parent?.addEventListener('abort', this.follow, { once: true });
    this.restart(ms);
    if (parent?.aborted) this.follow();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Restarts the time, `ms` from now. */
  restart(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.abort(), Math.max(0, ms));
  }

  abort(reason: Problem = new Problem('upstream_timeout')): void {
    this.controller.abort(reason);
    this.clear();
  }

  clear(): void {
    clearTimeout(this.timer);
    this.parent?.removeEventListener('abort', this.follow);
  }
}

/** Waits `ms`. @throws the signal's reason as a Problem */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) throw abortProblem(signal);
  let timer: NodeJS.Timeout | undefined;
  let stop = (): void => undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(resolve, ms);
      stop = () => signal && reject(abortProblem(signal));
      signal?.addEventListener('abort', stop, { once: true });
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}
