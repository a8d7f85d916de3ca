import { readFile } from 'node:fs/promises';
import { Problem } from '../../../../common/errors.js';
import { OfficePackage, isCompound, isEncryptedPackage } from '../shared/ooxml.js';
import type { ParsedDocument, ParsedPart } from '../../parsed-document.js';
import type { ParserSource } from '../../parser.js';
import { sheetMarkdown, type Sheet } from './sheet-markdown.js';

/** Workbooks, xlsx and xls: a part for each sheet that holds something. */
export async function parse(source: ParserSource): Promise<ParsedDocument> {
  const bytes = await readFile(source.path);
  if (isEncryptedPackage(bytes)) throw new Problem('encrypted_document');
  // bare BIFF streams, older than the compound file, begin with a BOF record
  if (isCompound(bytes) || (bytes[0] === 0x09 && (bytes[1] ?? 0xff) <= 0x08))
    return parseBinary(bytes, source);
  return parsePackage(await OfficePackage.open(source.path), source);
}

async function parsePackage(office: OfficePackage, source: ParserSource): Promise<ParsedDocument> {
  const { Workbook } = await import('./xlsx-workbook.js');
  const workbook = new Workbook(office);
  const parts: ParsedPart[] = [];
  for (const [index, { name, part }] of workbook.sheets.entries()) {
    addSheet(parts, workbook.read(name, part));
    source.progress(index + 1, workbook.sheets.length);
  }
  return finished(parts, office.title());
}

async function parseBinary(bytes: Buffer, source: ParserSource): Promise<ParsedDocument> {
  const { readBinarySheets } = await import('./xls-workbook.js');
  const parts: ParsedPart[] = [];
  const sheets = readBinarySheets(bytes);
  for (const [index, sheet] of sheets.entries()) {
    addSheet(parts, sheet);
    source.progress(index + 1, sheets.length);
  }
  return finished(parts, null);
}

function addSheet(parts: ParsedPart[], sheet: Sheet): void {
  const markdown = sheetMarkdown(sheet);
  if (markdown !== '') parts.push({ kind: 'sheet', page: null, label: sheet.name, markdown });
}

function finished(parts: ParsedPart[], title: string | null): ParsedDocument {
  if (parts.length === 0) throw new Problem('no_text_content');
  return { title, language: null, pages: null, parts, warnings: [] };
}
