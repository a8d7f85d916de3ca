import { markdownTable } from '../../shared/markdown-table.js';
import { findPieces, type PagePiece } from '../../shared/placed-text.js';
import { splitBeside } from './beside-tables.js';
import { type Edit, withEdits } from '../markdown/mends.js';
import type { PageTable } from './page-table.js';
import { splitStacked } from './stacked-tables.js';

/**
 * Puts tables into the Markdown of the rest of their page:
 * below the text above them, else above the text below them.
 */
export function insertTables(markdown: string, rest: PagePiece[], tables: PageTable[]): string {
  const places = findPieces(markdown, rest);
  const edits = tables
    .toSorted((a, b) => a.top - b.top)
    .map((table): Edit => {
      const above = neighbour(rest, table, (piece) => table.top - piece.y - piece.height / 2);
      const below = neighbour(rest, table, (piece) => piece.y + piece.height / 2 - table.bottom);
      // a table may stand beside all other text, as the data of an invoice do beside an address
      const anywhere = { ...table, left: -Infinity, right: Infinity };
      const lonely = above < 0 && below < 0;
      const over = lonely
        ? neighbour(rest, anywhere, (piece) => table.top - piece.y - piece.height / 2)
        : above;
      const [before, after] = [places[over], places[below]];
      const at = before
        ? blockEnd(markdown, before.end)
        : after
          ? lineStart(markdown, after.start)
          : markdown.length;
      return { start: at, end: at, text: `\n\n${render(table)}\n\n` };
    });
  return withEdits(markdown, edits)
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

const listMarker = /^(?:\d{1,3}[.)]|\[\d{1,3}\]|[•▪●◦–-])$/;

/** Numbers or bullets beside texts are a list, such as one of references. */
const isList = (rows: readonly string[][]): boolean =>
  rows.every(([marker = '', , ...others]) => listMarker.test(marker) && others.length === 0);

function render({ rows, lines }: PageTable): string {
  if (lines) return lines.join('\n');
  if (isList(rows)) return rows.map((row) => row.join(' ').trim()).join('\n');
  return splitBeside(rows.map(withoutBullets))
    .flatMap(splitStacked)
    .map(({ title, rows: own }) => (title === null ? '' : `${title}\n\n`) + markdownTable(own))
    .join('\n\n');
}

/** Slides draw a bullet before the text of a cell; several of them are a list. */
function withoutBullets(row: string[]): string[] {
  return row.map((text) => text.replace(/^[●•▪‣◦]\s+(?=[^●•▪‣◦]*$)/u, ''));
}

/** The nearest piece in the column of a table. */
function neighbour(pieces: PagePiece[], table: PageTable, distance: (piece: PagePiece) => number): number {
  let [best, least] = [-1, Infinity];
  for (const [index, piece] of pieces.entries()) {
    const gap = distance(piece);
    if (gap < 0 || gap >= least || piece.x > table.right || piece.x + piece.width < table.left) continue;
    [best, least] = [index, gap];
  }
  return best;
}

function lineStart(markdown: string, at: number): number {
  return markdown.lastIndexOf('\n', at - 1) + 1;
}

/** The end of the paragraph, list or table that holds a character. */
function blockEnd(markdown: string, at: number): number {
  const end = markdown.indexOf('\n\n', at);
  return end < 0 ? markdown.length : end;
}
