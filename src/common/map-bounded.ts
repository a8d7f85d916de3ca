/**
 * Runs `work` on every item, at most `limit` at once, and returns the results in the order of the items. It
 * takes the next item only when there is room. The first failure aborts the others and is thrown.
 * @param signal aborts all
 */
export async function mapBounded<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  limit: number,
  signal: AbortSignal | undefined,
  work: (item: T, index: number, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const stop = new AbortController();
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const results: R[] = [];
  const running = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  let index = 0;
  try {
    for await (const item of items) {
      if (failure) break;
      either.throwIfAborted();
      const place = index++;
      const one = work(item, place, either)
        .then((result) => void (results[place] = result))
        .catch((error: unknown) => {
          failure ??= { error };
          stop.abort(error);
        })
        .finally(() => running.delete(one));
      running.add(one);
      if (running.size >= limit) await Promise.race(running);
    }
  } finally {
    if (signal?.aborted) stop.abort(signal.reason);
    await Promise.all(running);
  }
  if (failure) throw failure.error;
  return results;
}
