const words = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
/** What a passage says, each sentence once: a text that repeats itself must not fill the results with pieces of different length. */
const folded = (content: string): string =>
  [...new Set(content.split(/[.!?。！？\n]+/u).map(words))].filter(Boolean).join(' ');

/**
 * The same ranking with passages that stand in it already moved behind all others: a copy tells nothing new.
 * @param enough how many passages of the result will be looked at; of those behind, copies are not looked for
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
