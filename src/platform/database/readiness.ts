import { unlessAborted } from '../../common/abort.js';
import { Problem } from '../../common/errors.js';
import { databaseUnavailable } from './failures.js';

const patience = 4_000;

/** A connection that opens while the service already listens: calls wait briefly for it, then answer 503. */
export class Readiness {
  private readonly opened: Promise<void>;

  constructor(open: () => Promise<void>) {
    this.opened = open();
    // callers see the error; without callers it must not end the process
    this.opened.catch(() => undefined);
  }

  ready(): Promise<void> {
    return this.opened;
  }

  /** Waits up to four seconds. @throws database_unavailable */
  async soon(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(databaseUnavailable()), patience);
    });
    try {
      await Promise.race([this.opened, late]);
    } catch (error) {
      throw databaseUnavailable(error);
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * Stops waiting for the work when `signal` fires; the work itself goes on. A signal that timed out means an
 * unavailable database.
 * @param late gets the result of work that ends after the wait was given up
 */
export function abortable<T>(work: Promise<T>, signal?: AbortSignal, late?: (result: T) => void): Promise<T> {
  const reason = (fired: AbortSignal): unknown => {
    const why = fired.reason as Error;
    return why.name === 'TimeoutError' ? databaseUnavailable(why) : why;
  };
  return unlessAborted(work, signal, { reason, late });
}

/** Resolves after `ms`, or as soon as the signal aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
    if (signal?.aborted) done();
  });
}

/** Tries until it opens: a database that is away is waited for, anything else is thrown. */
export async function untilOpen(
  open: () => Promise<void>,
  closed: AbortSignal,
  onAway: (reason: string) => void,
): Promise<void> {
  for (let wait = 100; !closed.aborted; wait = Math.min(wait * 2, 2_000)) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'database_unavailable') throw error;
      onAway(reasonOf(error.cause));
      await pause(wait, closed);
    }
  }
  throw databaseUnavailable();
}

/** What the driver says, such as `connect ECONNREFUSED 127.0.0.1:5432`; all addresses of a name may fail. */
function reasonOf(cause: unknown): string {
  const [first] = cause instanceof AggregateError ? (cause.errors as unknown[]) : [cause];
  return first instanceof Error && first.message !== '' ? first.message : 'no answer';
}
