import { asProblem, isRolledBack, isTimeout, isUnavailable, isUnsent } from './failures.js';
import { pause } from './readiness.js';

const delays = [50, 250];

/**
 * Rolled back whole or never sent: always. Otherwise only what
 * changes nothing, and not when the time is used up already.
 */
function mayRepeat(error: unknown, repeatable: boolean): boolean {
  if (isTimeout(error)) return false;
  return isRolledBack(error) || isUnsent(error) || (repeatable && isUnavailable(error));
}

/** Repeats a call that may be repeated, at most twice. @throws the problems of the port */
export async function repeating<T>(
  work: () => Promise<T>,
  repeatable: boolean,
  signal?: AbortSignal,
): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const delay = delays[tries];
      if (delay === undefined || signal?.aborted || !mayRepeat(error, repeatable)) throw asProblem(error);
      await pause(delay * (0.5 + Math.random()), signal);
    }
  }
}
