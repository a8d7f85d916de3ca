import { pipeline, Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { Problem } from '../../common/errors.js';
import type { ByteRange } from '../../platform/blob/blob-store.js';
import type { ZipEntry } from '../parsing/formats/zip-directory.js';

type OpenRange = (range: ByteRange) => Promise<Readable>;

/**
 * Streams an entry of a stored archive unpacked. It opens the archive when the first byte is read, and stops
 * at the declared size. The stream fails with corrupt_document, storage_unavailable.
 */
export function readEntry(open: OpenRange, entry: ZipEntry, archiveBytes: number): Readable {
  const body = Readable.from(unpack(open, entry, archiveBytes));
  // the reader sees the error when the stream closes
  body.on('error', () => undefined);
  return body;
}

async function* unpack(open: OpenRange, entry: ZipEntry, archiveBytes: number): AsyncGenerator<Buffer> {
  let size = 0;
  let crc = 0;
  try {
    for await (const piece of await inflated(open, entry, archiveBytes)) {
      const bytes = piece as Buffer;
      size += bytes.length;
      crc = crc32(bytes, crc);
      if (size > entry.size) throw corrupt();
      yield bytes;
    }
  } catch (error) {
    throw isOfZlib(error) ? corrupt(error) : error;
  }
  if (size !== entry.size || crc !== entry.crc) throw corrupt();
}

async function inflated(open: OpenRange, entry: ZipEntry, archiveBytes: number): Promise<Readable> {
  const start = await dataStart(open, entry, archiveBytes);
  const end = start + entry.compressed;
  if (end > archiveBytes) throw corrupt();
  if (entry.compressed === 0) return Readable.from([]);
  const packed = await open({ start, end: end - 1 });
  return entry.method === 0 ? packed : pipeline(packed, createInflateRaw(), () => undefined);
}

const isOfZlib = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');

/** The local header repeats the name and may have another extra field than the directory. */
async function dataStart(open: OpenRange, { offset }: ZipEntry, archiveBytes: number): Promise<number> {
  if (offset < 0 || offset + 30 > archiveBytes) throw corrupt();
  const pieces: Buffer[] = [];
  for await (const piece of await open({ start: offset, end: offset + 29 })) pieces.push(piece as Buffer);
  const header = Buffer.concat(pieces);
  if (header.length < 30 || header.readUInt32LE(0) !== 0x04034b50) throw corrupt();
  return offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
}

const corrupt = (cause?: unknown): Problem =>
  new Problem('corrupt_document', 'The file is damaged in the archive. Pack it again.', { cause });
