import type { TextItem } from '@llamaindex/liteparse';
import type { Rule } from './rules.js';
import { findBlockGap } from './beside-blocks.js';
import { type Column, maxLeading, rowsOfCells } from './cell-rows.js';
import { linesAbove, readColumnHead } from './column-heads.js';
import { type Segment, type TextLine, textLines, withoutLeaders } from '../text/lines.js';
import { findStrips, type Gap, isNumeric, isYear, minNumberGap, withNumbersApart } from './number-columns.js';
import type { PageTable } from './page-table.js';
import { holdsFunctionWords, isNumber, manyLines } from './prose-columns.js';
import { cellsByColumn, isContents, isNoTable, runsOn } from './refused-tables.js';
import { withoutSignColumns } from './sign-columns.js';

/** Heights of a line between two lines of one table. */
const maxPitch = 2.6;
/** The same for rows whose cells keep to their columns, and the number of such cells. */
const maxLoosePitch = 5;
const minLooseCells = 4;
/** Lines with one segment between two that have several. */
const maxSingles = 6;
const minRows = 3;
const minGutter = 0.5;
/** Over many lines blanks between words do not stand above one another by chance. */
const minNarrowGutter = 0.3;
/** Points by which the lines of one cell may miss their common edge. */
const maxEdge = 3;
/** Heights of a line between two words, and how much further off the next paragraph stands. */
const wordGap = 0.25;
const minJump = 1.15;
const minFilled = 0.35;
/** Share of the rows that have several cells, and the same for prices below names of groups. */
const minFull = 0.6;
const minPriced = 0.45;
/** Share of the columns that a further line may leave. */
const minKept = 0.7;

/**
 * Finds tables by the alignment of their columns over several lines, without any rule: strips that stay free
 * of text from line to line part the columns. Columns of running text, lists and tables of contents are none.
 */
export function alignedTables(items: readonly TextItem[], rules: readonly Rule[] = []): PageTable[] {
  const { lines: read, leaders: dots } = withoutLeaders(textLines(items));
  const lines = withNumbersApart(read);
  const leaders = new Set(dots.map(({ bottom }) => Math.floor(bottom)));
  const tables: PageTable[] = [];
  let free = 0;
  for (let at = 0; at < lines.length;) {
    const region = (lines[at]?.segments.length ?? 0) > 1 ? growRegion(lines, at) : null;
    const body = region ? lines.slice(region.start, region.end) : [];
    const columns = region ? findColumns(body, region.gutters) : [];
    const gap = findBlockGap(body, columns);
    if (region && gap !== null) tables.push(...tablesBeside(items, body, gap, rules));
    const isText = region !== null && (gap !== null || runsOn(body, columns));
    const table = region && !isText ? buildTable(lines, region, columns, leaders, items, rules, free) : null;
    if (table) tables.push(table);
    if (region && table) free = region.end;
    at = region && (table || isText) ? region.end : at + 1;
  }
  return tables;
}

/** The tables on both sides of a gap between two blocks, each of them narrower than both. */
function tablesBeside(
  items: readonly TextItem[],
  lines: readonly TextLine[],
  gap: number,
  rules: readonly Rule[],
): PageTable[] {
  const [top, bottom] = [lines[0]?.top ?? 0, Math.max(...lines.map((line) => line.bottom))];
  const own = items.filter(({ y, height }) => y + height / 2 > top && y + height / 2 < bottom);
  return [own.filter(({ x }) => x < gap), own.filter(({ x }) => x >= gap)].flatMap((side) =>
    side.length < own.length ? alignedTables(side, rules) : [],
  );
}

interface Region {
  start: number;
  end: number;
  gutters: Gap[];
}

/** Goes down from a line as long as the same strips stay free. */
function growRegion(lines: TextLine[], start: number): Region | null {
  const first = lines[start];
  if (!first) return null;
  let covered = listExtents(first);
  let [end, tabular] = [start + 1, 1];
  let onlyYears = !holdsNumbers(first);
  for (let at = start + 1; at < lines.length && at - end < maxSingles; at += 1) {
    const [line, before] = [lines[at], lines[at - 1]];
    if (!line || !before || !follows(before, line, covered, first.height)) break;
    if (Math.abs(line.height - first.height) > first.height * 0.35) break;
    const joined = joinExtents([...covered, ...listExtents(line)], first.height);
    const isWhole = line.segments.length > 1;
    // Text over a free strip ends the table, but the first lines may leave strips free by chance, and so may titles.
    const isOpen = tabular < minRows || (onlyYears && holdsNumbers(line));
    const most = isWhole && isOpen ? 1 : isWhole ? covered.length * minKept : covered.length;
    if (joined.length < 2 || joined.length < most) break;
    if (isWhole) {
      tabular += 1;
      end = at + 1;
      onlyYears &&= !holdsNumbers(line);
    }
    covered = joined;
  }
  if (tabular < minRows) return null;
  const body = lines.slice(start, end);
  const least = first.height * (body.length < manyLines ? minGutter : minNarrowGutter);
  return { start, end, gutters: findGutters(body, first.height, least) };
}

/** True for a line with numbers in several places: years alone may be titles. */
const holdsNumbers = ({ segments }: TextLine): boolean =>
  segments.filter((segment) => isNumeric(segment) && !segment.words.some(isYear)).length >= 2;

/**
 * True for a line near the one before. Rows of several columns with a number may stand further apart, as forms and invoices
 * set them, if each of their cells keeps to its column.
 */
function follows(before: TextLine, line: TextLine, covered: Gap[], height: number): boolean {
  const distance = line.top - before.bottom;
  if (distance <= height * (maxPitch - 1)) return true;
  if (distance > height * (maxLoosePitch - 1) || line.segments.length < minLooseCells) return false;
  const hasNumber = line.segments.some(({ words }) => isNumber.test(words.map(({ text }) => text).join(' ')));
  return (
    hasNumber &&
    line.segments.every(
      ({ left, right }) => covered.filter(({ from, to }) => left < to && right > from).length === 1,
    )
  );
}

/** Strips without text, but for a line in eleven. The first lines may be a head that spans columns. */
function findGutters(lines: TextLine[], height: number, usual: number): Gap[] {
  const body = lines.slice(Math.min(3, Math.floor(lines.length / 4)));
  const allowed = Math.max(Math.floor(body.length * 0.09), body.length >= 6 ? 1 : 0);
  return findStrips(body, allowed, height, usual);
}

/** A stretch of a line, and how far another may stand from it that is of the same column. */
interface Extent extends Gap {
  near: number;
}

const listExtents = ({ segments }: TextLine): Extent[] =>
  segments.map((segment) => ({
    from: segment.left,
    to: segment.right,
    near: isNumeric(segment) ? minNumberGap : minGutter,
  }));

/** Joins stretches that overlap or nearly touch. */
function joinExtents(extents: Extent[], height: number): Extent[] {
  const joined: Extent[] = [];
  for (const { from, to, near } of extents.toSorted((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last && from - last.to < height * Math.max(near, last.near)) {
      last.to = Math.max(last.to, to);
      last.near = Math.min(near, last.near);
    } else joined.push({ from, to, near });
  }
  return joined;
}

function buildTable(
  lines: TextLine[],
  region: Region,
  plain: Column[],
  leaders: ReadonlySet<number>,
  items: readonly TextItem[],
  rules: readonly Rule[],
  free: number,
): PageTable | null {
  const body = lines.slice(region.start, region.end);
  const columns = withoutSignColumns(plain, body);
  if (columns.length < 2 || isNoTable(body, columns) || isContents(body, columns, leaders)) return null;
  const heads = linesAbove(lines, region.start, columns, free);
  const rest = lastLines(lines, region.end, columns);
  region.end += rest.length;
  const lined = [...heads, ...body, ...rest];
  if (holdsFunctionWords(cellsByColumn(lined, columns))) return null;
  const head = readColumnHead(lined, columns, rules);
  const all = lined.slice(head?.start ?? 0);
  const area = {
    left: Math.min(...all.map(({ words }) => words[0]?.x ?? 0)),
    right: Math.max(...all.flatMap(({ segments }) => segments.map(({ right }) => right))),
    top: Math.min(...all.map(({ top }) => top)),
    bottom: Math.max(...all.map(({ bottom }) => bottom)),
  };
  const ruled = separators(rules, area);
  const rows = head
    ? [...head.rows, ...rowsOfCells(lined.slice(head.end), columns, 0, ruled)]
    : rowsOfCells(all, columns, heads.length, ruled);
  if (rows.length < minRows) return null;
  const filled = rows.filter((row) => row.filter(Boolean).length > 1).length;
  const cells = rows.reduce((sum, row) => sum + row.filter(Boolean).length, 0);
  // The labels of a chart stand in rows and columns too.
  if (
    filled < rows.length * (isPriceList(rows) ? minPriced : minFull) ||
    cells < rows.length * columns.length * minFilled
  )
    return null;
  return { rows, ...area, items: new Set(items.filter((item) => isInside(item, area))) };
}

/** True for labels beside numbers alone: labels without one name groups of others. */
const isPriceList = (rows: string[][]): boolean =>
  rows.every(
    ([label = '', value = '', ...others]) => others.length === 0 && label !== '' && !/\p{L}{3}/u.test(value),
  ) && rows.some(([, value = '']) => /^\P{L}*\d\P{L}*$/u.test(value));

/** Heights of the rules that go through a table from side to side. */
function separators(
  rules: readonly Rule[],
  area: { left: number; right: number; top: number; bottom: number },
): number[] {
  const width = area.right - area.left;
  return rules
    .filter(
      ({ at, from, to }) =>
        at > area.top && at < area.bottom && from < area.left + width * 0.1 && to > area.right - width * 0.1,
    )
    .map(({ at }) => at);
}

function isInside(
  item: TextItem,
  area: { left: number; right: number; top: number; bottom: number },
): boolean {
  const [middle, centre] = [item.y + item.height / 2, item.x + item.width / 2];
  return middle > area.top && middle < area.bottom && centre > area.left - 1 && centre < area.right + 1;
}

function findColumns(lines: TextLine[], gutters: Gap[]): Column[] {
  const edges = [-Infinity, ...gutters.map(({ from, to }) => (from + to) / 2), Infinity];
  const columns = edges
    .slice(1)
    .map((to, index) => ({ from: edges[index] ?? 0, to, left: Infinity, right: -Infinity }));
  for (const { segments } of lines) {
    for (const segment of segments) {
      const column = columns.find(({ from, to }) => segment.left >= from && segment.right <= to);
      if (!column) continue;
      column.left = Math.min(column.left, segment.left);
      column.right = Math.max(column.right, segment.right);
    }
  }
  return columns.filter(({ left }) => left < Infinity);
}

/** Lines right below the body that go on with a cell of its last row. */
function lastLines(lines: TextLine[], end: number, columns: Column[]): TextLine[] {
  const rest: TextLine[] = [];
  let inFirst = 0;
  for (let at = end; at < Math.min(end + maxSingles, lines.length); at += 1) {
    const [line, before] = [lines[at], lines[at - 1]];
    const [segment, other] = line?.segments ?? [];
    if (!line || !before || !segment || other || line.top - before.top > line.height * maxLeading) break;
    const column = columns.findIndex(
      ({ left, right }) => segment.left > left - maxEdge && segment.right < right + maxEdge,
    );
    // Below the first column a paragraph may begin.
    if (column < 0 || (column === 0 && !isWrapped(before, segment, line, columns))) break;
    rest.push(line);
    inFirst = column === 0 ? inFirst + 1 : 0;
  }
  return inFirst > 0 && !standsOff(rest, lines[end + rest.length]) ? rest.slice(0, -inFirst) : rest;
}

/** True if the first cell of a row goes on in a line: its first word had no room above. */
function isWrapped(before: TextLine, segment: Segment, { height }: TextLine, [column]: Column[]): boolean {
  const [above] = before.segments;
  const [word] = segment.words;
  if (!above || !word || !column || Math.abs(above.left - segment.left) >= maxEdge) return false;
  return word.width > column.right - above.right - height * wordGap;
}

/** True if what follows a table stands further off than the last lines of its cell do. */
function standsOff(rest: TextLine[], next: TextLine | undefined): boolean {
  const last = rest.at(-1);
  if (!last || !next) return true;
  const distance = next.top - last.top;
  const pitch = rest.length > 1 ? last.top - (rest.at(-2)?.top ?? 0) : last.height * maxLeading;
  return distance > pitch * minJump;
}
