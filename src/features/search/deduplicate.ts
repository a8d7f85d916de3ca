const words = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
/**
 * The content of a passage with each sentence once, so that a repetitive text does not fill the results with
 * pieces of different length.
 */
const folded = (content: string): string =>
  [...new Set(content.split(/[.!?。！？\n]+/u).map(words))].filter(Boolean).join(' ');

/**
 * Moves passages that duplicate an earlier one behind all others.
 * @param enough number of passages that the result needs; copies behind them are not searched for
 */
export function copiesLast<T extends { content: string }>(ranking: T[], enough = Infinity): T[] {
  const seen = new Set<string>();
  const firsts: T[] = [];
  const copies: T[] = [];
  let next = 0;
  for (; next < ranking.length && firsts.length < enough; next++) {
    const item = ranking[next];
    if (!item) continue;
    const key = folded(item.content) || item.content;
    if (seen.has(key)) copies.push(item);
    else {
      seen.add(key);
      firsts.push(item);
    }
  }
  return [...firsts, ...ranking.slice(next), ...copies];
}
