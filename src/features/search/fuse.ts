/** Each value's place between the least (0) and the greatest (1) of them. All equal: all 1. */
export function minMax(values: number[]): number[] {
  const least = Math.min(...values);
  const range = Math.max(...values) - least;
  return values.map((value) => (range > 0 ? (value - least) / range : 1));
}

/**
 * The min–max convex combination of both legs over one pool. It ranks and says nothing absolute.
 * @param vector null for a passage that has no vector: its words decide alone. While a collection is being
 * embedded, most passages have none, and the few that have one must not push them aside.
 * @param alpha weight of the vector leg, 0 … 1
 */
export function fuse(keyword: number[], vector: (number | null)[], alpha: number): number[] {
  const words = minMax(keyword);
  const meanings = minMax(vector.filter((value) => value !== null));
  let next = 0;
  return words.map((value, index) =>
    vector[index] === null ? value : (1 - alpha) * value + alpha * (meanings[next++] ?? 0),
  );
}
