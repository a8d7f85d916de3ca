import type { PagePiece } from '../../shared/placed-text.js';
import type { Segment, TextLine } from '../text/lines.js';

/** A stretch of a line, or a strip of a page, from left to right. */
export interface Gap {
  from: number;
  to: number;
}

/** Heights of a line between two numbers of neighbour columns, and between a label and a number. */
export const minNumberGap = 0.12;
const minLabelGap = 0.22;
/** Heights of a line that a blank within a cell may have, and by which gaps between columns differ. */
const maxBlank = 0.42;
const minSpread = 0.1;
/** Heights of a line: a gap that is everywhere as narrow is a blank between words. */
const maxWordGap = 0.36;
/** Share of the labels that may stand no further than a blank before their number. */
const maxNear = 0.3;
/** Share of the lines that have a number behind a strip, and lines that tell it. */
const minShare = 0.8;
const minLines = 3;

/** A number, but for an ordinal such as `2.` */
const wordNumber = /^(?!\d{1,2}\.$)[-–—−+(]{0,2}\p{Sc}?\d[\d.,:'’/]*(?:\p{Sc}|[%)*†]){0,2}$/u;
const known = new WeakMap<PagePiece, boolean>();
/** Words are asked for again with each column that they may stand in. */
export function isNumberWord(word: PagePiece): boolean {
  let is = known.get(word);
  if (is === undefined) known.set(word, (is = wordNumber.test(word.text.trim())));
  return is;
}

export const isYear = ({ text }: PagePiece): boolean =>
  /^(?:19|20)\d\d(?:[-–/]\d{2,4})?[*)]?$/.test(text.trim());
export const isDate = ({ text }: PagePiece): boolean =>
  /^\d{1,2}[./]\d{1,2}[./](?:\d{2,4})?$/.test(text.trim());
const rightOf = ({ x, width }: PagePiece): number => x + width;

/**
 * Parts the segments of lines between two numbers that stand near one another, as those of tight columns do.
 * A narrow gap between plain digits stays: it may part the thousands of one number.
 */
export function withNumbersApart(lines: readonly TextLine[]): TextLine[] {
  return lines.map((line) => {
    const holdsSome = line.segments.some(({ words }) => words.length > 1 && words.some(isNumberWord));
    return holdsSome ? { ...line, segments: line.segments.flatMap((segment) => split(segment, line)) } : line;
  });
}

function split(segment: Segment, { height }: TextLine): Segment[] {
  const { words } = segment;
  const starts = words.flatMap((word, at) => {
    const before = words[at - 1];
    return before && standsApart(before, word, height) ? [at] : [];
  });
  if (starts.length === 0) return [segment];
  return [0, ...starts].map((start, at) => {
    const own = words.slice(start, starts[at]);
    return { words: own, left: own[0]?.x ?? segment.left, right: Math.max(...own.map(rightOf)) };
  });
}

function standsApart(before: PagePiece, word: PagePiece, height: number): boolean {
  const gap = word.x - rightOf(before);
  if (gap < height * minNumberGap || !isNumberWord(before) || !isNumberWord(word)) return false;
  const isPlain = /^\d+$/.test(before.text.trim()) || /^\d{1,3}$/.test(word.text.trim());
  return !word.text.trim().startsWith('(') && (!isPlain || gap > height * maxBlank);
}

/** Strips that hardly any line crosses, and that are wide enough to part two columns. */
export function findStrips(
  lines: readonly Pick<TextLine, 'words'>[],
  allowed: number,
  height: number,
  usual: number,
): Gap[] {
  const edges = lines
    .flatMap(({ words }) => words)
    .flatMap(({ x, width }) => [
      { at: x, step: 1 },
      { at: x + width, step: -1 },
    ])
    .sort((a, b) => a.at - b.at || b.step - a.step);
  const strips: Gap[] = [];
  let [count, free] = [0, Infinity];
  for (const { at, step } of edges) {
    const strip = { from: free, to: at };
    const closes = count <= allowed && count + step > allowed && at - free >= height * minNumberGap;
    if (closes && at - free >= leastStrip(strip, lines, height, usual)) strips.push(strip);
    if (count > allowed && count + step <= allowed) free = at;
    count += step;
  }
  return strips;
}

export const isNumeric = ({ words }: Pick<Segment, 'words'>): boolean => words.every(isNumberWord);

/**
 * The width that a strip must have to part two columns. A narrow one is enough before a column of numbers, if the gaps
 * differ from line to line: a blank within cells, as in `12.05. 14:30`, is always as wide.
 */
function leastStrip(
  strip: Gap,
  lines: readonly Pick<TextLine, 'words'>[],
  height: number,
  usual: number,
): number {
  const gaps: number[] = [];
  let [numbers, pairs] = [0, 0];
  for (const { words } of lines) {
    const at = words.findIndex(({ x }) => x >= strip.to - 0.5);
    const [before, word] = [words[at - 1], words[at]];
    if (!before || !word) continue;
    const gap = word.x - rightOf(before);
    gaps.push(gap);
    if (!isNumberWord(word) && gap < usual) return usual;
    if (!isNumberWord(word)) continue;
    numbers += 1;
    if (isNumberWord(before)) pairs += 1;
  }
  if (gaps.length < minLines) return usual;
  const [least, most] = [Math.min(...gaps), Math.max(...gaps)];
  // the blank behind a word that begins each cell, as in `Part 12`
  if (
    gaps.length > lines.length * minShare &&
    most < height * maxWordGap &&
    most - least < height * minSpread
  )
    return Infinity;
  if (numbers < gaps.length * minShare) return usual;
  if (least < height * maxBlank && most - least < height * minSpread) return usual;
  if (pairs >= gaps.length * minShare) return Math.min(usual, height * minNumberGap);
  const near = gaps.filter((gap) => gap < height * maxBlank).length;
  return near > gaps.length * maxNear ? usual : Math.min(usual, height * minLabelGap);
}
