import { readFile } from 'node:fs/promises';
import { Problem } from '../../../../common/errors.js';
import { OfficePackage, isCompound, isEncryptedPackage } from '../shared/ooxml.js';
import { Omissions } from '../shared/omissions.js';
import type { ParsedDocument, ParsedPart, ParseWarning } from '../../parsed-document.js';
import type { ParserSource } from '../../parser.js';
import { renderSheet } from './sheet-markdown.js';
import { uncomputedFormulas } from './sheet-warnings.js';
import type { Sheet } from './sheet.js';

/** Workbooks, xlsx, xlsb and xls: a part for each sheet that holds something. */
export async function parse(source: ParserSource): Promise<ParsedDocument> {
  const bytes = await readFile(source.path);
  if (isEncryptedPackage(bytes)) throw new Problem('encrypted_document');
  // bare BIFF streams, older than the compound file, begin with a BOF record
  if (isCompound(bytes) || (bytes[0] === 0x09 && (bytes[1] ?? 0xff) <= 0x08))
    return parseBinary(bytes, source);
  const office = await OfficePackage.open(source.path);
  if (office.has('xl/workbook.bin')) return parseBinary(bytes, source, office);
  return parsePackage(office, source);
}

async function parsePackage(office: OfficePackage, source: ParserSource): Promise<ParsedDocument> {
  const { Workbook } = await import('./xlsx-workbook.js');
  const hidden = new Omissions(source.includeHidden ?? false);
  const workbook = new Workbook(office, hidden);
  const parts: ParsedPart[] = [];
  for (const [index, sheet] of workbook.sheets.entries()) {
    if (isShown(sheet, hidden)) addSheet(parts, workbook.read(sheet.name, sheet.part, sheet.hidden));
    source.progress(index + 1, workbook.sheets.length);
  }
  return finished(parts, office.title(), [...uncomputedFormulas(workbook.uncomputed), ...hidden.warnings()]);
}

async function parseBinary(
  bytes: Buffer,
  source: ParserSource,
  office?: OfficePackage,
): Promise<ParsedDocument> {
  const { readBinarySheets } = await import('./xls-workbook.js');
  const parts: ParsedPart[] = [];
  const hidden = new Omissions(source.includeHidden ?? false);
  const { sheets, uncomputed } = readBinarySheets(bytes, hidden, office);
  for (const [index, sheet] of sheets.entries()) {
    if (isShown(sheet, hidden)) addSheet(parts, sheet);
    source.progress(index + 1, sheets.length);
  }
  return finished(parts, null, [...uncomputedFormulas(uncomputed), ...hidden.warnings()]);
}

function isShown(sheet: { name: string; hidden?: boolean }, hidden: Omissions): boolean {
  if (sheet.hidden) hidden.add('sheet', { name: sheet.name });
  return !sheet.hidden || hidden.keep;
}

function addSheet(parts: ParsedPart[], sheet: Sheet): void {
  const { markdown, tables } = renderSheet(sheet);
  if (markdown !== '') parts.push({ kind: 'sheet', page: null, label: sheet.name, markdown, tables });
}

function finished(parts: ParsedPart[], title: string | null, warnings: ParseWarning[]): ParsedDocument {
  if (parts.length === 0) throw new Problem('no_text_content');
  return { title, language: null, pages: null, parts, warnings };
}
