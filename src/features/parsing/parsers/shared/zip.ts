import { constants, crc32, inflateRawSync } from 'node:zlib';
import { Problem } from '../../../../common/errors.js';

/**
 * Limits of a container, above which it counts as a bomb. Real Office files stay under a ratio of 120 and a
 * few thousand entries.
 */
export const zipLimits = {
  entries: 20_000,
  /** Uncompressed bytes of one entry that is read, and of all entries as declared. */
  entryBytes: 256 * 1024 * 1024,
  totalBytes: 1024 * 1024 * 1024,
  /** Uncompressed to compressed, looked at only beyond `ratioFloorBytes`. */
  ratio: 250,
  ratioFloorBytes: 4 * 1024 * 1024,
};

interface ZipEntry {
  name: string;
  flags: number;
  method: number;
  crc: number;
  compressed: number;
  size: number;
  header: number;
}

const endSignature = 0x06054b50;
const zip64LocatorSignature = 0x07064b50;
const zip64EndSignature = 0x06064b50;
const centralSignature = 0x02014b50;
const localSignature = 0x04034b50;

/**
 * An untrusted zip file: the directory is checked before a byte is inflated, and inflating stops at the
 * declared size.
 * @throws Problem archive_bomb, corrupt_document, encrypted_document from `open` and from every read
 */
export class ZipArchive {
  private inflatedBytes = 0;

  private constructor(
    private readonly bytes: Buffer,
    private readonly entries: Map<string, ZipEntry>,
  ) {}

  static open(bytes: Buffer): ZipArchive {
    const entries = readDirectory(bytes);
    checkSizes(entries);
    checkOverlaps(bytes, entries);
    return new ZipArchive(bytes, new Map(entries.map((entry) => [entry.name, entry])));
  }

  names(): string[] {
    return [...this.entries.keys()];
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /** The inflated bytes of an entry; null if no entry has that name. */
  read(name: string): Buffer | null {
    const entry = this.entries.get(name);
    if (!entry) return null;
    if (entry.flags & 1) throw new Problem('encrypted_document');
    if (entry.size > zipLimits.entryBytes) throw new Problem('archive_bomb');
    this.inflatedBytes += entry.size;
    // reading the same entry again and again is limited too
    if (this.inflatedBytes > 2 * zipLimits.totalBytes) throw new Problem('archive_bomb');
    const start = dataStart(this.bytes, entry);
    const data = inflate(entry, this.bytes.subarray(start, start + entry.compressed));
    if (data.length !== entry.size || crc32(data) !== entry.crc) throw corrupt(`a part is damaged`);
    return data;
  }

  /** An entry as text: by its byte order mark, its XML declaration, or as UTF-8. */
  text(name: string): string | null {
    const data = this.read(name);
    return data && decodeXmlBytes(data);
  }
}

/**
 * Decodes the bytes of an XML file by byte order mark, by the
 * look of its first bytes, by its declaration, else as UTF-8.
 */
export function decodeXmlBytes(data: Buffer): string {
  return xmlDecoder(data).decode(data);
}

/** The decoder for an XML file; with `stream` it takes the file piece by piece. */
export function xmlDecoder(data: Buffer): InstanceType<typeof TextDecoder> {
  if (data[0] === 0xff && data[1] === 0xfe) return new TextDecoder('utf-16le');
  if (data[0] === 0xfe && data[1] === 0xff) return new TextDecoder('utf-16be');
  if (data[0] === 0x3c && data[1] === 0) return new TextDecoder('utf-16le');
  if (data[0] === 0 && data[1] === 0x3c) return new TextDecoder('utf-16be');
  const declared = /^[^>]{0,200}encoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(
    data.subarray(0, 256).toString('latin1'),
  )?.[1];
  try {
    return new TextDecoder(declared && !/^utf-?(8|16)/i.test(declared) ? declared : 'utf-8');
  } catch {
    return new TextDecoder('utf-8');
  }
}

function corrupt(detail: string): Problem {
  return new Problem('corrupt_document', `The document cannot be read: ${detail}.`);
}

function inflate(entry: ZipEntry, packed: Buffer): Buffer {
  if (entry.method === 0) return packed;
  if (entry.method !== 8) throw corrupt('a part is packed by an unknown method');
  try {
    return inflateRawSync(packed, {
      maxOutputLength: Math.max(1, entry.size),
      finishFlush: constants.Z_SYNC_FLUSH,
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw new Problem('archive_bomb');
    throw new Problem('corrupt_document', 'The document cannot be read: a part is damaged.', {
      cause: error,
    });
  }
}

function readDirectory(bytes: Buffer): ZipEntry[] {
  const end = findEnd(bytes);
  const { count, size, offset } = directoryPlace(bytes, end);
  if (count > zipLimits.entries) throw new Problem('archive_bomb');
  // bytes in front of the archive shift every offset by as much
  const shift = end.directoryEnd - size - offset;
  if (shift < 0) throw corrupt('its directory is outside of the file');
  const entries: ZipEntry[] = [];
  let at = offset + shift;
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== centralSignature)
      throw corrupt('its directory is damaged');
    const { entry, next } = readEntry(bytes, at, shift);
    at = next;
    if (!entry.name.endsWith('/')) entries.push(entry);
  }
  return entries;
}

function findEnd(bytes: Buffer): { at: number; directoryEnd: number } {
  const lowest = Math.max(0, bytes.length - 22 - 0xffff);
  for (let at = bytes.length - 22; at >= lowest; at--) {
    if (bytes.readUInt32LE(at) === endSignature) return { at, directoryEnd: at };
  }
  throw corrupt('it is cut off or no archive');
}

function directoryPlace(
  bytes: Buffer,
  end: { at: number; directoryEnd: number },
): { count: number; size: number; offset: number } {
  const count = bytes.readUInt16LE(end.at + 10);
  const size = bytes.readUInt32LE(end.at + 12);
  const offset = bytes.readUInt32LE(end.at + 16);
  const locator = end.at - 20;
  if (locator < 0 || bytes.readUInt32LE(locator) !== zip64LocatorSignature) return { count, size, offset };
  const wide = Number(bytes.readBigUInt64LE(locator + 8));
  if (!(wide >= 0 && wide + 56 <= locator) || bytes.readUInt32LE(wide) !== zip64EndSignature)
    throw corrupt('its directory is damaged');
  end.directoryEnd = wide;
  return {
    count: Number(bytes.readBigUInt64LE(wide + 32)),
    size: Number(bytes.readBigUInt64LE(wide + 40)),
    offset: Number(bytes.readBigUInt64LE(wide + 48)),
  };
}

function readEntry(bytes: Buffer, at: number, shift: number): { entry: ZipEntry; next: number } {
  const nameLength = bytes.readUInt16LE(at + 28);
  const extraLength = bytes.readUInt16LE(at + 30);
  const next = at + 46 + nameLength + extraLength + bytes.readUInt16LE(at + 32);
  if (next > bytes.length) throw corrupt('its directory is damaged');
  const entry: ZipEntry = {
    name: entryName(bytes.subarray(at + 46, at + 46 + nameLength).toString('utf8')),
    flags: bytes.readUInt16LE(at + 8),
    method: bytes.readUInt16LE(at + 10),
    crc: bytes.readUInt32LE(at + 16),
    compressed: bytes.readUInt32LE(at + 20),
    size: bytes.readUInt32LE(at + 24),
    header: bytes.readUInt32LE(at + 42),
  };
  widen(entry, bytes.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength));
  entry.header += shift;
  return { entry, next };
}

/** Sizes over 4 GiB, or written as if they were, are in the zip64 extra field. */
function widen(entry: ZipEntry, extra: Buffer): void {
  for (let at = 0; at + 4 <= extra.length;) {
    const length = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === 1) {
      const field = extra.subarray(at + 4, at + 4 + length);
      let used = 0;
      for (const key of ['size', 'compressed', 'header'] as const) {
        if (entry[key] !== 0xffffffff || used + 8 > field.length) continue;
        entry[key] = Number(field.readBigUInt64LE(used));
        used += 8;
      }
    }
    at += 4 + length;
  }
}

function entryName(raw: string): string {
  const name = raw.replaceAll('\\', '/');
  if (name.includes('\0') || name.startsWith('/') || name.split('/').includes('..'))
    throw corrupt('a part has a forbidden name');
  return name;
}

function checkSizes(entries: ZipEntry[]): void {
  let total = 0;
  for (const { size, compressed } of entries) {
    total += size;
    if (total > zipLimits.totalBytes) throw new Problem('archive_bomb');
    if (size > zipLimits.ratioFloorBytes && size > compressed * zipLimits.ratio)
      throw new Problem('archive_bomb');
  }
}

/** Entries that share bytes make a small file of many large ones (the "better zip bomb"). */
function checkOverlaps(bytes: Buffer, entries: ZipEntry[]): void {
  let reached = 0;
  for (const entry of entries.toSorted((a, b) => a.header - b.header)) {
    if (entry.header < reached)
      throw new Problem('archive_bomb', 'Parts of the document share the same bytes.');
    reached = dataStart(bytes, entry) + entry.compressed;
  }
}

function dataStart(bytes: Buffer, entry: ZipEntry): number {
  const at = entry.header;
  if (at + 30 > bytes.length || bytes.readUInt32LE(at) !== localSignature) throw corrupt('a part is missing');
  const start = at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
  if (start + entry.compressed > bytes.length) throw corrupt('a part is cut off');
  return start;
}
