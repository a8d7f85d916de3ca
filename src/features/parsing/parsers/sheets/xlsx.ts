import { readFile } from 'node:fs/promises';
import { Problem } from '../../../../common/errors.js';
import { OfficePackage, isCompound, isEncryptedPackage } from '../shared/ooxml.js';
import { HiddenContent } from '../shared/hidden-content.js';
import type { ParsedDocument, ParsedPart, ParseWarning } from '../../parsed-document.js';
import type { ParserSource } from '../../parser.js';
import { placeTables, type SheetTable } from './placed-tables.js';
import { sheetMarkdown, type Sheet } from './sheet-markdown.js';

/** Workbooks, xlsx, xlsb and xls: a part for each sheet that holds something. */
export async function parse(source: ParserSource): Promise<ParsedDocument> {
  const bytes = await readFile(source.path);
  if (isEncryptedPackage(bytes)) throw new Problem('encrypted_document');
  // bare BIFF streams, older than the compound file, begin with a BOF record
  if (isCompound(bytes) || (bytes[0] === 0x09 && (bytes[1] ?? 0xff) <= 0x08))
    return parseBinary(bytes, source);
  const office = await OfficePackage.open(source.path);
  if (office.has('xl/workbook.bin')) return parseBinary(bytes, source);
  return parsePackage(office, source);
}

async function parsePackage(office: OfficePackage, source: ParserSource): Promise<ParsedDocument> {
  const { Workbook } = await import('./xlsx-workbook.js');
  const hidden = new HiddenContent(source.includeHidden ?? false);
  const workbook = new Workbook(office, hidden);
  const parts: ParsedPart[] = [];
  for (const [index, sheet] of workbook.sheets.entries()) {
    if (isShown(sheet, hidden)) addSheet(parts, workbook.read(sheet.name, sheet.part, sheet.hidden));
    source.progress(index + 1, workbook.sheets.length);
  }
  return finished(parts, office.title(), [...uncomputed(workbook.uncomputed), ...hidden.warnings()]);
}

async function parseBinary(bytes: Buffer, source: ParserSource): Promise<ParsedDocument> {
  const { readBinarySheets } = await import('./xls-workbook.js');
  const parts: ParsedPart[] = [];
  const hidden = new HiddenContent(source.includeHidden ?? false);
  const sheets = readBinarySheets(bytes, hidden);
  for (const [index, sheet] of sheets.entries()) {
    if (isShown(sheet, hidden)) addSheet(parts, sheet);
    source.progress(index + 1, sheets.length);
  }
  return finished(parts, null, hidden.warnings());
}

function isShown(sheet: { name: string; hidden?: boolean }, hidden: HiddenContent): boolean {
  if (sheet.hidden) hidden.add('sheet', { name: sheet.name });
  return !sheet.hidden || hidden.keep;
}

function uncomputed(count: number): ParseWarning[] {
  if (count === 0) return [];
  const what = count === 1 ? '1 formula has' : `${count} formulas have`;
  const detail = `${what} no stored value; the text shows the formula. Open and save the workbook in a spreadsheet application to store the values.`;
  return [{ code: 'formulas_without_values', detail, params: { count } }];
}

function addSheet(parts: ParsedPart[], sheet: Sheet): void {
  const tables: SheetTable[] = [];
  const markdown = sheetMarkdown(sheet, tables);
  if (markdown === '') return;
  const placed = placeTables(markdown, tables);
  parts.push({ kind: 'sheet', page: null, label: sheet.name, markdown, tables: placed });
}

function finished(parts: ParsedPart[], title: string | null, warnings: ParseWarning[]): ParsedDocument {
  if (parts.length === 0) throw new Problem('no_text_content');
  return { title, language: null, pages: null, parts, warnings };
}
