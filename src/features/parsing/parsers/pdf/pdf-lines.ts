import type { TextItem } from '@llamaindex/liteparse';
import type { PagePiece } from '../shared/placed-text.js';

/** Words of one piece without a wide gap between them. */
export interface Segment {
  words: PagePiece[];
  left: number;
  right: number;
}

/** Words that stand on one line, from left to right. */
export interface TextLine {
  words: PagePiece[];
  segments: Segment[];
  top: number;
  bottom: number;
  height: number;
}

/** Heights of the line: a wider gap parts the cells of a table. */
const minGap = 0.62;
/** Heights of a word that its middle may stand off the line's. */
const maxOffset = 0.3;

/** The lines of a page from top to bottom; turned text is left out. */
export function textLines(
  items: readonly (PagePiece & Partial<Pick<TextItem, 'rotation' | 'words'>>)[],
): TextLine[] {
  const words = items
    .filter(({ rotation = 0 }) => Math.abs(rotation) <= 5)
    .flatMap((item): PagePiece[] => (item.words?.length ? item.words : [item]))
    .filter(({ text, height }) => text.trim() !== '' && height > 0)
    .sort((a, b) => computeMiddle(a) - computeMiddle(b));
  const rows: { words: PagePiece[]; middle: number }[] = [];
  for (const word of words) {
    const row = rows.at(-1);
    if (row && computeMiddle(word) - row.middle < word.height * maxOffset) row.words.push(word);
    else rows.push({ words: [word], middle: computeMiddle(word) });
  }
  return rows.map(({ words: own }) => makeLine(own));
}

function makeLine(unsorted: PagePiece[]): TextLine {
  const words = unsorted.toSorted((a, b) => a.x - b.x);
  const height = median(words.map((word) => word.height));
  const segments: Segment[] = [];
  for (const word of words) {
    const last = segments.at(-1);
    if (last && word.x - last.right < height * minGap) {
      last.words.push(word);
      last.right = Math.max(last.right, word.x + word.width);
    } else segments.push({ words: [word], left: word.x, right: word.x + word.width });
  }
  return {
    words,
    segments,
    height,
    top: Math.min(...words.map(({ y }) => y)),
    bottom: Math.max(...words.map((word) => word.y + word.height)),
  };
}

const computeMiddle = ({ y, height }: PagePiece): number => y + height / 2;

export function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

/**
 * The text of words of one line or cell. The reader cuts words at changes of font too, where no blank stands.
 */
export function joinWords(words: readonly PagePiece[]): string {
  let text = '';
  for (const [index, word] of words.entries()) {
    const before = words[index - 1];
    const isClose =
      before !== undefined &&
      Math.abs(before.y - word.y) < word.height * 0.5 &&
      Math.abs(word.x - before.x - before.width) < word.height * 0.06;
    text += (index > 0 && !isClose ? ' ' : '') + word.text.trim();
  }
  return text.replace(/\s+/g, ' ').trim();
}
