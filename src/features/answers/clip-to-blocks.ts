import { clipToTokens } from '../../common/text/clip.js';
import { estimateTokens } from '../../common/tokens.js';
import { splitBlocks, type Block } from './finding/blocks.js';

/** Where a block may be cut: in front of an item of a list, of a row, or of a line of code. */
const findCuts = (content: string, { kind, start, end, items }: Block): number[] =>
  kind === 'list'
    ? items.map((item) => item.start)
    : kind === 'table' || kind === 'code'
      ? [...content.slice(start, end).matchAll(/\n/gu)].map(({ index }) => start + index)
      : [];

/** The last of the places, in order, up to which the content stays within the tokens; 0 without one. */
function furthest(content: string, places: number[], tokens: number): number {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (estimateTokens(content.slice(0, places[middle])) <= tokens) low = middle + 1;
    else high = middle;
  }
  return places[low - 1] ?? 0;
}

/**
 * The longest beginning of a Markdown text that is likely to stay within the tokens and ends with a block.
 * Only where not even the first block fits is that one cut: a list between
 * its items, a table between its rows, running text at white space.
 */
export function clipToBlocks(content: string, tokens: number): string {
  if (estimateTokens(content) <= tokens) return content;
  const blocks = splitBlocks(content);
  const ends = blocks.filter(({ kind }) => kind !== 'heading').map(({ end }) => end);
  const whole = furthest(content, ends, tokens);
  if (whole > 0) return content.slice(0, whole).trimEnd();
  const first = blocks.find(({ kind }) => kind !== 'heading');
  const cut = first ? furthest(content, findCuts(content, first), tokens) : 0;
  return cut > (first?.start ?? 0) ? content.slice(0, cut).trimEnd() : clipToTokens(content, tokens);
}
