import { isUtf8 as isWholeUtf8 } from 'node:buffer';
import { candidateEncodings, scoreText } from './encodings.js';
import { decodeOlder } from './older-encodings.js';

export interface DecodedText {
  /** Without BOM and NUL, line ends as `\n`, no lone surrogates. */
  text: string;
  /** A WHATWG label, utf-32le or utf-32be; as it was declared for what no browser knows. */
  encoding: string;
}

const sampleBytes = 64 * 1024;

/**
 * Decodes a whole text file: by a BOM, then by the encoding that the file declares if its bytes agree, then
 * by the look of the bytes.
 * Never throws: bytes that are not text are read as windows-1252.
 */
export function decodeText(bytes: Buffer, declared?: string): DecodedText {
  const bom = detectBom(bytes);
  const older = declared === undefined || bom || holdsUtf8(bytes) ? null : decodeOlder(bytes, declared);
  if (older !== null) return { text: clean(older), encoding: declared ?? '' };
  const encoding =
    bom ??
    usable(bytes, declared) ??
    detectEncoding(bytes.subarray(0, sampleBytes), bytes.length > sampleBytes, bytes) ??
    'windows-1252';
  return { text: clean(decodeAs(bytes, encoding)), encoding };
}

/** Removes characters that no store accepts (NUL, BOM, lone surrogates) and folds line ends. */
export function clean(text: string): string {
  return text
    .replace(/^\ufeff/, '')
    .replaceAll('\0', '')
    .replace(/\r\n?/g, '\n')
    .replace(/\p{Surrogate}/gu, '');
}

/**
 * The encoding of a text, or null for other bytes. `cut` says that the sample may end inside a character; if
 * the sample is ASCII only, `whole` is searched for the first other bytes.
 */
export function detectEncoding(sample: Buffer, cut: boolean, whole: Buffer = sample): string | null {
  const bom = detectBom(sample);
  if (bom) return bom;
  if (sample.includes(0)) {
    const wide = wideEncoding(sample);
    if (wide) return wide;
  }
  if (binaryShare(sample, 'utf-8') > 0.02) return wideEncoding(sample);
  const utf8 = isUtf8(sample, cut);
  if (utf8 && whole.length === sample.length) return utf8Encoding(sample);
  if (utf8) {
    const rest = isUtf8(whole, false);
    return rest ? utf8Encoding(sample) : (eightBitEncoding(aroundHighBytes(whole)) ?? 'windows-1252');
  }
  return wideEncoding(sample, true) ?? eightBitEncoding(aroundHighBytes(sample)) ?? null;
}

/** Share of control characters that no text has, decoded as `encoding`. */
export function binaryShare(sample: Buffer, encoding: string): number {
  if (encoding.startsWith('utf-16') || encoding.startsWith('utf-32')) {
    const text = decodeAs(sample.subarray(0, sample.length - (sample.length % 4)), encoding);
    return share(text, /[^\P{Cc}\t\n\v\f\r]|[\ufffd\ufffe\uffff]/gu);
  }
  let controls = 0;
  for (const byte of sample)
    if (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 12 && byte !== 11 && byte !== 27)
      controls += 1;
  return sample.length === 0 ? 0 : controls / sample.length;
}

function share(text: string, what: RegExp): number {
  return text.length === 0 ? 0 : (text.match(what)?.length ?? 0) / text.length;
}

function detectBom(bytes: Buffer): string | null {
  if (bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes.length >= 4 && bytes.readUInt32LE(0) === 0xfeff) return 'utf-32le';
  if (bytes.length >= 4 && bytes.readUInt32BE(0) === 0xfeff) return 'utf-32be';
  if (bytes.length >= 2 && bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes.length >= 2 && bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return null;
}

function usable(bytes: Buffer, declared: string | undefined): string | null {
  if (!declared) return null;
  let label: string;
  try {
    label = new TextDecoder(declared.trim()).encoding;
  } catch {
    return null;
  }
  if (label.startsWith('utf-16')) return wideEncoding(bytes.subarray(0, sampleBytes));
  // Pages that declare Latin-1 and hold UTF-8 are more common than the reverse.
  if (label !== 'utf-8' && holdsUtf8(bytes)) return 'utf-8';
  return decodes(bytes, label) ? label : null;
}

/** True for UTF-8 with more than ASCII in it. */
function holdsUtf8(bytes: Buffer): boolean {
  return isUtf8(bytes, false) && bytes.some((byte) => byte >= 0x80);
}

function utf8Encoding(sample: Buffer): string {
  return sample.includes('\x1b$', 0, 'latin1') && decodes(sample, 'iso-2022-jp') ? 'iso-2022-jp' : 'utf-8';
}

function isUtf8(bytes: Buffer, cut: boolean): boolean {
  if (!cut) return isWholeUtf8(bytes);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    decoder.decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function decodes(bytes: Buffer, encoding: string): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

const separators = /[ \t\n\r,.;:\u3000-\u3002\uff0c\uff1a\u060c\u06d4\u0964\u2028]/g;

/** UTF-16 or UTF-32 without a BOM: it decodes without errors and has as many separators as any language. */
function wideEncoding(sample: Buffer, strict = false): string | null {
  const even = sample.subarray(0, sample.length - (sample.length % 4) || sample.length - (sample.length % 2));
  if (even.length < 4) return null;
  const best = ['utf-16le', 'utf-16be', 'utf-32le', 'utf-32be']
    .map((encoding) => ({ encoding, score: wideScore(even, encoding, strict) }))
    .sort((a, b) => b.score - a.score)[0];
  return best && best.score > 0 ? best.encoding : null;
}

function wideScore(bytes: Buffer, encoding: string, strict: boolean): number {
  const text = decodeAs(bytes, encoding);
  const broken = share(text, /[^\P{Cc}\t\n\v\f\r]|[\ufffd-\uffff\ue000-\uf8ff]|\p{Cn}/gu);
  const spaced = share(text, separators);
  const ascii = share(text, /[\u0020-\u007e]/g);
  if (broken > 0.005) return 0;
  // Eight-bit text read as UTF-16 is rare Han without any
  // separator; real UTF-16 has ASCII or separators throughout.
  if (strict && spaced < 0.05) return 0;
  return spaced < 0.01 && ascii < 0.3 ? 0 : ascii + spaced;
}

function eightBitEncoding(sample: Buffer): string | null {
  let best: { encoding: string; score: number } | null = null;
  for (const encoding of candidateEncodings) {
    if (!decodes(sample, encoding)) continue;
    const score = scoreText(new TextDecoder(encoding).decode(sample), encoding);
    if (!best || score > best.score) best = { encoding, score };
  }
  return best ? best.encoding : 'windows-1252';
}

/** Up to 16 KiB from the lines that have bytes outside ASCII: those decide. */
function aroundHighBytes(bytes: Buffer): Buffer {
  const lines: Buffer[] = [];
  let total = 0;
  for (let at = 0; at < bytes.length && total < 16_384;) {
    while (at < bytes.length && (bytes[at] ?? 0) < 0x80) at += 1;
    if (at >= bytes.length) break;
    const start = Math.max(bytes.lastIndexOf(10, at) + 1, at - 200);
    const newline = bytes.indexOf(10, at);
    const end = Math.min(newline < 0 ? bytes.length : newline + 1, at + 2000);
    lines.push(bytes.subarray(start, end));
    total += end - start;
    at = end;
  }
  return Buffer.concat(lines);
}

function decodeAs(bytes: Buffer, encoding: string): string {
  if (!encoding.startsWith('utf-32')) return new TextDecoder(encoding).decode(bytes);
  const parts: string[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const point = encoding === 'utf-32le' ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
    parts.push(point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd');
  }
  return parts.join('');
}
