import { Problem } from '../../../../common/errors.js';
import { maxRepeat } from '../shared/table-limits.js';

export interface SheetCell {
  /** 0-based. */
  column: number;
  text: string;
  /** True for a number or a date: distinguishes headers from data. */
  numeric: boolean;
  /** True for the copy of a merged cell's text in a cell to its right. */
  spread?: boolean;
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
  /** Hidden rows and columns that were left out: what is around them is neighbouring. */
  skipped?: Set<number>;
  skippedColumns?: ReadonlySet<number>;
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
 * Repeats merged labels, so that a row can be understood
 * alone. A title across an otherwise empty row stays single.
 */
export function spreadMerges(sheet: Sheet): void {
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
        if (!cells.has(column)) cells.set(column, { ...home, column, spread: column > range.left });
    }
  }
  for (const { row, cells } of rows.values()) {
    if (cells.size > row.cells.length) row.cells = [...cells.values()].sort((a, b) => a.column - b.column);
  }
}

export function tooLarge(): Problem {
  return new Problem('too_large', 'The workbook has too many cells. Split it.');
}
