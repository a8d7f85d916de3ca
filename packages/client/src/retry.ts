import { DocentError } from './errors.js';

const firstPauseMs = 500;
const maxPauseMs = 8_000;
/** Above it the caller decides: the error tells `retryAfter`. */
const maxRetryAfterSeconds = 60;

/** Resolves after `ms`; rejects with the signal's reason as soon as it aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** A document that cannot be read (422) may be `retryable` by a person; time alone mends only these. */
export const mendsWithTime = ({ retryable, status }: DocentError): boolean =>
  retryable && (status === 0 || status === 408 || status === 409 || status === 429 || status >= 500);

/** Milliseconds until the next try; undefined where another one makes no sense. */
function pauseBefore(error: unknown, tries: number): number | undefined {
  if (!(error instanceof DocentError) || !mendsWithTime(error)) return undefined;
  if (error.retryAfter !== undefined)
    return error.retryAfter > maxRetryAfterSeconds ? undefined : error.retryAfter * 1000;
  const longest = Math.min(maxPauseMs, firstPauseMs * 2 ** tries);
  return longest / 2 + (Math.random() * longest) / 2;
}

/** Runs `call` again while its error says that time mends it, at most `retries` times. */
export async function withRetries<T>(
  call: () => Promise<T>,
  retries: number,
  signal?: AbortSignal,
): Promise<T> {
  for (let tries = 0; ; tries++) {
    signal?.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      const ms = tries < retries ? pauseBefore(error, tries) : undefined;
      if (ms === undefined || signal?.aborted) throw error;
      await pause(ms, signal);
    }
  }
}
