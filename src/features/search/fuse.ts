/**
 * Each value's place between the least (0) and the greatest
 * (1) of them; null counts as the least. All equal: all 1.
 */
export function minMax(values: (number | null)[]): number[] {
  const known = values.filter((value) => value !== null);
  const least = Math.min(...known);
  const range = Math.max(...known) - least;
  return values.map((value) => (value === null ? 0 : range > 0 ? (value - least) / range : 1));
}

/**
 * The min–max convex combination of both legs over one pool. It ranks and says nothing absolute.
 * @param alpha weight of the vector leg, 0 … 1
 */
export function fuse(keyword: number[], vector: (number | null)[], alpha: number): number[] {
  const [words, meanings] = [minMax(keyword), minMax(vector)];
  return words.map((value, index) => (1 - alpha) * value + alpha * (meanings[index] ?? 0));
}
