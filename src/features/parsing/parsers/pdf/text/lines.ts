import type { TextItem } from '@llamaindex/liteparse';
import type { PagePiece } from '../../shared/placed-text.js';

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

type LinePiece = PagePiece & Partial<Pick<TextItem, 'rotation' | 'words'>>;

/** Several readers look for the lines of the same pieces. */
const known = new WeakMap<readonly LinePiece[], TextLine[]>();

/** The lines of a page from top to bottom; turned text is left out. The pieces must not change afterwards. */
export function textLines(items: readonly LinePiece[]): TextLine[] {
  const lines = known.get(items) ?? readLines(items);
  known.set(items, lines);
  return lines;
}

function readLines(items: readonly LinePiece[]): TextLine[] {
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

/** Dots that lead from a label to its values, as in `Copper . . . . . 12`, and points between two of them. */
const minLeader = 4;
const maxLeaderGap = 12;
const isDots = ({ text }: PagePiece): boolean => /^[.\u00b7\u2024\u2026_]+$/u.test(text.trim());

/** Lines without the dots that lead from a label to its values, and the extents of those dots. */
export function withoutLeaders(lines: TextLine[]): { lines: TextLine[]; leaders: TextLine[] } {
  const kept: TextLine[] = [];
  const leaders: TextLine[] = [];
  for (const line of lines) {
    const dots = leaderWords(line.words);
    if (dots.size === 0) {
      kept.push(line);
      continue;
    }
    leaders.push(makeLine([...dots]));
    const rest = line.words.filter((word) => !dots.has(word));
    if (rest.length > 0) kept.push(makeLine(rest));
  }
  return { lines: kept, leaders };
}

function leaderWords(words: PagePiece[]): Set<PagePiece> {
  const found = new Set<PagePiece>();
  let run: PagePiece[] = [];
  const close = (): void => {
    const dots = run.reduce((sum, { text }) => sum + text.trim().length, 0);
    if (dots >= minLeader) for (const dot of run) found.add(dot);
    run = [];
  };
  for (const word of words) {
    const last = run.at(-1);
    // dots far from one another stand for values that are missing
    if (!isDots(word) || (last && word.x - last.x - last.width > maxLeaderGap)) close();
    if (isDots(word)) run.push(word);
  }
  close();
  return found;
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
