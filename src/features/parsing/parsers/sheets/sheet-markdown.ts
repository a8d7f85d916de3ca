import { Problem } from '../../../../common/errors.js';
import { markdownTable } from '../shared/markdown-table.js';
import { resolveMarks } from '../shared/text-marks.js';
import type { SheetTable } from './placed-tables.js';
import { joinBlocks, heading, markdownLines } from '../shared/markdown-text.js';
import { maxRepeat } from '../shared/table-limits.js';

export interface SheetCell {
  /** 0-based. */
  column: number;
  text: string;
  /** True for a number or a date: distinguishes headers from data. */
  numeric: boolean;
}

export interface SheetRow {
  /** 0-based. */
  index: number;
  /** Cells that hold something, from left to right. */
  cells: SheetCell[];
}

/** 0-based, inclusive. */
export interface SheetRange {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

export interface Sheet {
  name: string;
  rows: SheetRow[];
  merges: SheetRange[];
  /** Markdown of what floats over the cells: charts, text boxes, comments. */
  extras: string[];
  hidden?: boolean;
  /** Hidden rows that were left out: the rows around them follow one another. */
  skipped?: Set<number>;
}

export const sheetLimits = {
  /** Filled cells of a workbook. */
  cells: 2_000_000,
  /** Characters of a workbook's cells: a shared string is stored once and may be shown everywhere. */
  characters: 100_000_000,
  /** Cells that a merged range may cover. */
  merged: 2_000_000,
  /** Cells written to tables, empty ones in between included. */
  written: 12_000_000,
};

/** A merged label is repeated over this many cells at most, and only when it is short. */
const widestRepeat = 64;

/**
 * Renders a sheet as its name and one table for each block of rows; '' for a sheet with nothing on it.
 * @param tables takes the places of the tables, in order
 * @throws Problem too_large
 */
export function sheetMarkdown(sheet: Sheet, tables: SheetTable[] = []): string {
  spreadMerges(sheet);
  const blocks = splitBlocks(sheet.rows, sheet.skipped).map((rows) => blockMarkdown(rows, tables));
  const content = joinBlocks([...blocks, ...sheet.extras]);
  return content === ''
    ? ''
    : resolveMarks(joinBlocks([heading(2, sheet.hidden ? `${sheet.name} [hidden]` : sheet.name), content]));
}

/** Repeats merged labels, so that a row can be understood alone. A title across an otherwise empty row stays single. */
function spreadMerges(sheet: Sheet): void {
  if (sheet.merges.length === 0) return;
  const rows = new Map(
    sheet.rows.map((row) => [
      row.index,
      { row, cells: new Map(row.cells.map((cell) => [cell.column, cell])) },
    ]),
  );
  let steps = 0;
  for (const range of sheet.merges) {
    if ((range.bottom - range.top + 1) * (range.right - range.left + 1) > sheetLimits.merged)
      throw tooLarge();
    const first = rows.get(range.top);
    const home = first?.cells.get(range.left);
    if (!home || home.text.length > maxRepeat) continue;
    const alone = first?.row.cells.length === 1;
    const right = alone ? range.left : Math.min(range.right, range.left + widestRepeat - 1);
    for (let index = alone ? range.top + 1 : range.top; index <= range.bottom; index++) {
      // weighted by length, since the output grows with the labels
      steps += (right - range.left + 1) * Math.ceil((home.text.length + 1) / 50);
      if (steps > sheetLimits.merged) throw tooLarge();
      const cells = rows.get(index)?.cells;
      if (!cells) continue;
      for (let column = range.left; column <= right; column++)
        if (!cells.has(column)) cells.set(column, { ...home, column });
    }
  }
  for (const { row, cells } of rows.values()) {
    if (cells.size > row.cells.length) row.cells = [...cells.values()].sort((a, b) => a.column - b.column);
  }
}

/** Empty rows part tables, unless what follows reads like more rows of the table before; so do rows that share no column with those above. */
function splitBlocks(rows: SheetRow[], skipped: ReadonlySet<number> = new Set()): SheetRow[][] {
  const blocks: SheetRow[][] = [];
  let previous = -2;
  let [left, right] = [0, -1];
  for (const row of rows) {
    if (row.cells.length === 0) continue;
    const [first, last] = [row.cells[0]?.column ?? 0, row.cells.at(-1)?.column ?? 0];
    const block = blocks.at(-1);
    while (skipped.has(previous + 1)) previous++;
    const beside = first > right || last < left;
    if (block && !beside && (row.index === previous + 1 || continues(block, row))) {
      block.push(row);
      [left, right] = [Math.min(left, first), Math.max(right, last)];
    } else {
      blocks.push([row]);
      [left, right] = [first, last];
    }
    previous = row.index;
  }
  return blocks;
}

/** Data goes on where a row has numbers in columns that hold numbers, below a header that has none there. */
function continues(block: SheetRow[], row: SheetRow): boolean {
  const header = block.find((one) => one.cells.length > 1);
  const last = block.at(-1);
  if (!header || !last || last === header || row.cells.length < 2) return false;
  const numbers = new Set(last.cells.filter((cell) => cell.numeric).map((cell) => cell.column));
  const inHeader = new Set(header.cells.filter((cell) => cell.numeric).map((cell) => cell.column));
  const shared = row.cells.filter(
    (cell) => cell.numeric && numbers.has(cell.column) && !inHeader.has(cell.column),
  );
  return shared.length > 0 && row.cells[0]?.column === last.cells[0]?.column;
}

function blockMarkdown(rows: SheetRow[], tables: SheetTable[]): string {
  let start = 0;
  const titles: string[] = [];
  // single cells above the header are titles of the table
  while (
    rows[start]?.cells.length === 1 &&
    (start + 1 === rows.length ? rows.length === 1 : titleBefore(rows, start))
  ) {
    titles.push(markdownLines(rows[start]?.cells[0]?.text ?? ''));
    start++;
  }
  return joinBlocks([...titles, table(rows.slice(start), tables)]);
}

/** True when a row with a single cell is above a row of several, with only such rows between. */
function titleBefore(rows: SheetRow[], start: number): boolean {
  for (let i = start; i < rows.length && i < start + 5; i++)
    if ((rows[i]?.cells.length ?? 0) > 1) return true;
  return false;
}

/** Columns that are empty all the way down the block are left out. */
function table(rows: SheetRow[], tables: SheetTable[]): string {
  const used = new Set<number>();
  for (const row of rows) for (const cell of row.cells) used.add(cell.column);
  const columns = [...used].toSorted((a, b) => a - b);
  const places = new Map(columns.map((column, place) => [column, place]));
  if (columns.length > 0) tables.push({ rows: rows.map(({ index }) => index + 1), columns });
  let written = 0;
  const lines = rows.map((row) => {
    const line: string[] = [];
    for (const cell of row.cells) {
      const place = places.get(cell.column) ?? 0;
      while (line.length < place) line.push('');
      line.push(cell.text);
    }
    written += line.length;
    if (written > sheetLimits.written) throw tooLarge();
    return line;
  });
  return markdownTable(lines);
}

function tooLarge(): Problem {
  return new Problem('too_large', 'The workbook has too many cells. Split it.');
}
