import { spreadRows, type CellPlace, type PlacedRow } from '../shared/spread-rows.js';
import { maxColumns } from '../shared/table-limits.js';

/** Collects the cells and rows of one table. */
export class RtfTable {
  private rows: PlacedRow[] = [];
  private cells: string[] = [];
  private places: CellPlace[] = [];
  private merge: CellPlace['merge'] = null;
  private cell = '';

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

  /** The end of a row of a table within the cell. */
  endInnerRow(): void {
    this.cell = this.cell.replace(/, $/, '; ');
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
    const rows = spreadRows(this.rows);
    this.rows = [];
    return rows;
  }
}
