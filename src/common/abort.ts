/**
 * Waits for `work` until `signal` fires. The work itself goes on.
 * @param options.reason what to reject with then; the signal's own reason unless given
 * @param options.late takes the result of work that nobody waits for any more
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
