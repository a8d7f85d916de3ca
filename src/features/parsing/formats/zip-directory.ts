import { Problem } from '../../../common/errors.js';
import { decodeZipName } from './zip-name.js';

/** Reads `[start, end)` of the file; short at its end. */
export type ReadRange = (start: number, end: number) => Promise<Buffer>;

export interface ZipEntry {
  /** The path as in the archive, with `/` between folders; it may contain `..`. Folders end in `/`. */
  name: string;
  encrypted: boolean;
  isLink: boolean;
  method: number;
  crc: number;
  compressed: number;
  /** Bytes when unpacked, as declared. */
  size: number;
  /** Byte of the file where the entry's own header begins. */
  offset: number;
}

const maxDirectoryBytes = 8 * 1024 * 1024;
const wide = 0xffffffff;

/**
 * Reads only the directory of a zip archive.
 * @throws Problem corrupt_document when there is none, archive_bomb when it is too long
 */
export async function readZipDirectory(read: ReadRange, bytes: number): Promise<ZipEntry[]> {
  const tailStart = Math.max(0, bytes - 65_557);
  const tail = await read(tailStart, bytes);
  const end = tail.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  if (end < 0 || end + 22 > tail.length)
    throw new Problem(
      'corrupt_document',
      'The file is cut off or damaged: it lacks its list of contents. Upload a complete copy.',
    );
  const { size, recorded, endsAt } = directoryPlace(tail, end);
  if (size > maxDirectoryBytes) throw new Problem('archive_bomb', 'The archive has too many entries.');
  // Bytes put before an archive shift it; the directory ends where its end record begins.
  const isShifted = recorded + size !== tailStart + endsAt;
  const start = Math.max(0, isShifted ? tailStart + endsAt - size : recorded);
  return listEntries(await read(start, start + size), start - recorded);
}

/** The place of the directory. Archives in the 64-bit form have a record of its place in between. */
function directoryPlace(tail: Buffer, end: number): { size: number; recorded: number; endsAt: number } {
  const size = tail.readUInt32LE(end + 12);
  const recorded = tail.readUInt32LE(end + 16);
  if (size !== wide && recorded !== wide) return { size, recorded, endsAt: end };
  const record = tail.lastIndexOf('PK\x06\x06', end, 'latin1');
  if (record < 0 || record + 56 > tail.length)
    throw new Problem(
      'corrupt_document',
      'The file is damaged: its list of contents cannot be read. Upload a complete copy.',
    );
  return {
    size: Number(tail.readBigUInt64LE(record + 40)),
    recorded: Number(tail.readBigUInt64LE(record + 48)),
    endsAt: record,
  };
}

function listEntries(directory: Buffer, shift: number): ZipEntry[] {
  const entries: ZipEntry[] = [];
  let at = 0;
  while (at + 46 <= directory.length && directory.readUInt32LE(at) === 0x02014b50) {
    const nameEnd = at + 46 + directory.readUInt16LE(at + 28);
    const extraEnd = nameEnd + directory.readUInt16LE(at + 30);
    const fields = directory.subarray(at, at + 46);
    entries.push(
      readEntry(fields, directory.subarray(at + 46, nameEnd), directory.subarray(nameEnd, extraEnd), shift),
    );
    at = extraEnd + fields.readUInt16LE(32);
  }
  if (entries.length === 0 && directory.length > 0)
    throw new Problem(
      'corrupt_document',
      'The file is damaged: its list of contents cannot be read. Upload a complete copy.',
    );
  return entries;
}

function readEntry(fields: Buffer, name: Buffer, extra: Buffer, shift: number): ZipEntry {
  const flags = fields.readUInt16LE(8);
  const madeOnUnix = fields[5] === 3;
  const sizes = widened(
    { size: fields.readUInt32LE(24), compressed: fields.readUInt32LE(20), offset: fields.readUInt32LE(42) },
    extra,
  );
  return {
    name: decodeZipName(name, (flags & 0x800) !== 0, extraField(extra, 0x7075)).replaceAll('\\', '/'),
    encrypted: (flags & 1) === 1,
    isLink: madeOnUnix && (fields.readUInt16LE(40) & 0xf000) === 0xa000,
    method: fields.readUInt16LE(10),
    crc: fields.readUInt32LE(16),
    ...sizes,
    offset: sizes.offset + shift,
  };
}

interface Sizes {
  size: number;
  compressed: number;
  offset: number;
}

/** Sizes over 4 GiB, or written as if they were, are in the extra field of zip64, in this order. */
function widened(sizes: Sizes, extra: Buffer): Sizes {
  const field = extraField(extra, 1);
  let used = 0;
  const widen = (value: number): number => {
    if (value !== wide || used + 8 > field.length) return value;
    used += 8;
    return Number(field.readBigUInt64LE(used - 8));
  };
  const size = widen(sizes.size);
  const compressed = widen(sizes.compressed);
  return { size, compressed, offset: widen(sizes.offset) };
}

/** The content of one extra field of an entry; empty when it has none of that id. */
function extraField(extra: Buffer, id: number): Buffer {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) === id) return extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
  }
  return Buffer.alloc(0);
}
