import { inflateRawSync } from 'node:zlib';
import { Problem } from '../../../common/errors.js';
import { readZipDirectory, type ReadRange, type ZipEntry } from './zip-directory.js';

type ZipKind =
  | { format: 'docx' | 'pptx' | 'xlsx' | 'xlsb' | 'odt' | 'ods' | 'odp' | 'epub'; macros?: boolean }
  | { other: string };

const openDocument = 'application/vnd.oasis.opendocument.';
/** The name that `zipKind` gives to an archive of other files. */
export const plainZip = 'a zip archive';

/**
 * Recognises a zip archive by its central directory.
 * @throws Problem corrupt_document when there is none, encrypted_document, archive_bomb
 */
export async function zipKind(read: ReadRange, bytes: number): Promise<ZipKind> {
  const entries = await readZipDirectory(read, bytes);
  const names = new Set(entries.map((entry) => entry.name));
  const kind = await detectKind(read, bytes, entries, names);
  const content = entries.find((entry) => entry.encrypted);
  if (content && 'format' in kind) throw new Problem('encrypted_document');
  return kind;
}

async function detectKind(
  read: ReadRange,
  bytes: number,
  entries: ZipEntry[],
  names: Set<string>,
): Promise<ZipKind> {
  const has = (prefix: string): boolean => entries.some((entry) => entry.name.startsWith(prefix));
  if (names.has('[Content_Types].xml')) {
    const macros =
      entries.some((entry) => /(?:^|\/)vbaProject\.bin$/i.test(entry.name)) ||
      (await declaresMacros(read, bytes, entries));
    if (names.has('xl/workbook.bin')) return { format: 'xlsb', macros };
    if (has('word/')) return { format: 'docx', macros };
    if (has('ppt/')) return { format: 'pptx', macros };
    if (has('xl/')) return { format: 'xlsx', macros };
    // folders are a habit of programs; the type of the main part decides
    const main = mainPart.exec(await entryText(read, bytes, entries, '[Content_Types].xml'))?.[1];
    const format = mainFormats.get(main?.toLowerCase() ?? '');
    if (format) return { format, macros };
  }
  const declared = await entryText(read, bytes, entries, 'mimetype');
  if (declared.startsWith('application/epub+zip') || names.has('META-INF/container.xml'))
    return { format: 'epub' };
  if (declared.startsWith(`${openDocument}text`)) return { format: 'odt' };
  if (declared.startsWith(`${openDocument}spreadsheet`)) return { format: 'ods' };
  if (declared.startsWith(`${openDocument}presentation`)) return { format: 'odp' };
  if (declared.startsWith('application/vnd.oasis.opendocument')) return { other: declared.slice(0, 80) };
  if (entries.length > 0 && entries.every((entry) => /\.(?:zip|gz|bz2|xz|7z|rar)$/i.test(entry.name))) {
    throw new Problem('archive_bomb', 'The archive holds nothing but archives.');
  }
  return { other: plainZip };
}

const mainPart =
  /ContentType\s*=\s*["'][\w./-]{0,80}?(wordprocessingml|spreadsheetml|presentationml)[\w.-]{1,40}\.main\+xml["']/i;
const mainFormats = new Map<string, 'docx' | 'xlsx' | 'pptx'>([
  ['wordprocessingml', 'docx'],
  ['spreadsheetml', 'xlsx'],
  ['presentationml', 'pptx'],
]);

async function declaresMacros(read: ReadRange, bytes: number, entries: ZipEntry[]): Promise<boolean> {
  const types = await entryText(read, bytes, entries, '[Content_Types].xml');
  return [...types.matchAll(/<(Override|Default)\b[^>]{0,2000}>/gi)].some(([declared, kind]) =>
    // a workbook with macros that is embedded has an extension of its own
    kind?.toLowerCase() === 'override'
      ? /macroEnabled|vbaProject/i.test(declared) && !/\/embeddings\//i.test(declared)
      : /vbaProject/i.test(declared),
  );
}

/** An entry's text, or nothing when it is missing, unreadable or larger than such an entry ever is. */
async function entryText(read: ReadRange, bytes: number, entries: ZipEntry[], name: string): Promise<string> {
  const entry = entries.find((candidate) => candidate.name === name);
  if (!entry || entry.compressed > 1024 * 1024 || entry.offset < 0 || entry.offset + 30 > bytes) return '';
  const local = await read(entry.offset, entry.offset + 30);
  if (local.length < 30 || local.readUInt32LE(0) !== 0x04034b50) return '';
  const start = entry.offset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
  const data = await read(start, Math.min(bytes, start + entry.compressed));
  if (entry.method === 0) return data.toString('utf8');
  try {
    return inflateRawSync(data, { maxOutputLength: 4 * 1024 * 1024 }).toString('utf8');
  } catch {
    return '';
  }
}
