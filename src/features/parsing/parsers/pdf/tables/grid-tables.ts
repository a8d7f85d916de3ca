import type { ParsedPage, TextItem } from '@llamaindex/liteparse';
import { rowsOfCells, type Column } from './cell-rows.js';
import { type Grid, findGrids, hasRule } from './grids.js';
import { joinWords, type TextLine, textLines } from '../text/lines.js';
import type { PageTable } from './page-table.js';
import { turnOf, turnUp } from '../text/upright.js';

/** A cell with more characters is part of a page that is laid out by lines. */
const maxCellLength = 1_500;
/** A grid of so few rows, one of them with so many lines, has rules between its columns only. */
const maxRuledRows = 3;
const minUnruledLines = 6;
/** Numbers below one another in one cell: its rows are not ruled. */
const minNumbers = 3;
/** Heights of a line: a wider gap within a cell parts columns that are not ruled. */
const minColumnGap = 1.6;
const maxUnruled = 0.15;
/** Points: a narrower column without text is space between cells. */
const minColumn = 14;

/** A cell: the columns and rows of the grid that it covers, ends exclusive, and its lines. */
interface GridCell {
  left: number;
  right: number;
  top: number;
  bottom: number;
  lines: TextLine[];
  text: string;
}

interface Area {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/**
 * Finds tables whose cells are ruled on all sides; merged
 * cells repeat their text in each place that they cover.
 */
export function gridTables(page: ParsedPage): PageTable[] {
  if (!page.vectorGraphics) return [];
  return findGrids(page.vectorGraphics).flatMap((grid) => readGrid(page.textItems, grid) ?? []);
}

function readGrid(items: readonly TextItem[], ruled: Grid): PageTable | null {
  const words = wordsIn(items, wholeArea(ruled));
  const whole = { ...ruled, xs: withoutPadding(ruled.xs, words) };
  const cells = findCells(whole, words);
  if (!cells || areRowsOpen(cells, whole)) return null;
  const [from, to] = withoutTitles(cells, whole);
  // A note below the table may set its date apart; a head above it would be parted by its gaps alone.
  if (cells.some((cell) => cell.right - cell.left > 2 && cell.top < to && hasColumns(cell))) return null;
  const inside = cells.filter(({ top, bottom }) => top >= from && bottom <= to);
  const filled = inside.filter(({ text }) => text !== '');
  if (filled.length < 2 || filled.some(({ text }) => text.length > maxCellLength)) return null;
  if (filled.filter(hasColumns).length > filled.length * maxUnruled) return null;
  const area = { ...wholeArea(whole), top: whole.ys[from] ?? 0, bottom: whole.ys[to] ?? 0 };
  const rows = compact(rowsOf(inside, whole, from, to));
  const width = Math.max(0, ...rows.map((row) => row.length));
  if (rows.length < 2 || width < 2) return null;
  return { rows, ...area, items: new Set(items.filter((item) => isInside(item, area))) };
}

/**
 * Places of columns without narrow ones that hold no text:
 * the space around cells that are boxes of their own.
 */
function withoutPadding(xs: readonly number[], words: readonly Word[]): number[] {
  const kept: number[] = [];
  for (const [index, x] of xs.entries()) {
    const before = kept.at(-1);
    const isPadding =
      before !== undefined &&
      x - before < minColumn &&
      !words.some((word) => word.x + word.width / 2 > before && word.x + word.width / 2 < x);
    if (!isPadding) kept.push(x);
    else if (index === xs.length - 1) kept[kept.length - 1] = x;
  }
  return kept;
}

function wholeArea({ xs, ys }: Grid): Area {
  return { left: xs[0] ?? 0, right: xs.at(-1) ?? 0, top: ys[0] ?? 0, bottom: ys.at(-1) ?? 0 };
}

function isInside(item: { x: number; y: number; width: number; height: number }, area: Area): boolean {
  const [middle, centre] = [item.y + item.height / 2, item.x + item.width / 2];
  return middle > area.top && middle < area.bottom && centre > area.left && centre < area.right;
}

type Word = NonNullable<TextItem['words']>[number] & Pick<TextItem, 'rotation'>;

function wordsIn(items: readonly TextItem[], area: Area): Word[] {
  return items
    .flatMap(({ rotation = 0, ...item }): Word[] =>
      (item.words?.length ? item.words : [item]).map((word) =>
        Math.abs(rotation) > 5 ? { ...word, rotation } : word,
      ),
    )
    .filter((word) => isInside(word, area));
}

/** Cells, merged where no rule parts them; null where an opening makes a shape that is no rectangle. */
function findCells(grid: Grid, words: Word[]): GridCell[] | null {
  const [columns, rows] = [grid.xs.length - 1, grid.ys.length - 1];
  const taken = Array.from({ length: rows }, () => Array.from({ length: columns }, () => false));
  const cells: GridCell[] = [];
  const byRow = wordsByRow(grid, words);
  for (let top = 0; top < rows; top += 1) {
    for (let left = 0; left < columns; left += 1) {
      if (taken[top]?.[left]) continue;
      let [right, bottom] = [left + 1, top + 1];
      while (right < columns && !hasRule(grid, 'vertical', right, top)) right += 1;
      while (bottom < rows && !hasRule(grid, 'horizontal', bottom, left)) bottom += 1;
      for (let row = top; row < bottom; row += 1)
        for (let column = left; column < right; column += 1) {
          const line = taken[row];
          if (!line || line[column]) return null;
          line[column] = true;
        }
      cells.push(makeCell({ left, right, top, bottom }, grid, byRow.slice(top, bottom).flat()));
    }
  }
  return cells;
}

/** The words whose middle stands in each row: a cell looks at those of its rows alone. */
function wordsByRow({ ys }: Grid, words: readonly Word[]): Word[][] {
  const rows = ys.slice(1).map((): Word[] => []);
  const sorted = words.toSorted((a, b) => a.y + a.height / 2 - b.y - b.height / 2);
  let row = 0;
  for (const word of sorted) {
    while (row < rows.length - 1 && word.y + word.height / 2 >= (ys[row + 1] ?? Infinity)) row += 1;
    rows[row]?.push(word);
  }
  return rows;
}

function makeCell(cell: Area, { xs, ys }: Grid, words: Word[]): GridCell {
  const area = {
    left: xs[cell.left] ?? 0,
    right: xs[cell.right] ?? 0,
    top: ys[cell.top] ?? 0,
    bottom: ys[cell.bottom] ?? 0,
  };
  const own = words.filter((word) => isInside(word, area));
  const turn = turnOf(own, 1);
  const lines = textLines(own.map((word) => (turn ? turnUp(word, turn) : { ...word, rotation: 0 })));
  const text = lines.map((line) => joinWords(line.words)).join(' ');
  // the places of lines that are turned are not those of the page
  return { ...cell, lines: turn ? [] : lines, text };
}

/** The rows of the grid without those at its top and bottom that are one cell: titles and notes. */
function withoutTitles(cells: readonly GridCell[], { xs, ys }: Grid): [from: number, to: number] {
  const whole = cells.filter(({ left, right }) => left === 0 && right === xs.length - 1);
  let [from, to] = [0, ys.length - 1];
  for (const { top, bottom } of whole) if (top === from) from = bottom;
  for (const { top, bottom } of whole.toReversed()) if (bottom === to && top >= from) to = top;
  return from < to ? [from, to] : [0, ys.length - 1];
}

/** True for a cell whose lines have wide gaps: the rules of the table part only some of its columns. */
function hasColumns({ lines }: GridCell): boolean {
  return lines.some(({ segments, height }) =>
    segments.some((segment, index) => {
      const before = segments[index - 1];
      return before !== undefined && segment.left - before.right > height * minColumnGap;
    }),
  );
}

/**
 * True if most columns have one cell of several lines beside
 * several rows of the others: their rows are not ruled.
 */
function areRowsOpen(cells: readonly GridCell[], { xs, ys }: Grid): boolean {
  const open = cells.filter(({ top, bottom, lines }) => bottom - top >= 3 && lines.length >= 4);
  return Array.from({ length: ys.length - 1 }, (_unused, row) => row).some((row) => {
    const beside = open.filter(({ top, bottom }) => top <= row && row < bottom);
    return beside.reduce((sum, { left, right }) => sum + right - left, 0) > (xs.length - 1) / 2;
  });
}

function rowsOf(cells: readonly GridCell[], grid: Grid, from: number, to: number): string[][] {
  const [columns, bands] = [distinct(cells, grid, 'x'), distinct(cells, grid, 'y', from, to)];
  return bands.flatMap((band) => {
    const own = columns.map((column) =>
      cells.find(
        ({ left, right, top, bottom }) => left <= column && column < right && top <= band && band < bottom,
      ),
    );
    // a row that is one cell heads the rows below it
    if (own.length > 1 && new Set(own).size === 1) return [[own[0]?.text ?? '']];
    const isOpen = bands.length <= maxRuledRows || own.some(hasNumbers);
    return isOpen ? splitBand(own, grid) : [own.map((cell) => cell?.text ?? '')];
  });
}

/**
 * Columns (or rows) of the grid but those in which the same cells lie as in the one before: doubled rules.
 */
function distinct(
  cells: readonly GridCell[],
  grid: Grid,
  axis: 'x' | 'y',
  from = 0,
  to = grid.xs.length - 1,
): number[] {
  const starts = new Set(cells.map(({ left, top }) => (axis === 'x' ? left : top)));
  return Array.from({ length: to - from }, (_unused, index) => from + index).filter((place) =>
    starts.has(place),
  );
}

/** True for a cell with a number on each of several lines: rows are not ruled there. */
function hasNumbers(cell: GridCell | undefined): boolean {
  const numbers = cell?.lines.filter(
    ({ words }) => words.length <= 2 && /^[-+(]?[\d.,%()]+$/.test(joinWords(words)),
  );
  return (numbers?.length ?? 0) >= minNumbers && numbers?.length === cell?.lines.length;
}

/** Rows that only the distance of their lines parts. */
function splitBand(own: (GridCell | undefined)[], { xs }: Grid): string[][] {
  const row = [own.map((cell) => cell?.text ?? '')];
  const cells = own.filter((cell) => cell !== undefined);
  if (cells.some(({ top, bottom }) => bottom - top > 1) || new Set(cells).size < own.length) return row;
  const lines = textLines(cells.flatMap((cell) => cell.lines.flatMap(({ words }) => words as Word[])));
  const columns = cells.map(({ left, right }): Column => {
    const [start, end] = [xs[left] ?? 0, xs[right] ?? 0];
    return { from: start, to: end, left: start + 1, right: end - 1 };
  });
  if (cells.some(hasNumbers)) return rowsOfCells(lines, columns, 0, []);
  const full = lines.filter((line) => countColumns(line, columns) >= columns.length * 0.6);
  if (lines.length < minUnruledLines || full.length < lines.length * 0.6) return row;
  return rowsOfCells(lines, columns, 0, []);
}

function countColumns({ words }: TextLine, columns: readonly Column[]): number {
  return columns.filter(({ from, to }) =>
    words.some(({ x, width }) => x + width / 2 > from && x + width / 2 < to),
  ).length;
}

/** Without rows and columns that are empty throughout. */
function compact(rows: string[][]): string[][] {
  const used = new Set(rows.flatMap((row) => row.flatMap((text, column) => (text === '' ? [] : [column]))));
  return rows
    .filter((row) => row.some((text) => text !== ''))
    .map((row) => row.filter((_text, column) => used.has(column)));
}
