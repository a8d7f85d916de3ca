// Bounds grow by a third: a quantile is right within about 15 %.
const firstBoundMs = 5;
const growth = 4 / 3;
export const buckets = 40;

const computeBound = (bucket: number): number => firstBoundMs * growth ** bucket;

/** Which bucket a time falls into; the last one has no upper bound. */
export function findBucket(milliseconds: number): number {
  if (milliseconds <= firstBoundMs) return 0;
  return Math.min(buckets - 1, Math.ceil(Math.log(milliseconds / firstBoundMs) / Math.log(growth)));
}

/**
 * The time below which `share` of the counted ones are,
 * in whole milliseconds; null where nothing was counted.
 */
export function quantile(counts: number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let before = 0;
  for (const [bucket, count] of counts.entries()) {
    if (count > 0 && before + count >= share * total) {
      const low = bucket === 0 ? 1 : computeBound(bucket - 1);
      const within = (share * total - before) / count;
      return Math.round(low * (computeBound(bucket) / low) ** within);
    }
    before += count;
  }
  return null;
}
