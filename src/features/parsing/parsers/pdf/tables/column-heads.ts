import type { PagePiece } from '../../shared/placed-text.js';
import type { Column } from './cell-rows.js';
import { caption } from '../headings/headings.js';
import { joinWords, median, type Segment, type TextLine } from '../text/lines.js';
import { type Gap, isDate, isNumeric, isYear } from './number-columns.js';
import {
  type Extent,
  findGroups,
  maxMiss,
  missOf,
  oneForEach,
  overlap,
  type Unit,
  withGroups,
} from './head-groups.js';
import type { Rule } from './rules.js';

/** Lines above a table that may belong to it. */
const maxLinesAbove = 4;
/** Lines of a head, and columns, that are looked at. */
const maxHeadLines = 9;
const maxColumns = 40;
/** Heights of a line: a wider gap between words parts two titles. */
const minTitleGap = 0.45;
/** The same in blanks between words where each of the two keeps to its column. */
const minOwnGap = 1.2;
const usualBlank = 0.27;
/** Share of the distance of rows that the lines of one title stand apart at most. */
const maxTitlePitch = 0.97;
/** How much further from the line above than from the one below it may stand. */
const maxNearer = 1.05;

export interface ColumnHead {
  rows: string[][];
  /** Number of lines above it: titles of the whole table. */
  start: number;
  /** Number of the first line below it. */
  end: number;
}

/**
 * Reads the titles above columns of numbers: lines of one title are joined, and titles over several columns
 * are repeated in a row above. Null where the lines do not tell it.
 */
export function readColumnHead(
  lines: readonly TextLine[],
  columns: readonly Gap[],
  rules: readonly Rule[] = [],
): ColumnHead | null {
  const count = countHeadLines(lines, columns);
  if (count === 0 || count > maxHeadLines || columns.length > maxColumns) return null;
  const units = unitsOf(columns, lines.slice(count));
  const blank = blankIn(lines.slice(count), columns);
  const levels = [units];
  let start = count;
  for (const [index, line] of [...lines.slice(0, count).entries()].reverse()) {
    const top = levels.at(-1) ?? [];
    const phrases = phrasesOf(line, top, columns, blank);
    const below = lines[index + 1];
    if (phrases.some((phrase) => isTitleOfAll(phrase, top))) break;
    start = index;
    const single = oneForEach(phrases, top);
    const stack = [index - 2, index - 1, index + 1, index + 2].flatMap((at) =>
      at < count ? (lines[at]?.segments ?? []) : [],
    );
    const groups = single ? [] : findGroups(phrases, top, rulesBetween(line, below, rules), stack);
    if (groups.length > 0) levels.push(withGroups(top, groups));
    const open = levels.at(-1) ?? [];
    const added = new Map<Unit, PagePiece[]>();
    for (const [at, phrase] of phrases.entries()) {
      const unit = single ? single[at] : nearest(phrase, open);
      if (unit) added.set(unit, [...(added.get(unit) ?? []), ...phrase.words]);
    }
    for (const [unit, words] of added) addLine(unit, words);
  }
  if (units.filter(({ lines: own }) => own.length > 0).length * 2 < columns.length) return null;
  return {
    rows: levels.reverse().map((level) =>
      columns.map((_column, at) => {
        const unit = level.find(({ first, last }) => first <= at && at <= last);
        return joinWords([...(unit?.lines ?? [])].reverse().flat());
      }),
    ),
    start,
    end: count,
  };
}

/** True for a line that runs from the first column to others. */
const isTitleOfAll = (phrase: Extent, [first, second]: readonly Unit[]): boolean =>
  first !== undefined && second !== undefined && phrase.left < first.right && overlap(phrase, second) > 2;

function addLine(unit: Unit, words: PagePiece[]): void {
  const { left, right } = makeSegment(words);
  unit.lines.push(words);
  [unit.left, unit.right] = [Math.min(unit.left, left), Math.max(unit.right, right)];
}

/** The lines above the first one with a number of the table. */
function countHeadLines(lines: readonly TextLine[], columns: readonly Gap[]): number {
  const first = lines.findIndex(
    (line, at) => isData(line, columns) || isRowOfYear(line, lines.slice(0, at), columns),
  );
  const second = columns[1];
  if (first <= 0 || !second) return 0;
  const rows = lines.slice(first).filter((line) => isData(line, columns));
  if (rows.length * 2 < lines.length - first && rows.length < 3) return 0;
  const pitches = rows.slice(1).map((line, at) => line.top - (rows[at]?.top ?? 0));
  const usual = Math.min(...pitches);
  const isLabelAbove = lines[first - 1]?.segments.every(({ right }) => right <= second.from) === true;
  if (isLabelAbove && wrapAboveNumbers(lines.slice(first), second, columns)) return first - 1;
  let count = first;
  // a label alone above the numbers names a group of rows, unless it ends the title of the first column
  while (count > 1) {
    const [line, above, below] = [lines[count - 1], lines[count - 2], lines[count]];
    if (!line || !above || line.segments.some(({ right }) => right > second.from)) break;
    const goesOn =
      line.top - above.top < usual * maxTitlePitch &&
      line.top - above.top < ((below?.top ?? Infinity) - line.top) * maxNearer &&
      above.segments.some(({ right }) => right <= second.from);
    if (goesOn) break;
    count -= 1;
  }
  return count;
}

/** True if most labels begin in the line above their numbers: the line above the first numbers does so too. */
function wrapAboveNumbers(lines: readonly TextLine[], second: Gap, columns: readonly Gap[]): boolean {
  const rows = lines.flatMap((line, at) => (at > 0 && isData(line, columns) ? [at] : []));
  const wrapped = rows.filter((at) => lines[at - 1]?.segments.every(({ right }) => right <= second.from));
  return rows.length >= 2 && wrapped.length * 2 > rows.length;
}

/** True for a line with a single year below titles of all columns: the first row, whose number looks like a year. */
function isRowOfYear(line: TextLine, above: readonly TextLine[], columns: readonly Gap[]): boolean {
  return (
    line.words.filter(isYear).length === 1 &&
    above.some(({ words }) =>
      columns.every((_column, at) => words.some((word) => columnOf(word, columns) === at)),
    )
  );
}

function isData({ segments }: TextLine, [, second]: readonly Gap[]): boolean {
  const numbers = segments.filter(
    (segment) =>
      isNumeric(segment) &&
      second !== undefined &&
      segment.left >= second.from - 1 &&
      !segment.words.some((word) => isYear(word) || isDate(word)),
  );
  const [first] = segments;
  return (
    numbers.length >= 2 ||
    numbers.some(({ words }) => words.some(({ text }) => isExact.test(text))) ||
    (numbers.length === 1 && first !== undefined && isLabel(first, second))
  );
}

/** A number that no title is: with a decimal, with thousands or with minutes. */
const isExact = /\d[.,:]\d/;

const isLabel = ({ left }: Segment, second: Gap | undefined): boolean =>
  second !== undefined && left < second.from;

/** The columns with the extents of what stands in them alone. */
function unitsOf(columns: readonly Gap[], lines: readonly TextLine[]): Unit[] {
  const units = columns.map(({ from, to }, at): Unit => ({
    from,
    to,
    first: at,
    last: at,
    left: Infinity,
    right: -Infinity,
    lines: [],
  }));
  for (const { words } of lines)
    for (const { x, width } of words) {
      const at = columns.findIndex(({ from, to }) => x >= from - 0.5 && x + width <= to + 0.5);
      const unit = units[at];
      if (!unit) continue;
      unit.left = Math.min(unit.left, x);
      unit.right = Math.max(unit.right, x + width);
    }
  return units;
}

/** The titles on a line. Words that stand near one another are two titles if each keeps to its column. */
function phrasesOf(
  { segments, height }: TextLine,
  units: readonly Unit[],
  columns: readonly Gap[],
  blank: number,
): Segment[] {
  return segments.flatMap((segment) => {
    const parts: PagePiece[][] = [];
    for (const word of segment.words) {
      const before = parts.at(-1)?.at(-1);
      const isOther = before && columnOf(before, columns) !== columnOf(word, columns);
      if (!before || isOther) parts.push([word]);
      else parts.at(-1)?.push(word);
    }
    if (parts.length < 2) return [segment];
    const own = parts.map(makeSegment);
    const gaps = own.slice(1).map(({ left }, at) => left - (own[at]?.right ?? 0));
    const areTitles = own.every((part) => units.some((unit) => missOf(part, unit) <= maxMiss));
    const least = areTitles ? blank * minOwnGap : height * minTitleGap;
    return gaps.every((gap) => gap > least) ? own : [segment];
  });
}

/** The width of a blank between words, as the labels of the rows have it. */
function blankIn(lines: readonly TextLine[], [, second]: readonly Gap[]): number {
  const gaps = lines.flatMap(({ segments }) =>
    segments
      .filter(({ right }) => second && right <= second.from)
      .flatMap(({ words }) =>
        words.slice(1).map(({ x }, at) => x - (words[at]?.x ?? 0) - (words[at]?.width ?? 0)),
      ),
  );
  return gaps.length > 0 ? median(gaps) : (lines[0]?.height ?? 0) * usualBlank;
}

const makeSegment = (words: PagePiece[]): Segment => ({
  words,
  left: words[0]?.x ?? 0,
  right: Math.max(...words.map(({ x, width }) => x + width)),
});

const columnOf = ({ x, width }: PagePiece, columns: readonly Gap[]): number =>
  columns.findIndex(({ from, to }) => x + width / 2 >= from && x + width / 2 < to);

/** Rules between two lines that do not go through the whole head: each stands below a title over several columns. */
function rulesBetween(line: TextLine, below: TextLine | undefined, rules: readonly Rule[]): Rule[] {
  return rules.filter(({ at }) => at > line.bottom - 3 && at < (below?.top ?? line.bottom) + 3);
}

function nearest(phrase: Segment, units: readonly Unit[]): Unit | undefined {
  let [best, most]: [Unit | undefined, number] = [undefined, -Infinity];
  for (const unit of units) {
    const shared = overlap(phrase, unit);
    if (shared > most) [best, most] = [unit, shared];
  }
  return best;
}

const isInFirst = ({ segments: [first] }: TextLine, [column, next]: readonly Column[]): boolean =>
  first !== undefined &&
  column !== undefined &&
  Math.abs(first.left - column.left) < maxMiss &&
  first.right <= Math.max(column.right, next?.from ?? 0);

/**
 * Lines right above the body whose words stand over its columns, some over several of them.
 * @param free the first line that is in no other table
 */
export function linesAbove(
  lines: readonly TextLine[],
  start: number,
  columns: readonly Column[],
  free = 0,
): TextLine[] {
  const heads: TextLine[] = [];
  let open = 0;
  for (let at = start - 1; at >= Math.max(free, start - maxLinesAbove); at -= 1) {
    const [line, below] = [lines[at], lines[at + 1]];
    if (!line || !below || below.top - line.bottom > line.height * 1.2) break;
    if (Math.abs(line.height - below.height) > below.height * 0.2) break;
    const [left, right] = [columns[0]?.left ?? 0, columns.at(-1)?.right ?? 0];
    const isWithin = line.segments.every((segment) => segment.left > left - 4 && segment.right < right + 12);
    const first = line.segments[0];
    // One segment at the left is a title or a paragraph.
    const isTitle =
      line.segments.length === 1 && first !== undefined && first.left < (columns[1]?.left ?? 0) - 8;
    if (!isWithin || caption.test(line.words.map(({ text }) => text).join(' '))) break;
    // It may also end the title of the first column: then lines above it go on.
    if (isTitle && !isInFirst(line, columns)) break;
    open = isTitle ? open + 1 : 0;
    heads.unshift(line);
  }
  return heads.slice(open);
}
