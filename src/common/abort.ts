/**
 * Waits for `work` until `signal` fires. The work itself goes on.
 * @param options.reason rejects with this reason instead of the signal's own
 * @param options.late gets the result of work that ends after the wait was given up
 */
export function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  {
    reason = (fired: AbortSignal): unknown => fired.reason,
    late,
  }: { reason?: (fired: AbortSignal) => unknown; late?: (result: T) => void } = {},
): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(reason(signal) as Error);
      work.then(late, () => undefined);
    };
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
