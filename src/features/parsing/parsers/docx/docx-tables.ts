import { descend, elements, type XmlElement } from '../shared/xml-tree.js';
import { cellText, type Block } from '../shared/blocks.js';
import type { Omissions } from '../shared/omissions.js';
import { marked } from '../shared/text-marks.js';
import { isOn } from './docx-run-styles.js';
import { maxColumns, maxRepeat, maxRepeated } from '../shared/table-limits.js';

interface TableCell {
  text: string;
  span: number;
  merge: 'none' | 'start' | 'continue';
}

/**
 * Turns a table into blocks: the table, then content that does not fit into a cell (nested tables, charts,
 * comments).
 * A table of one cell is a frame: only its content is kept.
 */
export function tableBlocks(
  table: XmlElement,
  read: (cell: XmlElement) => Block[],
  hidden: Omissions,
): Block[] {
  const rows = through(table, 'w:tr');
  const single = rows.length === 1 && rows[0] ? through(rows[0], 'w:tc') : [];
  if (single.length === 1 && single[0]) return read(single[0]);
  const grid = new Grid();
  const apart: Block[] = [];
  for (const row of rows) {
    const properties = descend(row, 'w:trPr');
    if (descend(properties, 'w:del')) continue;
    const isHidden = isOnElement(descend(properties, 'w:hidden'));
    if (isHidden) hidden.add('row');
    if (isHidden && !hidden.keep) continue;
    grid.startRow(count(descend(properties, 'w:gridBefore')?.attributes['w:val'], 0));
    for (const cell of through(row, 'w:tc'))
      if (!descend(cell, 'w:tcPr', 'w:cellDel')) grid.add(readCell(cell, read, apart));
    if (isHidden) grid.markRow();
  }
  return [{ kind: 'table', rows: grid.rows.filter((row) => row.some((text) => text !== '')) }, ...apart];
}

function readCell(cell: XmlElement, read: (cell: XmlElement) => Block[], apart: Block[]): TableCell {
  const properties = descend(cell, 'w:tcPr');
  const merge = descend(properties, 'w:vMerge');
  const inside: Block[] = [];
  for (const block of read(cell))
    (block.kind === 'markdown' || isOwnTable(block) ? apart : inside).push(block);
  return {
    text: cellText(inside),
    span: Math.max(1, count(descend(properties, 'w:gridSpan')?.attributes['w:val'], 1)),
    merge: !merge ? 'none' : merge.attributes['w:val'] === 'restart' ? 'start' : 'continue',
  };
}

function isOwnTable(block: Block): boolean {
  return block.kind === 'table' && block.rows.length > 1 && block.rows.some((row) => row.length > 1);
}

function isOnElement(element: XmlElement | undefined): boolean {
  return element !== undefined && isOn(element.attributes['w:val']);
}

function count(value: string | undefined, otherwise: number): number {
  const number = Number(value ?? otherwise);
  return Number.isInteger(number) && number >= 0 ? Math.min(number, maxColumns) : otherwise;
}

/** Rows or cells, also inside of content controls, custom XML or tracked insertions. */
function through(node: XmlElement, name: string): XmlElement[] {
  const found: XmlElement[] = [];
  for (const child of elements(node)) {
    if (child.name === name) found.push(child);
    else if (['w:sdt', 'w:sdtContent', 'w:customXml', 'w:ins', 'w:smartTag'].includes(child.name))
      found.push(...through(child, name));
  }
  return found;
}

class Grid {
  readonly rows: string[][] = [];
  private row: string[] = [];
  /** Text of the vertical merge that is open in a column. */
  private readonly open = new Map<number, string>();
  private repeated = 0;

  startRow(skipped: number): void {
    this.row = Array.from({ length: skipped }, () => '');
    this.rows.push(this.row);
  }

  add(cell: TableCell): void {
    const column = this.row.length;
    const text =
      cell.merge === 'continue' && cell.text === '' ? this.repeat(this.open.get(column) ?? '') : cell.text;
    if (cell.merge === 'start') this.open.set(column, text);
    if (cell.merge === 'none') this.open.delete(column);
    this.row.push(text);
    for (let i = 1; i < cell.span && this.row.length < maxColumns; i++) this.row.push(this.repeat(text));
  }

  markRow(): void {
    this.row.forEach((text, place) => (this.row[place] = marked('hidden', text)));
  }

  private repeat(text: string): string {
    if (text.length > maxRepeat || this.repeated > maxRepeated) return '';
    this.repeated += text.length;
    return text;
  }
}
