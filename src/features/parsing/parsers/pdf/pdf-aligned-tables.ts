import type { TextItem } from '@llamaindex/liteparse';
import type { Rule } from './pdf-rules.js';
import { type Column, maxLeading, rowsOfCells } from './pdf-cell-rows.js';
import { caption } from './pdf-headings.js';
import {
  type CellLine,
  holdsFunctionWords,
  isNumber,
  isPassage,
  isProse,
  manyLines,
  minProseWords,
} from './pdf-prose-columns.js';
import { median, type Segment, type TextLine, textLines, withoutLeaders } from './pdf-lines.js';
import type { PageTable } from './pdf-page-table.js';
import { withoutSignColumns } from './pdf-sign-columns.js';

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
/**
 * Points by which the cells of a column may miss their common edge, and the share of cells that keep to it.
 */
const maxEdge = 3;
const minAligned = 0.65;
const maxHeadLines = 3;
/** Heights of a line between two words, and how much further off the next paragraph stands. */
const wordGap = 0.25;
const minJump = 1.15;
const minFilled = 0.35;
/** Points of a line's height that are looked at. */
const maxPoints = 200;
/** Share of the columns that a further line may leave. */
const minKept = 0.7;

interface Gap {
  from: number;
  to: number;
}

/**
 * Finds tables by the alignment of their columns over several lines, without any rule: strips that stay free
 * of text from line to line part the columns. Columns of running text, lists and tables of contents are none.
 */
export function alignedTables(items: readonly TextItem[], rules: readonly Rule[] = []): PageTable[] {
  const { lines, leaders: dots } = withoutLeaders(textLines(items));
  const leaders = new Set(dots.map(({ bottom }) => Math.floor(bottom)));
  const tables: PageTable[] = [];
  let free = 0;
  for (let at = 0; at < lines.length;) {
    const region = (lines[at]?.segments.length ?? 0) > 1 ? growRegion(lines, at) : null;
    const isText = region !== null && runsOn(lines.slice(region.start, region.end), region.gutters);
    const table = region && !isText ? buildTable(lines, region, leaders, items, rules, free) : null;
    if (table) tables.push(table);
    if (region && table) free = region.end;
    at = region && (table || isText) ? region.end : at + 1;
  }
  return tables;
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
  for (let at = start + 1; at < lines.length && at - end < maxSingles; at += 1) {
    const [line, before] = [lines[at], lines[at - 1]];
    if (!line || !before || !follows(before, line, covered, first.height)) break;
    if (Math.abs(line.height - first.height) > first.height * 0.35) break;
    const joined = joinExtents([...covered, ...listExtents(line)], first.height * minGutter);
    const isWhole = line.segments.length > 1;
    // Text over a free strip ends the table, but the first lines may leave strips free by chance.
    const most = isWhole && tabular < minRows ? 1 : isWhole ? covered.length * minKept : covered.length;
    if (joined.length < 2 || joined.length < most) break;
    if (isWhole) {
      tabular += 1;
      end = at + 1;
    }
    covered = joined;
  }
  if (tabular < minRows) return null;
  const body = lines.slice(start, end);
  const least = first.height * (body.length < manyLines ? minGutter : minNarrowGutter);
  return { start, end, gutters: findGutters(body, least) };
}

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
function findGutters(lines: TextLine[], least: number): Gap[] {
  const body = lines.slice(Math.min(3, Math.floor(lines.length / 4)));
  const allowed = Math.max(Math.floor(body.length * 0.09), body.length >= 6 ? 1 : 0);
  const edges = body
    .flatMap(({ words }) => words)
    .flatMap(({ x, width }) => [
      { at: x, step: 1 },
      { at: x + width, step: -1 },
    ])
    .sort((a, b) => a.at - b.at || b.step - a.step);
  const gutters: Gap[] = [];
  let [count, free] = [0, Infinity];
  for (const { at, step } of edges) {
    if (count <= allowed && count + step > allowed && at - free >= least)
      gutters.push({ from: free, to: at });
    if (count > allowed && count + step <= allowed) free = at;
    count += step;
  }
  return gutters;
}

const listExtents = ({ segments }: TextLine): Gap[] =>
  segments.map(({ left, right }) => ({ from: left, to: right }));

/** Joins stretches that overlap or nearly touch. */
function joinExtents(extents: Gap[], least: number): Gap[] {
  const joined: Gap[] = [];
  for (const { from, to } of extents.toSorted((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last && from - last.to < least) last.to = Math.max(last.to, to);
    else joined.push({ from, to });
  }
  return joined;
}

function buildTable(
  lines: TextLine[],
  region: Region,
  leaders: ReadonlySet<number>,
  items: readonly TextItem[],
  rules: readonly Rule[],
  free: number,
): PageTable | null {
  const body = lines.slice(region.start, region.end);
  const columns = withoutSignColumns(findColumns(body, region.gutters), body);
  if (columns.length < 2 || isNoTable(body, columns) || isContents(body, columns, leaders)) return null;
  const heads = headLines(lines, region.start, columns, free);
  const rest = lastLines(lines, region.end, columns);
  region.end += rest.length;
  const all = [...heads, ...body, ...rest];
  if (holdsFunctionWords(cellsByColumn(all, columns))) return null;
  const area = {
    left: Math.min(...all.map(({ words }) => words[0]?.x ?? 0)),
    right: Math.max(...all.flatMap(({ segments }) => segments.map(({ right }) => right))),
    top: Math.min(...all.map(({ top }) => top)),
    bottom: Math.max(...all.map(({ bottom }) => bottom)),
  };
  const ruled = separators(rules, area);
  const rows = rowsOfCells(all, columns, heads.length, ruled);
  if (rows.length < minRows) return null;
  const filled = rows.filter((row) => row.filter(Boolean).length > 1).length;
  const cells = rows.reduce((sum, row) => sum + row.filter(Boolean).length, 0);
  // The labels of a chart stand in rows and columns too.
  if (filled < rows.length * 0.6 || cells < rows.length * columns.length * minFilled) return null;
  return { rows, ...area, items: new Set(items.filter((item) => isInside(item, area))) };
}

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

function cellsByColumn(lines: TextLine[], columns: Column[]): CellLine[][] {
  return columns.map((column) =>
    lines.flatMap((line) => {
      const words = line.words.filter(({ x, width }) => x >= column.from && x + width <= column.to);
      return words.length > 0 ? [{ words, text: words.map(({ text }) => text).join(' ') }] : [];
    }),
  );
}

function isNoTable(lines: TextLine[], columns: Column[]): boolean {
  const cells = cellsByColumn(lines, columns);
  return (
    isProse(cells, columns) ||
    isPassage(lines, cells) ||
    isList(cells) ||
    cells.some(
      (column, index) =>
        column.length >= 3 &&
        !isAligned(column, index, columns) &&
        // labels are indented by their rank
        !(index === 0 && standBesideNumbers(cells)),
    )
  );
}

/** A column whose lines go on with one another, beside other text on each of them, is no column of cells. */
function runsOn(lines: TextLine[], gutters: Gap[]): boolean {
  const cells = cellsByColumn(lines, findColumns(lines, gutters));
  if (standBesideNumbers(cells)) return false;
  // lines of columns that do not keep to one another overlap by a part of their height
  const beside = lines.filter((line, index) => {
    const next = lines[index + 1];
    return line.segments.length > 1 || (next !== undefined && line.bottom - next.top > line.height * 0.25);
  });
  if (beside.length < lines.length * 0.8) return false;
  return cells.some((column) => {
    const going = column.filter(({ text }) => /^\p{Ll}/u.test(text)).length;
    return (
      column.length >= minRows &&
      column.length >= lines.length * 0.4 &&
      going >= column.length * 0.6 &&
      median(column.map(({ words }) => words.length)) >= minProseWords
    );
  });
}

/** True if at least two columns are numbers and most of the others are. */
function standBesideNumbers([, ...others]: CellLine[][]): boolean {
  const numeric = others.filter(
    (column) => column.filter(({ text }) => isNumber.test(text)).length >= column.length * 0.6,
  );
  return numeric.length >= 2 && numeric.length > others.length / 2;
}

/** Dots lead from titles to the numbers of their pages. */
function isContents(lines: TextLine[], columns: Column[], leaders: ReadonlySet<number>): boolean {
  if (columns.length > 2) return false;
  const led = lines.filter(({ top, bottom, height }) => {
    const points = Math.min(Math.ceil(bottom - top + height * 0.3), maxPoints);
    return Array.from({ length: points }, (_unused, down) => Math.floor(top) + down).some((at) =>
      leaders.has(at),
    );
  });
  return led.length > lines.length * 0.4;
}

/** Bullets and numbers before items, labels with a colon before values. */
function isList([first = [], , ...others]: CellLine[][]): boolean {
  if (others.length > 0) return false;
  const share = (column: CellLine[], pattern: RegExp): number =>
    column.filter(({ text }) => pattern.test(text)).length / Math.max(column.length, 1);
  const isNumbered =
    share(first, /^(?:[-–—•▪◦●○*·o]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)]|\d+(?:\.\d+)+\.?|\[\d+\])$/i) > 0.7;
  const isMarked = share(first, /^[^\p{L}\p{N}]{1,2}$/u) > 0.7;
  return isNumbered || isMarked || share(first, /:$/) > 0.7;
}

function isAligned(cells: CellLine[], index: number, columns: Column[]): boolean {
  const lefts = cells.map(({ words }) => words[0]?.x ?? 0);
  const rights = cells.map(({ words }) => (words.at(-1)?.x ?? 0) + (words.at(-1)?.width ?? 0));
  const middles = lefts.map((left, at) => (left + (rights[at] ?? 0)) / 2);
  const narrow = (columns[index]?.right ?? 0) - (columns[index]?.left ?? 0) < 40;
  return (
    narrow ||
    [lefts, rights, middles].some((edges) => {
      const edge = median(edges);
      return edges.filter((value) => Math.abs(value - edge) <= maxEdge).length >= cells.length * minAligned;
    })
  );
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

/** Lines right above the body whose words stand over its columns, some over several of them. */
/** @param free the first line that is in no other table */
function headLines(lines: TextLine[], start: number, columns: Column[], free: number): TextLine[] {
  const heads: TextLine[] = [];
  for (let at = start - 1; at >= Math.max(free, start - maxHeadLines); at -= 1) {
    const [line, below] = [lines[at], lines[at + 1]];
    if (!line || !below || below.top - line.bottom > line.height * 1.2) break;
    if (Math.abs(line.height - below.height) > below.height * 0.2) break;
    const [left, right] = [columns[0]?.left ?? 0, columns.at(-1)?.right ?? 0];
    const isWithin = line.segments.every((segment) => segment.left > left - 4 && segment.right < right + 12);
    const first = line.segments[0];
    // One segment at the left is a title or a paragraph.
    const isTitle =
      line.segments.length === 1 && first !== undefined && first.left < (columns[1]?.left ?? 0) - 8;
    if (!isWithin || isTitle || caption.test(line.words.map(({ text }) => text).join(' '))) break;
    heads.unshift(line);
  }
  return heads;
}
