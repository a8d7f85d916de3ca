// Zip archives that lie, and deflate streams that expand to gigabytes without anyone compressing gigabytes.
import { constants, crc32, deflateRawSync } from 'node:zlib';

/** A raw deflate stream of `bytes` times `value`: one flushed block of 1 MiB, repeated. */
export function deflatedRun(bytes, value = 0x20) {
  const mebibyte = 1024 * 1024;
  const block = deflateRawSync(Buffer.alloc(mebibyte, value), {
    finishFlush: constants.Z_FULL_FLUSH,
    level: 9,
  });
  const times = Math.ceil(bytes / mebibyte);
  return Buffer.concat([...Array.from({ length: times }, () => block), Buffer.from([0x03, 0x00])]);
}

/** The same as a zlib stream, as PDF wants it. */
export function zlibRun(bytes, value = 0x20) {
  const size = BigInt(Math.ceil(bytes / 1048576)) * 1048576n;
  const modulus = 65521n;
  const a = (1n + size * BigInt(value)) % modulus;
  const b = (size + (BigInt(value) * size * (size + 1n)) / 2n) % modulus;
  const adler = Buffer.alloc(4);
  adler.writeUInt32BE(Number((b << 16n) | a));
  return Buffer.concat([Buffer.from([0x78, 0xda]), deflatedRun(bytes, value), adler]);
}

/**
 * Writes a zip. An entry is `{name, data}`; `raw` with `size` takes a ready deflate stream in place of
 * `data`, `declared` lies about the size, `flags` sets bits (1 =
 * encrypted), `at` points the directory to another entry's data.
 */
export function zip(entries) {
  const locals = [];
  const directory = [];
  const offsets = new Map();
  let offset = 0;
  for (const entry of entries) {
    const made = packed(entry);
    const name = Buffer.from(entry.name);
    const start = entry.at === undefined ? offset : offsets.get(entry.at);
    directory.push(header(0x02014b50, made, name, entry, start), name);
    if (entry.at !== undefined) continue;
    offsets.set(entry.name, offset);
    const local = Buffer.concat([header(0x04034b50, made, name, entry), name, made.body]);
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Math.min(entries.length, 65535), 8);
  end.writeUInt16LE(Math.min(entries.length, 65535), 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, central, end]);
}

function packed(entry) {
  if (entry.raw)
    return { body: entry.raw, method: 8, size: entry.declared ?? entry.size, crc: entry.crc ?? 0 };
  const data = Buffer.from(entry.data ?? '');
  const body = entry.store ? data : deflateRawSync(data);
  return { body, method: entry.store ? 0 : 8, size: entry.declared ?? data.length, crc: crc32(data) };
}

function header(signature, { body, method, size, crc }, name, entry, offset) {
  const central = signature === 0x02014b50;
  const bytes = Buffer.alloc(central ? 46 : 30);
  const at = central ? 2 : 0;
  bytes.writeUInt32LE(signature, 0);
  bytes.writeUInt16LE(20, 4);
  if (central) bytes.writeUInt16LE(20, 6);
  bytes.writeUInt16LE(entry.flags ?? 0, 6 + at);
  bytes.writeUInt16LE(method, 8 + at);
  bytes.writeUInt32LE(crc, 14 + at);
  bytes.writeUInt32LE(body.length, 18 + at);
  bytes.writeUInt32LE(Math.min(size, 0xffffffff), 22 + at);
  bytes.writeUInt16LE(name.length, 26 + at);
  if (central) bytes.writeUInt32LE(offset, 42);
  return bytes;
}
