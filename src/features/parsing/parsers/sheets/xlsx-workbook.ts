import { Problem } from '../../../../common/errors.js';
import { alternative } from '../docx/docx-inline.js';
import { chartMarkdown } from '../shared/chart.js';
import { joinBlocks, link, markdownLines, oneLine } from '../shared/markdown-text.js';
import type { OfficePackage, Relationship } from '../shared/ooxml.js';
import { descend, elements, findAll, findFirst, readText, type XmlElement } from '../shared/xml-tree.js';
import { commentLine } from '../docx/docx-notes.js';
import { pictureText } from '../shared/pictures.js';
import { sheetLimits, type Sheet, type SheetCell, type SheetRange, type SheetRow } from './sheet.js';
import type { Omissions } from '../shared/omissions.js';
import { marked, withEffects } from '../shared/text-marks.js';
import { CellFormats, richText } from './xlsx-cells.js';

const lastColumn = 16_384;
const lastRow = 1_048_576;

/**
 * Reads the sheets of an Office Open XML workbook one at a time, in order. Only existing cells count,
 * whatever dimension the sheet declares.
 */
export class Workbook {
  readonly sheets: { name: string; part: string; hidden: boolean }[];
  private readonly formats: CellFormats;
  /** Names of those who wrote threaded comments, by id. */
  private readonly persons: ReadonlyMap<string, string>;
  private cells = 0;
  private characters = 0;
  private white = false;
  /** Cells of the sheet at hand whose value is 0. */
  private readonly zeros = new Set<SheetCell>();

  constructor(
    private readonly office: OfficePackage,
    private readonly hidden: Omissions,
  ) {
    const main = office.mainPart();
    const root = office.xml(main);
    if (root?.name !== 'workbook') throw new Problem('corrupt_document', 'The main part is not a workbook.');
    const relationships = office.relationships(main);
    const part = (type: string) =>
      [...relationships.values()].find((one) => one.type === type && !one.external)?.target ?? '';
    const date1904 = ['1', 'true'].includes(descend(root, 'workbookPr')?.attributes.date1904 ?? '');
    this.formats = new CellFormats(
      office.xml(part('styles')),
      sharedStrings(office, part('sharedStrings')),
      date1904,
      isSet(descend(root, 'calcPr')?.attributes.fullCalcOnLoad),
    );
    const people = part('person');
    this.persons = new Map(
      elements((people === '' ? null : office.xml(people)) ?? undefined, 'person').map(({ attributes }) => [
        attributes.id ?? '',
        oneLine(attributes.displayName ?? ''),
      ]),
    );
    // by part: no application lists a sheet twice
    const named = new Map<string, { name: string; hidden: boolean }>();
    for (const { attributes } of elements(descend(root, 'sheets'), 'sheet')) {
      const target = relationships.get(attributes['r:id'] ?? '');
      if (target && !target.external && !named.has(target.target))
        named.set(target.target, {
          name: attributes.name ?? '',
          hidden: /hidden/i.test(attributes.state ?? ''),
        });
    }
    this.sheets = [...named].map(([sheet, about]) => ({ ...about, part: sheet }));
  }

  /** Formulas of the sheets read so far that no application has computed yet. */
  get uncomputed(): number {
    return this.formats.uncomputed;
  }

  read(name: string, part: string, hidden = false): Sheet {
    const sheet: Sheet = { name, rows: [], merges: [], extras: [], hidden };
    this.white = false;
    let next = 0;
    const take = (element: XmlElement) => {
      const row = element.name === 'row' ? this.row(element, next) : null;
      if (!row) return;
      next = row.index + 1;
      if (row.cells.length > 0 && this.keepsRow(element, row, sheet)) sheet.rows.push(row);
    };
    const root = this.office.xml(part, { stream: { parent: 'sheetData', take } });
    if (!root) return sheet;
    if (this.white) this.hidden.addWhite();
    sheet.rows.sort((a, b) => a.index - b.index);
    if (hidesZeros(root)) this.withoutZeros(sheet);
    this.zeros.clear();
    this.withoutHiddenColumns(sheet, root);
    sheet.merges = elements(descend(root, 'mergeCells'), 'mergeCell').flatMap(
      ({ attributes }) => parseRange(attributes.ref ?? '') ?? [],
    );
    const relationships = this.office.relationships(part);
    this.link(sheet, root, relationships);
    sheet.extras = [
      ...drawings(this.office, relationships, this.hidden),
      ...comments(this.office, relationships, this.persons),
    ];
    return sheet;
  }

  private keepsRow(element: XmlElement, row: SheetRow, sheet: Sheet): boolean {
    if (!isSet(element.attributes.hidden) && !isNothing(element.attributes.ht)) return true;
    this.hidden.add('row');
    if (this.hidden.keep) for (const cell of row.cells) cell.text = marked('hidden', cell.text);
    else (sheet.skipped ??= new Set()).add(row.index);
    return this.hidden.keep;
  }

  /** Cells that are left empty because their value is 0. */
  private withoutZeros(sheet: Sheet): void {
    if (this.zeros.size === 0) return;
    this.hidden.add('cell', { times: this.zeros.size });
    if (this.hidden.keep) for (const cell of this.zeros) cell.text = marked('hidden', cell.text);
    else for (const row of sheet.rows) row.cells = row.cells.filter((cell) => !this.zeros.has(cell));
    sheet.rows = sheet.rows.filter((row) => row.cells.length > 0);
  }

  private withoutHiddenColumns(sheet: Sheet, root: XmlElement): void {
    const ranges = elements(descend(root, 'cols'), 'col')
      .filter(({ attributes }) => isSet(attributes.hidden) || isNothing(attributes.width))
      .map(({ attributes }): [number, number] => [Number(attributes.min) - 1, Number(attributes.max) - 1]);
    if (ranges.length === 0) return;
    const hidden = new Set<number>();
    for (const [from, to] of ranges)
      for (let column = Math.max(0, from); column <= Math.min(to, lastColumn); column++) hidden.add(column);
    const met = new Set<number>();
    for (const row of sheet.rows) {
      for (const cell of row.cells) if (hidden.has(cell.column)) met.add(cell.column);
      if (this.hidden.keep) {
        for (const cell of row.cells) if (hidden.has(cell.column)) cell.text = marked('hidden', cell.text);
      } else row.cells = row.cells.filter((cell) => !hidden.has(cell.column));
    }
    if (!this.hidden.keep) sheet.skippedColumns = hidden;
    if (met.size > 0) this.hidden.add('column', { times: met.size });
    sheet.rows = sheet.rows.filter((row) => row.cells.length > 0);
  }

  private row(element: XmlElement, expected: number): SheetRow | null {
    const index = element.attributes.r === undefined ? expected : Number(element.attributes.r) - 1;
    if (!(Number.isInteger(index) && index >= 0 && index < lastRow))
      throw new Problem('corrupt_document', 'A row is outside of the sheet.');
    const cells: SheetCell[] = [];
    let column = -1;
    for (const cell of elements(element, 'c')) {
      column = cell.attributes.r === undefined ? column + 1 : parseColumn(cell.attributes.r);
      if (!(column >= 0 && column < lastColumn))
        throw new Problem('corrupt_document', 'A cell is outside of the sheet.');
      const { text, numeric } = this.cell(cell, index, column);
      if (text.trim() === '') continue;
      this.characters += text.length;
      if (++this.cells > sheetLimits.cells || this.characters > sheetLimits.characters)
        throw new Problem('too_large', 'The workbook has too many cells. Split it.');
      const read: SheetCell = { column, text, numeric };
      cells.push(read);
      if (numeric && this.formats.isZero(cell)) this.zeros.add(read);
    }
    return { index, cells: cells.sort((a, b) => a.column - b.column) };
  }

  private cell(cell: XmlElement, row: number, column: number): { text: string; numeric: boolean } {
    const formula = this.formats.uncached(cell, row, column);
    if (formula !== '') return { text: formula, numeric: false };
    const { text, numeric } = this.formats.read(cell);
    if (text.trim() === '') return { text: '', numeric };
    if (this.formats.showsNothing(cell)) {
      this.hidden.add('cell');
      return { text: this.hidden.keep ? marked('hidden', text) : '', numeric };
    }
    const font = this.formats.font(cell);
    this.white ||= font?.white ?? false;
    return { text: font ? withEffects(text, font.effects) : text, numeric };
  }

  private link(sheet: Sheet, root: XmlElement, relationships: Map<string, Relationship>): void {
    const links = elements(descend(root, 'hyperlinks'), 'hyperlink');
    if (links.length === 0) return;
    const rows = new Map(sheet.rows.map((row) => [row.index, row]));
    const columns = new Map<SheetRow, Map<number, SheetCell>>();
    for (const { attributes } of links) {
      const place = parseRange(attributes.ref ?? '');
      const row = place && rows.get(place.top);
      const target = relationships.get(attributes['r:id'] ?? '');
      if (!row || !target?.external) continue;
      const byColumn = columns.get(row) ?? new Map(row.cells.map((cell) => [cell.column, cell]));
      columns.set(row, byColumn);
      const cell = byColumn.get(place.left);
      // a cell has one link
      byColumn.delete(place.left);
      if (cell) cell.text = link(cell.text, target.target);
    }
  }
}

function hidesZeros(root: XmlElement): boolean {
  const { showZeros } = descend(root, 'sheetViews', 'sheetView')?.attributes ?? {};
  return showZeros === '0' || showZeros === 'false';
}

function isSet(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}

/** True for a height or width of 0. */
function isNothing(size: string | undefined): boolean {
  return size !== undefined && Number(size) === 0;
}

function sharedStrings(office: OfficePackage, part: string): string[] {
  const strings: string[] = [];
  office.xml(part, { stream: { parent: 'sst', take: (item) => strings.push(richText(item)) } });
  return strings;
}

/** 0-based column of an address like `AB12`; -1 for other text. */
function parseColumn(address: string): number {
  const letters = /^\$?([A-Z]{1,3})/i.exec(address)?.[1]?.toUpperCase() ?? '';
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}

/** `B2:D4` or `B2`; null for other text. */
function parseRange(text: string): SheetRange | null {
  const match = /^\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?$/i.exec(text);
  if (!match) return null;
  const [left, top] = [parseColumn(match[1] ?? ''), Number(match[2]) - 1];
  return {
    left,
    top,
    right: match[3] === undefined ? left : parseColumn(match[3]),
    bottom: match[4] === undefined ? top : Number(match[4]) - 1,
  };
}

/** Charts and text boxes that float over a sheet. */
function drawings(
  office: OfficePackage,
  relationships: Map<string, Relationship>,
  hidden: Omissions,
): string[] {
  return [...relationships.values()].flatMap((relationship) => {
    const root =
      relationship.type === 'drawing' && !relationship.external ? office.xml(relationship.target) : null;
    if (!root) return [];
    // what a fallback says is for programs that cannot draw the shape
    for (const node of findAll(root, 'mc:AlternateContent')) node.children = [alternative(node)];
    const charts = [...office.relationships(relationship.target).values()].flatMap((one) => {
      if (!/^chart(?:Ex)?$/.test(one.type) || one.external) return [];
      const chart = office.xml(one.target);
      const text = chart ? chartMarkdown(chart) : '';
      if (text === '') hidden.addUnread('chart');
      return [text];
    });
    const pictures = [...findAll(root, 'xdr:pic')].map((picture) => {
      const text = pictureText(findFirst(picture, 'xdr:cNvPr')?.attributes.descr);
      if (text === '') hidden.addUnread('picture');
      return text;
    });
    const boxes = [...findAll(root, 'xdr:txBody')].map((body) =>
      joinBlocks(
        [...findAll(body, 'a:p')].map((paragraph) =>
          markdownLines([...findAll(paragraph, 'a:t')].map(readText).join('')),
        ),
      ),
    );
    return [...boxes, ...charts, ...pictures];
  });
}

function comments(
  office: OfficePackage,
  relationships: Map<string, Relationship>,
  persons: ReadonlyMap<string, string>,
): string[] {
  return [...relationships.values()].flatMap(({ type, target, external }) => {
    const root = (type === 'comments' || type === 'threadedComment') && !external ? office.xml(target) : null;
    if (!root) return [];
    const authors = elements(descend(root, 'authors'), 'author').map((author) => oneLine(readText(author)));
    const found =
      root.name === 'comments'
        ? elements(descend(root, 'commentList'), 'comment')
        : elements(root, 'threadedComment');
    return found.flatMap((comment) => {
      const text = oneLine(richText(descend(comment, 'text')) || readText(descend(comment, 'text')));
      // a threaded comment leaves a note for old applications, which only repeats it
      if (text === '' || text.startsWith('[Threaded comment]')) return [];
      return [
        commentLine(
          [
            authors[Number(comment.attributes.authorId)] ?? persons.get(comment.attributes.personId ?? ''),
            comment.attributes.ref,
          ]
            .filter(Boolean)
            .join(', '),
          text,
        ),
      ];
    });
  });
}
