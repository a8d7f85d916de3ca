import type { PlacedTable } from '../../parsed-document.js';
import { markdownTable } from '../shared/markdown-table.js';
import { heading, markdownLines } from '../shared/markdown-text.js';
import { resolveMarks } from '../shared/text-marks.js';
import { joinHeader } from './sheet-header.js';
import { regionsOf } from './sheet-regions.js';
import { sheetLimits, spreadMerges, tooLarge, type Sheet, type SheetRow } from './sheet.js';

/** A stretch of a sheet's Markdown; with its rows and columns if it stands in cells. */
interface Piece {
  markdown: string;
  /** Rows from 1, columns from 0. */
  place?: { rows: number[]; columns: number[] };
}

/**
 * Renders a sheet as its name, and its tables and texts in order, with the cells that they come from; the
 * Markdown is '' for a sheet with nothing on it.
 * @throws Problem too_large
 */
export function renderSheet(sheet: Sheet): { markdown: string; tables: PlacedTable[] } {
  spreadMerges(sheet);
  const budget = { written: 0 };
  const content = [
    ...regionsOf(sheet).flatMap((rows) => regionPieces(rows, budget)),
    ...sheet.extras.map((markdown): Piece => ({ markdown })),
  ].filter(({ markdown }) => markdown.trim() !== '');
  if (content.length === 0) return { markdown: '', tables: [] };
  return placed([{ markdown: heading(2, sheet.hidden ? `${sheet.name} [hidden]` : sheet.name) }, ...content]);
}

/** Marks are resolved line by line: a piece keeps the number of its first line. */
function placed(pieces: Piece[]): { markdown: string; tables: PlacedTable[] } {
  const shown = pieces.filter(({ markdown }) => markdown !== '');
  const markdown = resolveMarks(shown.map((piece) => piece.markdown).join('\n\n'));
  const starts = lineStarts(markdown);
  const tables: PlacedTable[] = [];
  let line = 0;
  for (const piece of shown) {
    if (piece.place) tables.push({ start: starts[line] ?? 0, ...piece.place });
    line += piece.markdown.split('\n').length + 1;
  }
  return { markdown, tables };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Single cells above the header are titles of the table. */
function regionPieces(rows: SheetRow[], budget: { written: number }): Piece[] {
  const pieces: Piece[] = [];
  let start = 0;
  while (
    rows[start]?.cells.length === 1 &&
    (start + 1 === rows.length ? rows.length === 1 : isTitle(rows, start))
  ) {
    const [cell] = rows[start]?.cells ?? [];
    const place = { rows: [(rows[start]?.index ?? 0) + 1], columns: [cell?.column ?? 0] };
    pieces.push({ markdown: markdownLines(cell?.text ?? ''), place });
    start++;
  }
  return [...pieces, ...tablePiece(joinHeader(rows.slice(start)), budget)];
}

/** True when a row with a single cell is above a row of several, with only such rows between. */
function isTitle(rows: SheetRow[], start: number): boolean {
  for (let i = start; i < rows.length && i < start + 5; i++)
    if ((rows[i]?.cells.length ?? 0) > 1) return true;
  return false;
}

/** Columns that are empty all the way down the region are left out. */
function tablePiece(rows: SheetRow[], budget: { written: number }): Piece[] {
  const used = new Set<number>();
  for (const row of rows) for (const cell of row.cells) used.add(cell.column);
  const columns = [...used].toSorted((a, b) => a - b);
  if (columns.length === 0) return [];
  const places = new Map(columns.map((column, place) => [column, place]));
  const lines = rows.map((row) => {
    const line: string[] = [];
    for (const cell of row.cells) {
      const place = places.get(cell.column) ?? 0;
      while (line.length < place) line.push('');
      line.push(cell.text);
    }
    budget.written += line.length;
    if (budget.written > sheetLimits.written) throw tooLarge();
    return line;
  });
  return [{ markdown: markdownTable(lines), place: { rows: rows.map(({ index }) => index + 1), columns } }];
}
