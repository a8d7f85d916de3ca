import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { utils, write } from '@e965/xlsx';
import { strToU8, zipSync, type Zippable } from 'fflate';
import { Problem } from '../src/common/errors.js';
import type { ParsedDocument } from '../src/features/parsing/parsed-document.js';
import { embeddedReader } from '../src/features/parsing/sandbox/embedded-files.js';
import type { Parser } from '../src/features/parsing/parser.js';

const schemas = 'http://schemas.openxmlformats.org';
export const wordNamespaces = [
  `xmlns:w="${schemas}/wordprocessingml/2006/main"`,
  `xmlns:r="${schemas}/officeDocument/2006/relationships"`,
  `xmlns:m="${schemas}/officeDocument/2006/math"`,
  'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"',
  'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"',
].join(' ');

/** A zip of text and byte entries; `stored` leaves them uncompressed. */
export function buildZip(entries: Record<string, string | Uint8Array>, stored = false): Buffer {
  const files: Zippable = {};
  for (const [name, content] of Object.entries(entries)) {
    files[name] = [typeof content === 'string' ? strToU8(content) : content, { level: stored ? 0 : 6 }];
  }
  return Buffer.from(zipSync(files));
}

/** `[id, type, target]`, with `External` as a fourth for addresses. */
export type Relation = [id: string, type: string, target: string, mode?: 'External'];

export function relationships(relations: Relation[]): string {
  const rows = relations.map(
    ([id, type, target, mode]) =>
      `<Relationship Id="${id}" Type="${schemas}/officeDocument/2006/relationships/${type}" Target="${target}"${mode ? ` TargetMode="${mode}"` : ''}/>`,
  );
  return `<Relationships xmlns="${schemas}/package/2006/relationships">${rows.join('')}</Relationships>`;
}

/** The entries of a package whose main part stands at `main`. */
export function packageEntries(
  main: string,
  content: string,
  relations: Relation[] = [],
): Record<string, string> {
  const at = main.lastIndexOf('/');
  return {
    '[Content_Types].xml': '<Types/>',
    '_rels/.rels': relationships([['rId1', 'officeDocument', main]]),
    [main]: content,
    [`${main.slice(0, at)}/_rels/${main.slice(at + 1)}.rels`]: relationships(relations),
  };
}

/** A text document with this body; `parts` are further entries, `relations` those of the main part. */
export function buildDocx(
  body: string,
  parts: Record<string, string | Uint8Array> = {},
  relations: Relation[] = [],
): Buffer {
  const main = `<w:document ${wordNamespaces}><w:body>${body}</w:body></w:document>`;
  return buildZip({ ...packageEntries('word/document.xml', main, relations), ...parts });
}

/** A workbook of one sheet with this content of its `worksheet` element. */
export function buildXlsx(
  sheet: string,
  parts: Record<string, string> = {},
  relations: Relation[] = [],
): Buffer {
  const main = `<workbook xmlns="${schemas}/spreadsheetml/2006/main" xmlns:r="${schemas}/officeDocument/2006/relationships"><sheets><sheet name="Data" sheetId="1" r:id="s1"/></sheets></workbook>`;
  return buildZip({
    ...packageEntries('xl/workbook.xml', main, [['s1', 'worksheet', 'worksheets/sheet1.xml'], ...relations]),
    'xl/worksheets/sheet1.xml': `<worksheet xmlns="${schemas}/spreadsheetml/2006/main">${sheet}</worksheet>`,
    ...parts,
  });
}

/** A workbook of one sheet in a binary format, with a hidden row and a hidden column. */
export function workbook(bookType: 'xlsb' | 'biff8' | 'biff5' | 'biff2'): Buffer {
  const book = utils.book_new();
  const sheet = utils.aoa_to_sheet([
    ['Product', 'Price', 'Margin'],
    ['Pump A', 8.5, 3],
    ['Pump B', 9, 4],
  ]);
  sheet['!rows'] = [{}, {}, { hidden: true }];
  sheet['!cols'] = [{}, {}, { hidden: true }];
  utils.book_append_sheet(book, sheet, 'Data');
  return Buffer.from(write(book, { bookType, type: 'buffer' }) as Uint8Array);
}

export const fixture = (name: string): string =>
  fileURLToPath(new URL(`./files/parsing/${name}`, import.meta.url));

/**
 * Runs a parser over a file of `test/files/parsing`, or over
 * bytes that are written to a file for the time of the call.
 */
export async function parseWith(
  parse: Parser,
  input: string | Buffer,
  filename = 'document',
  options: { includeHidden?: boolean } = {},
): Promise<ParsedDocument> {
  const progress = () => undefined;
  const embedded = embeddedReader(options.includeHidden ?? false, tmpdir());
  if (typeof input === 'string') {
    const path = fixture(input);
    return parse({
      path,
      filename: basename(path),
      bytes: (await stat(path)).size,
      progress,
      embedded,
      ...options,
    });
  }
  const folder = await mkdtemp(join(tmpdir(), 'docent-office-'));
  try {
    const path = join(folder, 'input');
    await writeFile(path, input);
    return await parse({ path, filename, bytes: input.length, progress, embedded, ...options });
  } finally {
    await rm(folder, { recursive: true });
  }
}

export async function renderMarkdown(parse: Parser, input: string | Buffer): Promise<string> {
  return (await parseWith(parse, input)).parts.map((part) => part.markdown).join('\n\n');
}

/** The code of the problem that a call ends with. */
export async function findProblem(outcome: Promise<unknown> | (() => unknown)): Promise<string> {
  try {
    await (typeof outcome === 'function' ? outcome() : outcome);
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
  return 'none';
}
