import { maxColumns, maxRepeat, maxRepeated } from './table-limits.js';

export interface CellPlace {
  /** `across` joins the cell with the one before it, `down` with the one above it. */
  merge: 'across' | 'down' | null;
  /** The right edge in twips, from the left edge of the page's text. */
  right: number;
}

export interface PlacedRow {
  cells: string[];
  /** Empty where the file does not say where the cells stand. */
  places: CellPlace[];
}

/** Edges of cells that are closer than this, in twips, are one column's. */
const sameEdge = 60;

/** The rows of a table as a grid; merged cells repeat their text. Rows without text are left out. */
export function spreadRows(rows: readonly PlacedRow[]): string[][] {
  const widest = rows.reduce<PlacedRow | undefined>(
    (most, row) => (row.cells.length > (most?.cells.length ?? 0) ? row : most),
    undefined,
  );
  const edges = widest?.places.map(({ right }) => right) ?? [];
  const repeats = new Repeats();
  const spread: string[][] = [];
  for (const row of rows) spread.push(spreadRow(row, edges, spread.at(-1) ?? [], repeats));
  return spread.filter((row) => row.some((text) => text !== ''));
}

function spreadRow(
  { cells, places }: PlacedRow,
  edges: number[],
  above: string[],
  repeats: Repeats,
): string[] {
  const spans = findSpans(places.slice(0, cells.length), edges);
  const row: string[] = [];
  cells.forEach((text, index) => {
    const merge = text === '' ? places[index]?.merge : null;
    const shown =
      merge === 'across'
        ? repeats.repeat(row.at(-1))
        : merge === 'down'
          ? repeats.repeat(above[row.length])
          : text;
    row.push(shown);
    for (let more = (spans[index] ?? 1) - 1; more > 0 && row.length < maxColumns; more--)
      row.push(repeats.repeat(shown));
  });
  return row;
}

/** Bounds the text that merged cells add to a table. */
class Repeats {
  private repeated = 0;

  repeat(text = ''): string {
    if (text.length > maxRepeat || this.repeated > maxRepeated) return '';
    this.repeated += text.length;
    return text;
  }
}

/** Columns that each cell covers; one each where the edges of a row are not those of the widest row. */
function findSpans(places: CellPlace[], edges: number[]): number[] {
  const columns = places.map(({ right }) => edges.findIndex((edge) => Math.abs(edge - right) < sameEdge));
  const rises = columns.every((column, index) => column > (columns[index - 1] ?? -1));
  if (places.length >= edges.length || columns.at(-1) !== edges.length - 1 || !rises) return [];
  return columns.map((column, index) => column - (columns[index - 1] ?? -1));
}
