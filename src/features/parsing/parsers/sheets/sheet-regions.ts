import type { Sheet, SheetCell, SheetRow } from './sheet.js';

/** Regions within regions are looked for this deep. */
const maxDepth = 4;
/** A note beside a table has at most this many cells. */
const maxNoteCells = 2;

/**
 * The tables and texts of a sheet: parted by empty rows
 * and columns, from top to bottom and from left to right.
 */
export function regionsOf(sheet: Sheet): SheetRow[][] {
  return split(sheet.rows, sheet.skipped ?? new Set(), sheet.skippedColumns ?? new Set(), 0);
}

function split(
  rows: SheetRow[],
  skipped: ReadonlySet<number>,
  skippedColumns: ReadonlySet<number>,
  depth: number,
): SheetRow[][] {
  const regions: SheetRow[][] = [];
  for (const block of splitRows(rows, skipped)) {
    const parts = depth < maxDepth ? splitColumns(block, skippedColumns) : [block];
    if (parts.length === 1) regions.push(block);
    else for (const part of parts) regions.push(...split(part, skipped, skippedColumns, depth + 1));
  }
  return regions;
}

/**
 * Empty rows part tables, unless what follows reads like more rows of
 * the table before; so do rows that share no column with those above.
 */
function splitRows(rows: SheetRow[], skipped: ReadonlySet<number>): SheetRow[][] {
  const blocks: SheetRow[][] = [];
  let previous = -2;
  let [left, right] = [0, -1];
  /** Columns that held numbers in the block. */
  let numbers = new Set<number>();
  const filled = rows.filter((row) => row.cells.length > 0);
  for (const [place, row] of filled.entries()) {
    const [first, last] = [row.cells[0]?.column ?? 0, row.cells.at(-1)?.column ?? 0];
    const block = blocks.at(-1);
    while (skipped.has(previous + 1)) previous++;
    const beside = first > right || last < left;
    const goesOn = row.index === previous + 1 || (block !== undefined && continues(block, row));
    if (block && !beside && goesOn && !isNextTable(row, filled[place + 1], numbers)) {
      block.push(row);
      [left, right] = [Math.min(left, first), Math.max(right, last)];
    } else {
      blocks.push([row]);
      [left, right] = [first, last];
      numbers = new Set();
    }
    for (const { column, numeric } of row.cells) if (numeric) numbers.add(column);
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

/** A title directly below a table: the row after it is a header, with words where the table has numbers. */
function isNextTable(row: SheetRow, next: SheetRow | undefined, numbers: ReadonlySet<number>): boolean {
  const [title] = row.cells;
  if (row.cells.length !== 1 || !title || title.numeric || next?.index !== row.index + 1) return false;
  if (next.cells.length < 2 || next.cells.some((cell) => cell.numeric)) return false;
  return next.cells.some(({ column }) => numbers.has(column));
}

/** Parts a block at its empty columns where both sides can be read alone. */
function splitColumns(rows: SheetRow[], skippedColumns: ReadonlySet<number>): SheetRow[][] {
  const used = findColumns(rows);
  const columns = [...used].toSorted((a, b) => a - b);
  const parts: number[][] = [];
  for (const column of columns) {
    const part = parts.at(-1);
    const gap = part === undefined ? 0 : gapBetween(part.at(-1) ?? 0, column, skippedColumns);
    if (part && gap === 0) part.push(column);
    else parts.push([column]);
  }
  if (parts.length < 2) return [rows];
  const merged: { rows: SheetRow[]; columns: number[] }[] = [];
  for (const part of parts) {
    const before = merged.at(-1);
    const own = rowsIn(rows, part);
    const gap = before ? gapBetween(before.columns.at(-1) ?? 0, part[0] ?? 0, skippedColumns) : 0;
    if (before && !isApart(before.rows, own, gap)) {
      before.columns.push(...part);
      before.rows = rowsIn(rows, before.columns);
    } else merged.push({ rows: own, columns: part });
  }
  return merged.map((one) => one.rows);
}

/** Columns between two that are empty and not hidden. */
function gapBetween(left: number, right: number, skipped: ReadonlySet<number>): number {
  let gap = right - left - 1;
  if (skipped.size > 0) for (let column = left + 1; column < right; column++) if (skipped.has(column)) gap--;
  return gap;
}

function rowsIn(rows: SheetRow[], columns: readonly number[]): SheetRow[] {
  const [first, last] = [columns[0] ?? 0, columns.at(-1) ?? 0];
  return rows.flatMap(({ index, cells }) => {
    const own = cells.filter(({ column }) => column >= first && column <= last);
    return own.length > 0 ? [{ index, cells: own }] : [];
  });
}

/** True if two parts of a block, one to the right of the other, are tables or notes of their own. */
function isApart(left: SheetRow[], right: SheetRow[], gap: number): boolean {
  if (isNote(left, right) || isNote(right, left)) return true;
  const otherRows = left[0]?.index !== right[0]?.index || left.at(-1)?.index !== right.at(-1)?.index;
  if (measureWidth(left) < 2 || measureWidth(right) < 2) return otherRows && gap > 1;
  return otherRows || (hasHeader(left) && hasHeader(right) && (gap > 1 || hasLabels(right)));
}

function isNote(part: SheetRow[], beside: SheetRow[]): boolean {
  if (part.length > maxNoteCells) return false;
  const cells = part.flatMap((row) => row.cells);
  return (
    beside.length >= 4 && cells.length <= maxNoteCells && measureWidth(part) === 1 && cells.every(isWords)
  );
}

const isWords = (cell: SheetCell): boolean => !cell.numeric;

function findColumns(rows: SheetRow[]): Set<number> {
  const columns = new Set<number>();
  for (const row of rows) for (const { column } of row.cells) columns.add(column);
  return columns;
}

const measureWidth = (rows: SheetRow[]): number => findColumns(rows).size;

function hasHeader([header, ...rows]: SheetRow[]): boolean {
  return rows.length > 0 && header !== undefined && header.cells.length > 1 && header.cells.every(isWords);
}

/** True if the first column names the rows: words, hardly twice the same. */
function hasLabels([header, ...rows]: SheetRow[]): boolean {
  const column = header?.cells[0]?.column;
  const labels = rows.flatMap((row) => row.cells.filter((cell) => cell.column === column && isWords(cell)));
  return (
    labels.length >= rows.length * 0.6 && new Set(labels.map(({ text }) => text)).size >= labels.length * 0.8
  );
}
