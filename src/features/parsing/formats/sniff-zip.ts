import { inflateRawSync } from 'node:zlib';
import { Problem } from '../../../common/errors.js';

type Read = (start: number, end: number) => Promise<Buffer>;
type ZipKind =
  | { format: 'docx' | 'pptx' | 'xlsx' | 'xlsb' | 'odt' | 'ods' | 'odp' | 'epub'; macros?: boolean }
  | { other: string };

interface Entry {
  name: string;
  encrypted: boolean;
  method: number;
  compressed: number;
  offset: number;
}

const openDocument = 'application/vnd.oasis.opendocument.';
const maxDirectoryBytes = 8 * 1024 * 1024;

/**
 * What a zip archive is, from its central directory.
 * @throws Problem corrupt_document when there is none, encrypted_document, archive_bomb
 */
export async function zipKind(read: Read, bytes: number): Promise<ZipKind> {
  const entries = await centralDirectory(read, bytes);
  const names = new Set(entries.map((entry) => entry.name));
  const kind = await kindOf(read, bytes, entries, names);
  const content = entries.find((entry) => entry.encrypted);
  if (content && 'format' in kind) throw new Problem('encrypted_document');
  return kind;
}

async function kindOf(read: Read, bytes: number, entries: Entry[], names: Set<string>): Promise<ZipKind> {
  const has = (prefix: string): boolean => entries.some((entry) => entry.name.startsWith(prefix));
  if (names.has('[Content_Types].xml')) {
    const macros =
      entries.some((entry) => /(?:^|\/)vbaProject\.bin$/i.test(entry.name)) ||
      (await declaresMacros(read, bytes, entries));
    if (names.has('xl/workbook.bin')) return { format: 'xlsb', macros };
    if (has('word/')) return { format: 'docx', macros };
    if (has('ppt/')) return { format: 'pptx', macros };
    if (has('xl/')) return { format: 'xlsx', macros };
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
  return { other: 'a zip archive' };
}

async function declaresMacros(read: Read, bytes: number, entries: Entry[]): Promise<boolean> {
  return /macroEnabled|vbaProject/i.test(await entryText(read, bytes, entries, '[Content_Types].xml'));
}

/** An entry's text, or nothing when it is missing, unreadable or larger than such an entry ever is. */
async function entryText(read: Read, bytes: number, entries: Entry[], name: string): Promise<string> {
  const entry = entries.find((candidate) => candidate.name === name);
  if (!entry || entry.compressed > 1024 * 1024 || entry.offset + 30 > bytes) return '';
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

async function centralDirectory(read: Read, bytes: number): Promise<Entry[]> {
  const tailStart = Math.max(0, bytes - 65_557);
  const tail = await read(tailStart, bytes);
  const end = tail.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  if (end < 0 || end + 22 > tail.length)
    throw new Problem('corrupt_document', 'The archive has no directory: it is cut off or damaged.');
  const { size, recorded, endsAt } = directoryPlace(tail, end);
  if (size > maxDirectoryBytes) throw new Problem('archive_bomb', 'The archive has too many entries.');
  // Bytes put before an archive shift it; the directory ends where its end record begins.
  const start = Math.max(0, recorded + size === tailStart + endsAt ? recorded : tailStart + endsAt - size);
  return entriesOf(await read(start, start + size));
}

/** Where the directory stands; archives in the 64-bit form say so in a record of their own, which stands between. */
function directoryPlace(tail: Buffer, end: number): { size: number; recorded: number; endsAt: number } {
  const size = tail.readUInt32LE(end + 12);
  const recorded = tail.readUInt32LE(end + 16);
  if (size !== 0xffffffff && recorded !== 0xffffffff) return { size, recorded, endsAt: end };
  const wide = tail.lastIndexOf('PK\x06\x06', end, 'latin1');
  if (wide < 0 || wide + 56 > tail.length)
    throw new Problem('corrupt_document', 'The archive has an unreadable directory.');
  return {
    size: Number(tail.readBigUInt64LE(wide + 40)),
    recorded: Number(tail.readBigUInt64LE(wide + 48)),
    endsAt: wide,
  };
}

function entriesOf(directory: Buffer): Entry[] {
  const entries: Entry[] = [];
  let at = 0;
  while (at + 46 <= directory.length && directory.readUInt32LE(at) === 0x02014b50) {
    const nameLength = directory.readUInt16LE(at + 28);
    entries.push({
      name: directory
        .subarray(at + 46, at + 46 + nameLength)
        .toString('utf8')
        .replaceAll('\\', '/'),
      encrypted: (directory.readUInt16LE(at + 8) & 1) === 1,
      method: directory.readUInt16LE(at + 10),
      compressed: directory.readUInt32LE(at + 20),
      offset: directory.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  if (entries.length === 0 && directory.length > 0)
    throw new Problem('corrupt_document', 'The archive has an unreadable directory.');
  return entries;
}
