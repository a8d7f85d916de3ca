import { maxColumns, maxRepeat, maxRepeated } from '../shared/table-limits.js';

type Merge = 'across' | 'down' | null;

interface CellPlace {
  merge: Merge;
  /** The right edge in twips, from the left edge of the page's text. */
  right: number;
}

interface TableRow {
  cells: string[];
  places: CellPlace[];
}

/** Edges of cells that are closer than this, in twips, are one column's. */
const sameEdge = 60;

/** Collects the cells and rows of one table; merged cells repeat their text. */
export class RtfTable {
  private rows: TableRow[] = [];
  private cells: string[] = [];
  private places: CellPlace[] = [];
  private merge: Merge = null;
  private cell = '';
  private repeated = 0;

  /** Control words that define the cells of a row, which precede or follow its text. */
  define(word: string, value: number | null): void {
    if (word === 'trowd') this.places = [];
    else if (word === 'clmrg') this.merge = 'across';
    else if (word === 'clvmrg') this.merge = 'down';
    else if (word === 'cellx' && this.places.length < maxColumns) {
      this.places.push({ merge: this.merge, right: value ?? 0 });
      this.merge = null;
    }
  }

  add(text: string): void {
    this.cell += text;
  }

  endCell(): void {
    this.cells.push(this.cell.replace(/[,;\s]+$/, ''));
    this.cell = '';
  }

  endRow(): void {
    if (this.cells.length > 0) this.rows.push({ cells: this.cells, places: this.places });
    this.cells = [];
  }

  /** The rows so far, which are then forgotten; empty where all cells are blank. */
  take(): string[][] {
    if (this.cell !== '') this.endCell();
    this.endRow();
    const rows = this.spread().filter((row) => row.some((text) => text !== ''));
    this.rows = [];
    return rows;
  }

  private spread(): string[][] {
    const widest = this.rows.reduce<TableRow | undefined>(
      (most, row) => (row.cells.length > (most?.cells.length ?? 0) ? row : most),
      undefined,
    );
    const edges = widest?.places.map(({ right }) => right) ?? [];
    const spread: string[][] = [];
    for (const row of this.rows) spread.push(this.row(row, edges, spread.at(-1) ?? []));
    return spread;
  }

  private row({ cells, places }: TableRow, edges: number[], above: string[]): string[] {
    const spans = findSpans(places.slice(0, cells.length), edges);
    const row: string[] = [];
    cells.forEach((text, index) => {
      const merge = text === '' ? places[index]?.merge : null;
      const shown =
        merge === 'across'
          ? this.repeat(row.at(-1))
          : merge === 'down'
            ? this.repeat(above[row.length])
            : text;
      row.push(shown);
      for (let more = (spans[index] ?? 1) - 1; more > 0 && row.length < maxColumns; more--)
        row.push(this.repeat(shown));
    });
    return row;
  }

  private repeat(text = ''): string {
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
