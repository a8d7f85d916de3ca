const words = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
/** What a passage says, each sentence once: a text that repeats itself must not fill the results with pieces of different length. */
const folded = (content: string): string =>
  [...new Set(content.split(/[.!?。！？\n]+/u).map(words))].filter(Boolean).join(' ');

/** The same ranking with passages that stand in it already moved behind all others: a copy tells nothing new. */
export function copiesLast<T extends { content: string }>(ranking: T[]): T[] {
  const seen = new Set<string>();
  const copies: T[] = [];
  const firsts = ranking.filter((item) => {
    const key = folded(item.content) || item.content;
    if (!seen.has(key)) return Boolean(seen.add(key));
    copies.push(item);
    return false;
  });
  return [...firsts, ...copies];
}
