import { inflateSync } from 'node:zlib';

/** Bytes of streams that are looked through; more is not worth the time. */
const maxLooked = 64 * 1024 * 1024;
const maxStream = 8 * 1024 * 1024;

export interface PdfStream {
  /** Objects of the file in compressed form, and not content of a page. */
  holdsObjects: boolean;
  text: string;
}

/** The streams of a file that hold content of pages or objects. Encrypted ones come as empty text. */
export function* readStreams(bytes: Buffer): Generator<PdfStream> {
  let looked = 0;
  for (let at = bytes.indexOf('stream'); at >= 0 && looked <= maxLooked;) {
    const end = bytes.indexOf('endstream', at + 6);
    if (end < 0) return;
    const before = bytes.subarray(Math.max(0, at - 1000), at).toString('latin1');
    const dictionary = before.slice(before.lastIndexOf(' obj') + 1);
    const data = bytes.subarray(bytes[at + 6] === 13 ? at + 8 : at + 7, end);
    if (!/\/Subtype\s*\/(?:Image|Type1C|CIDFontType0C|OpenType)|\/Length1\b|\/XRef/.test(dictionary)) {
      const text = decode(data, dictionary);
      looked += text.length;
      yield { holdsObjects: dictionary.includes('/ObjStm'), text };
    }
    at = bytes.indexOf('stream', end + 9);
  }
}

function decode(data: Buffer, dictionary: string): string {
  const isText = /\/(?:ASCII85Decode|A85)\b/.test(dictionary);
  const binary = isText && data.length <= maxStream ? fromAscii85(data) : data;
  return /\/(?:FlateDecode|Fl)\b/.test(dictionary) ? inflate(binary) : binary.toString('latin1');
}

/** Five digits of base 85 are four bytes; `~` is the end. */
function fromAscii85(data: Buffer): Buffer {
  const bytes = Buffer.alloc(Math.ceil(data.length * 0.8) + 4);
  let [length, digits, value] = [0, 0, 0];
  for (const code of data) {
    if (code === 126) break;
    if (code < 33 || code > 117) continue;
    value = value * 85 + code - 33;
    digits += 1;
    if (digits < 5) continue;
    length = bytes.writeUInt32BE(value % 2 ** 32, length);
    [digits, value] = [0, 0];
  }
  if (digits < 2) return bytes.subarray(0, length);
  for (let missing = digits; missing < 5; missing += 1) value = value * 85 + 84;
  bytes.writeUInt32BE(value % 2 ** 32, length);
  return bytes.subarray(0, length + digits - 1);
}

function inflate(data: Buffer): string {
  try {
    return inflateSync(data, { maxOutputLength: maxStream }).toString('latin1');
  } catch {
    // cut off, encrypted or too large
    return '';
  }
}
