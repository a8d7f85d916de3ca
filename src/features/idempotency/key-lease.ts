/**
 * Seconds for which a key outlives the last sign of its request. A request that could not give its key back,
 * because its process was killed or the database was away, blocks a repetition for no longer.
 */
export const keyLeaseSeconds = 30;
const renewMs = 10_000;
// a request that has not ended by then is stuck
const maxRenewals = 90;

/** Calls `renew` while a request runs. @returns a function that ends it */
export function keepKey(renew: () => Promise<unknown>): () => void {
  let left = maxRenewals;
  const timer = setInterval(() => {
    if (--left <= 0) clearInterval(timer);
    // the next renewal is soon enough
    renew().catch(() => undefined);
  }, renewMs);
  timer.unref();
  return () => clearInterval(timer);
}
