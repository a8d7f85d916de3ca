import { Problem } from '../../../../common/errors.js';

const dictionaryBytes = 4096;
const headerBytes = 16;
const compressed = 0x75465a4c;
const uncompressed = 0x414c454d;
/** A reference of two bytes stands for this many bytes at most. */
const maxGrowth = 17;
/** The text that every dictionary begins with, from [MS-OXRTFCP] 2.1.2.1. */
const firstWords = Buffer.from(
  '{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx',
  'latin1',
);

/** Unpacks the RTF of a message. @throws Problem corrupt_document */
export function unpackRtf(bytes: Buffer): Buffer {
  const kind = bytes.length < headerBytes ? 0 : bytes.readUInt32LE(8);
  const packed = bytes.subarray(headerBytes);
  if (kind === uncompressed) return packed;
  if (kind !== compressed)
    throw new Problem('corrupt_document', 'The text of the message is packed in an unknown way.');
  const out = Buffer.alloc(Math.min(bytes.readUInt32LE(4), packed.length * maxGrowth));
  return out.subarray(0, unpack(packed, out));
}

/** @returns the bytes written */
function unpack(packed: Buffer, out: Buffer): number {
  const dictionary = Buffer.alloc(dictionaryBytes, ' ');
  firstWords.copy(dictionary);
  let [at, written, end] = [0, 0, firstWords.length];
  const put = (byte: number): void => {
    if (written < out.length) out[written++] = byte;
    dictionary[end] = byte;
    end = (end + 1) % dictionaryBytes;
  };
  while (at < packed.length && written < out.length) {
    // each bit of a control byte says whether a letter or a reference follows
    const control = packed.readUInt8(at++);
    for (let bit = 0; bit < 8 && at < packed.length; bit++) {
      if ((control & (1 << bit)) === 0) {
        put(packed.readUInt8(at++));
        continue;
      }
      if (at + 2 > packed.length) return written;
      const reference = packed.readUInt16BE(at);
      at += 2;
      const from = reference >>> 4;
      if (from === end) return written;
      for (let i = 0; i < (reference & 0x0f) + 2; i++) put(dictionary[(from + i) % dictionaryBytes] ?? 0x20);
    }
  }
  return written;
}
