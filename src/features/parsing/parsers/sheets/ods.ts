import { readFile } from 'node:fs/promises';
import { Problem } from '../../../../common/errors.js';
import type { ParsedDocument, ParsedPart } from '../../parsed-document.js';
import type { ParserSource } from '../../parser.js';
import { OdtStory, findRows } from '../odt/odt-body.js';
import { OdtObjects } from '../odt/odt-objects.js';
import { metaTitle, openDocument, openStyles } from '../odt/odt-package.js';
import { repeated, type OdtStyles } from '../odt/odt-styles.js';
import type { Block } from '../shared/blocks.js';
import { Omissions } from '../shared/omissions.js';
import { marked, withEffects } from '../shared/text-marks.js';
import { descend, elements, parseXml, type XmlElement } from '../shared/xml-tree.js';
import { cellName } from './cell-name.js';
import { renderSheet } from './sheet-markdown.js';
import { uncomputedFormulas } from './sheet-warnings.js';
import { sheetLimits, type Sheet, type SheetCell } from './sheet.js';

const lastRow = 1_048_576;
const lastColumn = 16_384;
/** Filled rows and cells that one element represents are written out at most this many times. */
const maxCopies = 1_000;

/** OpenDocument spreadsheets: a part for each sheet that holds something, cells as their reader sees them. */
export async function parse(source: ParserSource): Promise<ParsedDocument> {
  const { zip, content } = openDocument(await readFile(source.path));
  const hidden = new Omissions(source.includeHidden ?? false);
  const styles = openStyles(zip, content);
  const reader = new SheetReader(styles, new OdtStory(styles, new OdtObjects(zip), hidden), hidden);
  const parts: ParsedPart[] = [];
  const take = (table: XmlElement): void => {
    const sheet = table.name === 'table:table' ? reader.read(table) : null;
    const { markdown, tables } = sheet ? renderSheet(sheet) : { markdown: '', tables: [] };
    if (sheet && markdown !== '')
      parts.push({ kind: 'sheet', page: null, label: sheet.name, markdown, tables });
  };
  parseXml(content, { doctype: true, stream: { parent: 'office:spreadsheet', take } });
  if (parts.length === 0) throw new Problem('no_text_content');
  source.progress(source.bytes, source.bytes);
  const warnings = [...uncomputedFormulas(reader.uncomputed), ...hidden.warnings()];
  return { title: metaTitle(zip), language: null, pages: null, parts, warnings };
}

class SheetReader {
  /** Formulas that no application has computed yet. */
  uncomputed = 0;
  private cells = 0;
  private white = false;
  private characters = 0;

  constructor(
    private readonly styles: OdtStyles,
    private readonly story: OdtStory,
    private readonly hidden: Omissions,
  ) {}

  /** Null for a hidden sheet that is left out. */
  read(table: XmlElement): Sheet | null {
    const name = table.attributes['table:name'] ?? '';
    const isHidden = this.styles.isHidden(table.attributes['table:style-name']);
    if (isHidden) this.hidden.add('sheet', { name });
    if (isHidden && !this.hidden.keep) return null;
    const sheet: Sheet = { name, rows: [], merges: [], extras: [], hidden: isHidden, skipped: new Set() };
    const columns = readColumns(table);
    const met = new Set<number>();
    this.white = false;
    let index = 0;
    for (const row of findRows(table)) {
      const times = repeated(row, 'table:number-rows-repeated', lastRow);
      const cells = this.row(row, index, sheet, columns, met);
      if (cells.length > 0) this.add(sheet, cells, index, times, isCollapsed(row));
      index += times;
    }
    if (this.white) this.hidden.addWhite();
    if (met.size > 0) this.hidden.add('column', { times: met.size });
    if (!this.hidden.keep) sheet.skippedColumns = met;
    return sheet;
  }

  private add(sheet: Sheet, cells: SheetCell[], index: number, times: number, collapsed: boolean): void {
    const copies = Math.min(times, maxCopies);
    if (collapsed) this.hidden.add('row', { times: copies });
    for (let copy = 0; copy < copies; copy++) {
      if (collapsed && !this.hidden.keep) {
        sheet.skipped?.add(index + copy);
        continue;
      }
      this.count(cells);
      const shown = collapsed ? cells.map((cell) => ({ ...cell, text: marked('hidden', cell.text) })) : cells;
      sheet.rows.push({ index: index + copy, cells: shown.map((cell) => ({ ...cell })) });
    }
  }

  private row(row: XmlElement, index: number, sheet: Sheet, columns: Columns, met: Set<number>): SheetCell[] {
    const cells: SheetCell[] = [];
    const rowStyle = row.attributes['table:default-cell-style-name'];
    let column = 0;
    for (const cell of elements(row)) {
      const times = repeated(cell, 'table:number-columns-repeated', lastColumn);
      if (cell.name === 'table:table-cell') {
        const style = cell.attributes['table:style-name'] ?? rowStyle ?? columns.styles.get(column);
        const text = this.text(cell, style, sheet, cellName(index, column));
        if (text.trim() !== '') this.place(cells, cell, text, column, times, columns.hidden, met);
        span(cell, index, column, sheet);
      }
      column += times;
    }
    return cells;
  }

  private place(
    cells: SheetCell[],
    cell: XmlElement,
    text: string,
    from: number,
    times: number,
    columns: ReadonlySet<number>,
    met: Set<number>,
  ): void {
    const numeric = /^(?:float|currency|percentage|date|time)$/.test(
      cell.attributes['office:value-type'] ?? '',
    );
    for (let column = from; column < from + Math.min(times, maxCopies); column++) {
      const isHidden = columns.has(column);
      if (isHidden) met.add(column);
      if (isHidden && !this.hidden.keep) continue;
      cells.push({ column, text: isHidden ? marked('hidden', text) : text, numeric });
    }
  }

  /** @param style of the cell itself, or what its row or column has for cells without one */
  private text(cell: XmlElement, style: string | undefined, sheet: Sheet, name: string): string {
    const apart: Block[] = [];
    const effects = this.styles.effects('table-cell', style);
    const text = this.story.cell(cell, apart);
    for (const block of apart)
      if (block.kind === 'markdown') sheet.extras.push(withCellName(block.text, name));
    const { 'office:value': value, 'office:date-value': date, 'table:formula': formula } = cell.attributes;
    // a format that shows nothing leaves the paragraph empty; other programs leave it out
    if (text === '' && value !== undefined && descend(cell, 'text:p')) return this.unseen(value);
    if (text !== '' || value !== undefined || date !== undefined || formula === undefined) {
      const shown = signed(text, value) || (value ?? date ?? '');
      this.white ||= (effects.white ?? false) && shown.trim() !== '';
      return withEffects(shown, effects);
    }
    if (cell.attributes['office:value-type'] === 'string') return '';
    this.uncomputed++;
    return formulaText(formula);
  }

  /** The value of a cell whose format shows nothing. */
  private unseen(value: string): string {
    this.hidden.add('cell');
    return this.hidden.keep ? marked('hidden', value) : '';
  }

  private count(cells: SheetCell[]): void {
    this.cells += cells.length;
    for (const cell of cells) this.characters += cell.text.length;
    if (this.cells > sheetLimits.cells || this.characters > sheetLimits.characters)
      throw new Problem('too_large', 'The workbook has too many cells. Split it.');
  }
}

/** Comments say which cell they belong to. */
function withCellName(markdown: string, name: string): string {
  return markdown.replace(/^> Comment(?: \(([^\n]*?)\))?:/, (_whole, author?: string) =>
    author === undefined ? `> Comment (${name}):` : `> Comment (${author}, ${name}):`,
  );
}

/** Some formats tell a negative number only by its colour, which the text would lose. */
function signed(text: string, value: string | undefined): string {
  const isLost = Number(value) < 0 && /^[\d.,'’\s\p{Sc}%]+$/u.test(text) && /[1-9]/.test(text);
  return isLost ? `-${text}` : text;
}

/** `of:=SUM([.A1:.B2])` as its author typed it: `=SUM(A1:B2)`. */
function formulaText(formula: string): string {
  return formula.replace(/^\w+:(?==)/, '').replace(/\[([^\]]{1,200})\]/g, (_, address: string) =>
    address
      .replace(/^\./, '')
      .replace(/:\./g, ':')
      .replace(/^\$?([^.]+)\./, '$1!'),
  );
}

function isCollapsed(element: XmlElement): boolean {
  return /^(?:collapse|filter)$/.test(element.attributes['table:visibility'] ?? '');
}

interface Columns {
  hidden: ReadonlySet<number>;
  /** The style of cells that name none. */
  styles: ReadonlyMap<number, string>;
}

function readColumns(table: XmlElement): Columns {
  const hidden = new Set<number>();
  const styles = new Map<number, string>();
  let column = 0;
  const walk = (parent: XmlElement): void => {
    for (const child of elements(parent)) {
      if (/^table:table-(?:header-columns|columns|column-group)$/.test(child.name)) walk(child);
      if (child.name !== 'table:table-column' || column >= lastColumn) continue;
      const times = repeated(child, 'table:number-columns-repeated', lastColumn - column);
      const style = child.attributes['table:default-cell-style-name'];
      const isHidden = isCollapsed(child);
      const end = isHidden || style !== undefined ? column + times : column;
      for (let i = column; i < end; i++) {
        if (isHidden) hidden.add(i);
        if (style !== undefined && style !== 'Default') styles.set(i, style);
      }
      column += times;
    }
  };
  walk(table);
  return { hidden, styles };
}

function span(cell: XmlElement, top: number, left: number, sheet: Sheet): void {
  const rows = repeated(cell, 'table:number-rows-spanned', lastRow);
  const columns = repeated(cell, 'table:number-columns-spanned', lastColumn);
  if (rows > 1 || columns > 1)
    sheet.merges.push({ top, left, bottom: top + rows - 1, right: left + columns - 1 });
}
