import type { ParsedPage } from '@llamaindex/liteparse';
import type { PagePiece } from '../../shared/placed-text.js';
import { linesAbove, readColumnHead } from './column-heads.js';
import { joinWords, median, textLines } from '../text/lines.js';
import { findStrips, withNumbersApart } from './number-columns.js';
import type { PageTable } from './page-table.js';
import { groupRules, horizontalRules, type Rule, type RuleGroup, verticalRules } from './rules.js';

interface Line {
  words: PagePiece[];
  top: number;
  bottom: number;
}
interface Column {
  left: number;
  right: number;
}

/**
 * Finds tables whose rows or head are ruled horizontally only, as
 * reports and papers set them. No table where the columns are not sure.
 */
export function ruledTables(page: ParsedPage): PageTable[] {
  if (!page.vectorGraphics) return [];
  const horizontals = horizontalRules(page.vectorGraphics);
  const groups = groupRules(horizontals);
  if (groups.length === 0) return [];
  const verticals = verticalRules(page.vectorGraphics);
  const words = page.textItems.flatMap((item): PagePiece[] => item.words ?? [item]);
  const parts = groups.flatMap((group) => splitAtText(group, words));
  return parts.flatMap((group) => {
    const [top = 0, bottom = 0] = [group.ys[0], group.ys.at(-1)];
    const crossed = verticals.some(
      ({ at, from, to }) => at > group.left - 2 && at < group.right + 2 && from < bottom - 2 && to > top + 2,
    );
    if (crossed) return [];
    const inside = words.filter((word) => isInside(word, { ...group, top, bottom }));
    const table = findRows(group, inside);
    if (!table) return [];
    const beside = words.filter((word) => isInside(word, { ...group, top: 0, bottom: page.height }));
    const [above, below] = [
      unruledLines(
        beside.filter((word) => middleOf(word) < top),
        table,
        -1,
      ),
      unruledLines(
        beside.filter((word) => middleOf(word) > bottom),
        table,
        1,
      ),
    ];
    const lines = [...above, ...table.lines, ...below];
    const head = headOf(lines, table.columns, beside, horizontals);
    const rows = (head?.rest ?? lines).map((row) => splitCells(row, table.columns));
    const area = {
      left: group.left,
      right: group.right,
      top: Math.min(top, head?.top ?? top, ...above.flat().map((line) => line.top)),
      bottom: Math.max(bottom, ...below.flat().map((line) => line.bottom)),
    };
    if (head) rows.unshift(...head.rows);
    return [{ rows, ...area, items: new Set(page.textItems.filter((item) => isInside(item, area))) }];
  });
}

interface Head {
  rows: string[][];
  top: number;
  /** The rows below it. */
  rest: Line[][];
}

/** The titles of the columns, which may begin above the first rule; null where the lines do not tell them. */
function headOf(
  rows: readonly Line[][],
  columns: readonly Column[],
  words: readonly PagePiece[],
  rules: readonly Rule[],
): Head | null {
  const [top, bottom] = [rows[0]?.[0]?.top ?? 0, rows.at(-1)?.at(-1)?.bottom ?? 0];
  const near = words.filter(({ y, height }) => y > top - height * maxHeadLines * 2 && y < bottom);
  const lines = withNumbersApart(textLines(near));
  const start = lines.findIndex((line) => line.bottom > top + 1);
  const wide = columns.map((column, at) => ({
    ...column,
    from: (column.left + (columns[at - 1]?.right ?? -Infinity)) / 2,
    to: (column.right + (columns[at + 1]?.left ?? Infinity)) / 2,
  }));
  const own = [...linesAbove(lines, start, wide), ...lines.slice(start)];
  const head = readColumnHead(own, wide, rules);
  if (!head) return null;
  const end = own[head.end]?.top ?? 0;
  return {
    rows: head.rows,
    top: own[head.start]?.top ?? top,
    rest: rows.map((row) => row.filter((line) => line.bottom > end + 1)).filter((row) => row.length > 0),
  };
}

function isInside(
  { x, y, width, height }: PagePiece,
  area: { left: number; right: number; top: number; bottom: number },
): boolean {
  const [middle, centre] = [y + height / 2, x + width / 2];
  return middle > area.top && middle < area.bottom && centre > area.left - 3 && centre < area.right + 3;
}

const middleOf = ({ y, height }: PagePiece): number => y + height / 2;

/** Lines with so many cells that are numbers are rows, if there are several. */
const minNumbers = 2;
const minNumberRows = 3;
/** So many lines with so many numbers tell the columns: titles may run over several of them. */
const minFigures = 2;
const minFigureLines = 3;
/** Lines of running text, the share of a table's width that they fill, and gaps of a line that is a row. */
const minTextLines = 2;
const minTextWidth = 0.5;
const minRowGaps = 2;
/** Lines above the first rule that may be titles of columns. */
const maxHeadLines = 6;
/** A row of so many lines that holds most of a table is not one row. */
const maxRowLines = 10;
const isNumber = /^[^\p{L}\d]{0,3}\d[\d\s.,'’%()-]*[^\p{L}\d]{0,3}$/u;

interface RuledRows {
  columns: Column[];
  /** The lines of each row. */
  lines: Line[][];
}

/** Lines beyond the first and the last rule of a table: each is looked at. */
const maxUnruled = 40;
/** Heights of a line between two rows, and by how much rows beyond the rules may stand further apart. */
const maxPitch = 3.2;
const maxLoose = 1.35;
/** Words of a cell beyond the rules, where running text may begin. */
const maxCellWords = 8;
/** Heights of a line: a narrower gap is a blank between words. */
const blank = 0.62;

/**
 * Rows above the first rule or below the last one, as tables have them that are ruled below their head or around
 * their sums: lines as near as the rows between the rules whose words stand in several of the columns.
 * @param step -1 goes up from the table, 1 down
 */
function unruledLines(words: PagePiece[], { columns, lines }: RuledRows, step: -1 | 1): Line[][] {
  const inside = lines.flat();
  const pitches = inside.slice(1).map((line, index) => line.top - (inside[index]?.top ?? 0));
  const height = median(inside.map(({ top, bottom }) => bottom - top));
  const most = Math.min(Math.max(...pitches) * maxLoose, height * maxPitch);
  const outside = groupLines(words);
  const rows: Line[][] = [];
  let before = step < 0 ? inside[0] : inside.at(-1);
  for (const line of (step < 0 ? outside.toReversed() : outside).slice(0, maxUnruled)) {
    if (!before || Math.abs(line.top - before.top) > most || !standsIn(line, columns)) break;
    if (Math.abs(line.bottom - line.top - height) > height * 0.35) break;
    rows.push([line]);
    before = line;
  }
  return step < 0 ? rows.toReversed() : rows;
}

/** True for a line with words in several columns, and with none that run from one column to the next. */
function standsIn({ words, top, bottom }: Line, columns: Column[]): boolean {
  const places = words.map((word) => columnAt(word, columns));
  const runsOn = words.some((word, index) => {
    const before = words[index - 1];
    const gap = before ? word.x - before.x - before.width : Infinity;
    return gap < (bottom - top) * blank && places[index] !== places[index - 1];
  });
  const counts = columns.map((_column, at) => places.filter((place) => place === at).length);
  return !runsOn && counts.filter((count) => count > 0).length > 1 && Math.max(...counts) <= maxCellWords;
}

/** Parts rules where running text stands between two of them: below the head of a page, between two tables. */
function splitAtText(group: RuleGroup, words: readonly PagePiece[]): RuleGroup[] {
  const [top = 0, bottom = 0] = [group.ys[0], group.ys.at(-1)];
  const lines = groupLines(words.filter((word) => isInside(word, { ...group, top, bottom })));
  const wide = lines.filter((line) => fillsLine(line, group));
  if (wide.length < minTextLines) return [group];
  const parts: RuleGroup[] = [{ ...group, ys: [top] }];
  for (const [index, below] of group.ys.slice(1).entries()) {
    const above = group.ys[index] ?? 0;
    const isBetween = (line: Line): boolean =>
      line.top + line.bottom > above * 2 && line.top + line.bottom < below * 2;
    const isText =
      wide.filter(isBetween).length >= minTextLines &&
      !lines.some((line) => isBetween(line) && countGaps(line) >= minRowGaps);
    if (isText) parts.push({ ...group, ys: [below] });
    else parts.at(-1)?.ys.push(below);
  }
  return parts.filter(({ ys }) => ys.length >= 2);
}

/** Gaps between words that are wider than a blank. */
const countGaps = ({ words, top, bottom }: Line): number =>
  words.filter((word, index) => {
    const before = words[index - 1];
    return before !== undefined && word.x - before.x - before.width > (bottom - top) * blank;
  }).length;

/** True for a line of words without a gap that goes over half of the table. */
function fillsLine(line: Line, { left, right }: RuleGroup): boolean {
  const [first, last] = [line.words[0], line.words.at(-1)];
  const width = first && last ? last.x + last.width - first.x : 0;
  return countGaps(line) === 0 && width > (right - left) * minTextWidth;
}

/** The cells of a table; null when the text has no columns. */
function findRows(group: RuleGroup, words: PagePiece[]): RuledRows | null {
  const lines = groupLines(words);
  const sections = splitSections(lines, group.ys);
  if (lines.length < 2 || sections.length === 0) return null;
  // A head may span columns: the rows below it tell them.
  const body = sections.length > 1 ? sections.slice(1).flat() : lines;
  const figures = body.filter(
    ({ words: own }) => own.filter(({ text }) => isNumber.test(text)).length >= minFigures,
  );
  const all = findColumns(body.length > 0 ? body : lines, group);
  const numbered = figures.length >= minFigureLines ? findColumns(figures, group) : [];
  const columns = numbered.length > all.length ? numbered : all;
  if (columns.length < 2 || isProse(body, columns)) return null;
  const grouped = groupedRows(sections, columns);
  if (grouped.some((row) => row.length >= maxRowLines && row.length * 2 > lines.length)) return null;
  const rows = grouped.map((row) => splitCells(row, columns));
  const filled = rows.filter((row) => row.filter((cell) => cell !== '').length > 1);
  return rows.length >= 2 && filled.length >= rows.length * 0.6 ? { columns, lines: grouped } : null;
}

function groupLines(words: PagePiece[]): Line[] {
  const lines: Line[] = [];
  for (const word of words.toSorted((a, b) => a.y + a.height / 2 - b.y - b.height / 2)) {
    const line = lines.at(-1);
    const middle = word.y + word.height / 2;
    if (line && middle < line.bottom && middle - (line.top + line.bottom) / 2 < word.height * 0.45)
      line.words.push(word);
    else lines.push({ words: [word], top: word.y, bottom: word.y + word.height });
  }
  for (const line of lines) line.words.sort((a, b) => a.x - b.x);
  return lines;
}

/** The lines between each two rules; empty ones are left out. */
function splitSections(lines: Line[], ys: number[]): Line[][] {
  const sections = ys.slice(1).map((bottom, index) =>
    lines.filter(({ top, bottom: end }) => {
      const middle = (top + end) / 2;
      return middle > (ys[index] ?? 0) && middle < bottom;
    }),
  );
  return sections.filter((section) => section.length > 0);
}

/** Columns are separated by strips in which (almost) no line has text. */
function findColumns(lines: Line[], { left, right }: RuleGroup): Column[] {
  const height = median(lines.map(({ top, bottom }) => bottom - top));
  const usual = Math.max(3, height * (lines.length < 4 ? 1 : 0.6));
  const allowed = lines.length >= 12 ? Math.floor(lines.length * 0.05) : 0;
  const strips = findStrips(lines, allowed, height, usual);
  const words = lines.flatMap((line) => line.words);
  const edges = [left, ...strips.map(({ from, to }) => (from + to) / 2), right];
  return edges.slice(1).flatMap((to, at) => {
    const from = edges[at] ?? left;
    const own = words.filter(({ x, width }) => x + width / 2 >= from && x + width / 2 <= to);
    const [start, end] = [
      Math.min(...own.map(({ x }) => x)),
      Math.max(...own.map(({ x, width }) => x + width)),
    ];
    return own.length > 0 ? [{ left: start, right: end + 1 }] : [];
  });
}

/** Columns of running text fill their width line by line. */
function isProse(lines: Line[], columns: Column[]): boolean {
  let [full, all] = [0, 0];
  for (const { words } of lines) {
    for (const { left, right } of columns) {
      const own = words.filter((word) => word.x < right && word.x + word.width > left);
      const last = own.at(-1);
      if (!last) continue;
      all += 1;
      if (own.length > 3 && last.x + last.width > right - (right - left) * 0.1) full += 1;
    }
  }
  return lines.length > 8 && full > all * 0.6;
}

/**
 * The lines of each row: those between two rules where each row
 * is ruled, else by the distance of lines or by the first column.
 */
function groupedRows(sections: Line[][], columns: Column[]): Line[][] {
  const lines = sections.reduce((sum, section) => sum + section.length, 0);
  if (sections.length >= 3 && (sections.length >= lines * 0.34 || areRows(sections, columns)))
    return sections.flatMap((section) =>
      holdsRows(section, columns) ? splitRows(section, columns) : [section],
    );
  const [head = [], ...body] = sections;
  return sections.length === 1
    ? splitRows(head, columns)
    : [head, ...body.flatMap((part) => splitRows(part, columns))];
}

/** Tells if several lines between two rules have numbers in several columns: they are rows of their own. */
function holdsRows(section: Line[], columns: Column[]): boolean {
  const rows = section.filter((line) => {
    const cells = splitCells([line], columns);
    return cells.filter((cell) => isNumber.test(cell)).length >= minNumbers;
  });
  return rows.length >= minNumberRows;
}

/** Tells if hardly any part between two rules has two lines that fill most of the columns. */
function areRows(sections: Line[][], columns: Column[]): boolean {
  const several = sections.filter((section) => {
    const full = section.filter(({ words }) => {
      const filled = columns.filter(({ left, right }) =>
        words.some((word) => word.x < right && word.x + word.width > left),
      );
      return filled.length >= Math.max(2, columns.length * 0.6);
    });
    return full.length > 1;
  });
  return several.length <= sections.length * 0.2;
}

function splitRows(lines: Line[], columns: Column[]): Line[][] {
  const pitches = lines.slice(1).map((line, index) => line.top - (lines[index]?.top ?? 0));
  const threshold = jumpIn(pitches);
  if (threshold === null) return splitAtFirstColumn(lines, columns);
  const rows: Line[][] = [];
  for (const [index, line] of lines.entries()) {
    if (rows.length === 0 || (pitches[index - 1] ?? 0) > threshold) rows.push([line]);
    else rows.at(-1)?.push(line);
  }
  return rows.flatMap((row) => (holdsRows(row, columns) ? splitAtFirstColumn(row, columns) : [row]));
}

function splitAtFirstColumn(lines: Line[], [first]: Column[]): Line[][] {
  const rows: Line[][] = [];
  for (const line of lines) {
    if (rows.length === 0 || line.words.some((word) => first && word.x < first.right)) rows.push([line]);
    else rows.at(-1)?.push(line);
  }
  return rows;
}

/** The distance that parts rows from lines of one row; null where all distances are alike. */
function jumpIn(pitches: number[]): number | null {
  const sorted = pitches.toSorted((a, b) => a - b);
  let [best, threshold]: [number, number | null] = [1.12, null];
  for (const [index, pitch] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next !== undefined && pitch > 0 && next / pitch > best)
      [best, threshold] = [next / pitch, (pitch + next) / 2];
  }
  return threshold;
}

function splitCells(lines: Line[], columns: Column[]): string[] {
  const cells = columns.map((): PagePiece[] => []);
  for (const { words } of lines) for (const word of words) cells[columnAt(word, columns)]?.push(word);
  return cells.map(joinWords);
}

/** Between two columns the nearer one counts. */
function columnAt({ x, width }: PagePiece, columns: Column[]): number {
  const centre = x + width / 2;
  let place = columns.findIndex(({ right }) => centre < right + 1);
  if (place < 0) place = columns.length - 1;
  const column = columns[place];
  const isNearer = column && centre < (column.left + (columns[place - 1]?.right ?? 0)) / 2;
  return place > 0 && isNearer ? place - 1 : place;
}
