import type { PlacedTable } from '../../parsed-document.js';
import { markdownLines } from '../shared/markdown-text.js';
import { tableRow } from '../shared/markdown-table.js';
import { joinHeader } from './sheet-header.js';

export interface CsvRow {
  cells: string[];
  /** From 1, as a spreadsheet counts. */
  number: number;
  /** True if an empty row is above. */
  isAfterBlank: boolean;
}

/** Rows in which the header is looked for, and title lines above it at most. */
const rowsLookedAt = 60;
const maxTitles = 20;
const rowsOfSample = 22;

/**
 * Collects the rows of a file as titles and tables. Rows become lines one by one, so that a large table is
 * never held twice; the first ones wait until the header is known:
 * exports put titles above it, which are narrower than the table.
 */
export class CsvTables {
  private readonly blocks: string[] = [];
  private readonly places: PlacedTable[] = [];
  private length = 0;
  private first: CsvRow[] = [];
  private isSettled = false;
  private open: OpenTable | null = null;
  /** A row of one cell after an empty row: a title where a header follows, else a row of the table. */
  private held: CsvRow | null = null;

  add(row: CsvRow): void {
    if (this.isSettled) this.take(row);
    else if (this.first.push(row) >= rowsLookedAt) this.settle();
  }

  end(): { markdown: string; places: PlacedTable[] } {
    this.settle();
    if (this.held) this.open?.add(this.held);
    this.endTable();
    return { markdown: this.blocks.join('\n\n'), places: this.places };
  }

  private settle(): void {
    this.isSettled = true;
    const found = headerAt(this.first);
    const groups = groupsAt(this.first, found);
    const start = groups ?? found;
    for (const row of this.first.splice(0, start)) this.title(row);
    if (groups !== null) this.first = joined(this.first) ?? this.first;
    for (const row of this.first.splice(0)) this.take(row);
  }

  private take(row: CsvRow): void {
    const { open, held } = this;
    if (!open) this.open = new OpenTable(row);
    else if ((row.isAfterBlank || held) && open.isFollowedBy(row)) {
      this.endTable();
      if (held) this.title(held);
      this.held = null;
      this.open = new OpenTable(row);
    } else {
      if (held) open.add(held);
      this.held = row.isAfterBlank && filledCells(row.cells) === 1 ? row : null;
      if (!this.held) open.add(row);
    }
  }

  /** A title line that holds the delimiter was cut by it. */
  private title({ cells, number }: CsvRow): void {
    const filled = cells.map((cell) => cell.trim()).filter(Boolean);
    const column = cells.findIndex((cell) => cell.trim() !== '');
    this.places.push({ start: this.length, rows: [number], columns: [Math.max(0, column)] });
    this.block(markdownLines(filled.join(', ')));
  }

  private endTable(): void {
    const { open } = this;
    this.open = null;
    if (!open) return;
    this.places.push({ start: this.length, rows: open.rows, columns: open.columns() });
    this.block(open.markdown());
  }

  private block(markdown: string): void {
    this.blocks.push(markdown);
    this.length += markdown.length + 2;
  }
}

/** A table whose rows are still coming. */
class OpenTable {
  readonly rows: number[] = [];
  private readonly lines: string[] = [];
  private readonly header: string[];
  private width: number;
  private last: string[] = [];

  constructor({ cells, number }: CsvRow) {
    this.header = cells;
    this.width = cells.length;
    this.rows.push(number);
  }

  add({ cells, number }: CsvRow): void {
    this.width = Math.max(this.width, cells.length);
    this.rows.push(number);
    this.lines.push(tableRow(cells));
    this.last = cells;
  }

  /** True for a row of words that has another width than this table, or words where it has numbers. */
  isFollowedBy({ cells }: CsvRow): boolean {
    const filled = cells.filter((cell) => cell.trim() !== '');
    if (this.lines.length === 0 || filled.length < 2 || filled.some(isNumber)) return false;
    const hasNumbers = this.last.some(
      (cell, column) => isNumber(cell) && (cells[column] ?? '').trim() !== '',
    );
    return hasNumbers || filled.length !== filledCells(this.header);
  }

  columns(): number[] {
    return Array.from({ length: this.width }, (_unused, column) => column);
  }

  /** The header is as wide as the widest row. */
  markdown(): string {
    const missing = Array.from({ length: this.width - this.header.length }, () => '');
    const header = tableRow([...this.header, ...missing]);
    return [header, `|${' --- |'.repeat(this.width)}`, ...this.lines].join('\n');
  }
}

/** Numbers, sums and dates. */
function isNumber(cell: string): boolean {
  return /^[-+(]?\p{Sc}?\s?\d[\d.,:'’/ -]{0,40}\s?(?:[%\p{Sc}]|[A-Z]{3})?\)?$/u.test(cell.trim());
}

/**
 * The first row that is as wide as most rows are, with only clearly narrower ones, or an empty row, above it.
 */
function headerAt(rows: readonly CsvRow[]): number {
  const widths = rows.map(({ cells }) => filledCells(cells));
  const usual = [...widths].sort((a, b) => a - b)[Math.floor(widths.length / 2)] ?? 0;
  const start = widths.findIndex((width) => width >= Math.max(2, usual));
  const above = widths.slice(0, Math.max(0, start));
  const isBelowBlank = rows[start]?.isAfterBlank === true && !isTable(rows.slice(0, Math.max(0, start)));
  const isApart = isBelowBlank || (above[0] ?? 0) <= Math.max(1, usual / 2);
  const narrow = isApart && above.every((width) => width < usual);
  return usual >= 2 && start > 0 && start <= maxTitles && rows.length > start + 1 && narrow ? start : 0;
}

/** The row of groups above the names of the columns (`2024` over `Q1` and `Q2`): the header, or the row above it. */
function groupsAt(rows: readonly CsvRow[], header: number): number | null {
  for (const place of [header - 1, header])
    if (isGroupRow(rows[place], rows[place + 1]) && joined(rows.slice(place)) !== null) return place;
  return null;
}

/** Groups leave the place of the first column to the row below or to the row above, or are said again and again. */
function isGroupRow(groups: CsvRow | undefined, names: CsvRow | undefined): boolean {
  if (!groups || !names || names.isAfterBlank || groups.cells.length !== names.cells.length) return false;
  const filled = groups.cells.map((cell) => cell.trim()).filter(Boolean);
  const isPart = (groups.cells[0] ?? '').trim() === '' || (names.cells[0] ?? '').trim() === '';
  return filled.length >= 2 && (isPart || new Set(filled).size < filled.length);
}

/** The rows with their first two as one header; null where they are no such header. */
function joined(rows: readonly CsvRow[]): CsvRow[] | null {
  const asSheet = rows.slice(0, rowsOfSample).map(({ cells, number }) => ({
    index: number,
    cells: cells.flatMap((text, column) =>
      text.trim() === ''
        ? []
        : [{ column, text: text.trim(), numeric: isNumber(text), spread: text === cells[column - 1] }],
    ),
  }));
  const after = joinHeader(asSheet);
  const [header] = after;
  const [, names] = rows;
  if (after === asSheet || !header || !names) return null;
  const texts = new Map(header.cells.map(({ column, text }) => [column, text]));
  return [{ ...names, cells: names.cells.map((_, column) => texts.get(column) ?? '') }, ...rows.slice(2)];
}

/** True for rows of one width, with numbers below words; titles have colons. */
function isTable([header, ...rows]: CsvRow[]): boolean {
  if (!header || rows.length === 0) return false;
  const width = filledCells(header.cells);
  const all = [header, ...rows];
  if (width < 2 || all.some(({ cells }) => filledCells(cells) !== width || cells.some(hasLabel)))
    return false;
  return rows.some(({ cells }) =>
    cells.some((cell, column) => isNumber(cell) && !isNumber(header.cells[column] ?? '')),
  );
}

const hasLabel = (cell: string): boolean => /\p{L}:(?:\s|$)/u.test(cell);

function filledCells(row: readonly string[]): number {
  return row.filter((cell) => cell.trim() !== '').length;
}
