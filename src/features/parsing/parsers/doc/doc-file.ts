import { CompoundFile } from '../shared/compound-file.js';
import { detectEncoding } from '../shared/decode.js';
import { Problem } from '../../../../common/errors.js';

/** The parts that a Word document keeps one after another in its text, in this order. */
export const storyNames = [
  'body',
  'footnotes',
  'headers',
  'macros',
  'comments',
  'endnotes',
  'textboxes',
  'headerTextboxes',
] as const;
export type StoryName = (typeof storyNames)[number];

/** A run of text: its place in the document (in characters) and in the file (in bytes). */
interface Piece {
  start: number;
  text: string;
  position: number;
  bytesPerCharacter: 1 | 2;
}

/** Pairs of offset and length in the header of a Word file, by their number in [MS-DOC] 2.5.6. */
export const readTable = {
  styles: 1,
  footnoteRefs: 2,
  footnoteTexts: 3,
  commentRefs: 4,
  commentTexts: 5,
  characterRuns: 12,
  paragraphRuns: 13,
  fonts: 15,
  pieces: 33,
  endnoteRefs: 46,
  endnoteTexts: 47,
  lists: 73,
  listOverrides: 74,
} as const;

const maxCharacters = 50_000_000;

/**
 * The streams of a binary Word document (97 and later), as [MS-DOC] lays them out.
 * @throws Problem encrypted_document, corrupt_document,
 * too_large; RangeError where an offset leads out of the file
 */
export class DocFile {
  private readonly table: Buffer;
  private readonly pieces: Piece[];
  private readonly lengths: number[];

  private constructor(
    readonly main: Buffer,
    tables: Buffer,
    /** The descriptions of form fields and pictures. */
    readonly data: Buffer,
  ) {
    this.table = tables;
    this.lengths = [0x4c, 0x50, 0x54, 0x58, 0x5c, 0x60, 0x64, 0x68].map((at) => main.readUInt32LE(at));
    this.pieces = this.readPieces();
  }

  /** Null for formats before Word 97, which have no table stream. */
  static open(bytes: Buffer): DocFile | null {
    const file = new CompoundFile(bytes);
    const main = file.find('WordDocument');
    if (!main) throw new Problem('corrupt_document', 'The file holds no Word document.');
    const flags = main.readUInt16LE(0x0a);
    if (flags & 0x0100) throw new Problem('encrypted_document');
    if (main.readUInt16LE(0) !== 0xa5ec) return null;
    const tables = file.find(flags & 0x0200 ? '1Table' : '0Table');
    if (!tables) throw new Problem('corrupt_document', 'The document has no tables.');
    return new DocFile(main, tables, file.find('Data') ?? Buffer.alloc(0));
  }

  /** The bytes of one of the file's tables; empty when it has none. */
  tableBytes(index: number): Buffer {
    const at = 0x9a + 8 * index;
    const [offset, length] = [this.main.readUInt32LE(at), this.main.readUInt32LE(at + 4)];
    return this.table.subarray(offset, offset + length);
  }

  /** The table stream from the beginning of one of the file's tables. */
  bytesFrom(index: number): Buffer {
    return this.table.subarray(this.main.readUInt32LE(0x9a + 8 * index));
  }

  /** First character of a story, and the one after its last. */
  storyRange(name: StoryName): [start: number, end: number] {
    const place = storyNames.indexOf(name);
    const start = this.lengths.slice(0, place).reduce((sum, length) => sum + length, 0);
    return [start, start + (this.lengths[place] ?? 0)];
  }

  /** Yields all characters from `start` to `end`, in stretches that are contiguous in the file. */
  *stretches(
    start: number,
    end: number,
  ): Generator<{ text: string; start: number; fileOffset(index: number): number }> {
    for (const piece of this.pieces) {
      const from = Math.max(start, piece.start);
      const to = Math.min(end, piece.start + piece.text.length);
      if (from >= to) continue;
      const skipped = from - piece.start;
      yield {
        text: piece.text.slice(skipped, to - piece.start),
        start: from,
        fileOffset: (index) => piece.position + (skipped + index) * piece.bytesPerCharacter,
      };
    }
  }

  private readPieces(): Piece[] {
    // the header's length is wrong in some files; the table itself contains its end
    const clx = this.bytesFrom(readTable.pieces);
    let at = 0;
    while (clx.readUInt8(at) === 1) at += 3 + clx.readUInt16LE(at + 1);
    if (clx.readUInt8(at) !== 2) throw new Problem('corrupt_document');
    const plc = clx.subarray(at + 5, at + 5 + clx.readUInt32LE(at + 1));
    const count = Math.floor((plc.length - 4) / 12);
    const pieces: Piece[] = [];
    let total = 0;
    for (let i = 0; i < count; i++) {
      const start = plc.readUInt32LE(i * 4);
      const length = plc.readUInt32LE(i * 4 + 4) - start;
      const place = plc.readUInt32LE((count + 1) * 4 + i * 8 + 2);
      total += length;
      // pieces may share bytes: the sum must be bounded, not only each of them
      if (length < 0 || total > maxCharacters) throw new Problem('too_large');
      pieces.push(this.piece(start, length, place));
    }
    return pieces;
  }

  private piece(start: number, length: number, place: number): Piece {
    const narrow = (place & 0x40000000) !== 0;
    const position = narrow ? (place & 0x3fffffff) >>> 1 : place & 0x3fffffff;
    const bytesPerCharacter = narrow ? 1 : 2;
    const bytes = this.main.subarray(position, position + length * bytesPerCharacter);
    const text = narrow ? windows1252.decode(bytes) : bytes.toString('utf16le');
    return { start, text, position, bytesPerCharacter };
  }
}

const savedFast = 0x04;
const wideLetters = 0x1000;

/** The text of Word 6 and 95 files. */
export function textOfOldFile(bytes: Buffer): string {
  const main = new CompoundFile(bytes).find('WordDocument');
  if (!main) throw new Problem('corrupt_document', 'The file holds no Word document.');
  const text = oldText(main);
  if ((main.readUInt16LE(0x0a) & wideLetters) !== 0) return withoutInstructions(text.toString('utf16le'));
  // Fonts for Cyrillic or Greek tell the code page in these files; the letters tell it as well.
  const plain = text.map((byte) => (byte < 0x20 && byte !== 0x0d ? 0x20 : byte));
  const encoding = detectEncoding(Buffer.from(plain), false) ?? 'windows-1252';
  return withoutInstructions(new TextDecoder(encoding).decode(text));
}

const maxFieldDepth = 50;
const field = { begin: '\x13', separator: '\x14', end: '\x15' };

/** Fields show their results, not their instructions. */
function withoutInstructions(text: string): string {
  if (!text.includes(field.begin)) return text;
  let shown = '';
  // for each open field, whether its instruction is read
  const open: boolean[] = [];
  for (const character of text) {
    if (character === field.begin) {
      if (open.length < maxFieldDepth) open.push(true);
    } else if (character === field.separator) open.splice(-1, 1, false);
    else if (character === field.end) open.pop();
    else if (!open.includes(true)) shown += character;
  }
  return shown;
}

/** A file that was saved fast keeps its old text; a table tells which pieces of it are still valid. */
function oldText(main: Buffer): Buffer {
  const whole = main.subarray(main.readUInt32LE(0x18), main.readUInt32LE(0x1c));
  const flags = main.readUInt16LE(0x0a);
  if ((flags & savedFast) === 0) return whole;
  const clx = main.subarray(main.readUInt32LE(0x160));
  let at = 0;
  while (clx.readUInt8(at) === 1) at += 3 + clx.readUInt16LE(at + 1);
  if (clx.readUInt8(at) !== 2) return whole;
  const table = clx.subarray(at + 5, at + 5 + clx.readUInt32LE(at + 1));
  const count = Math.max(0, Math.floor((table.length - 4) / 12));
  const letterBytes = (flags & wideLetters) === 0 ? 1 : 2;
  let left = main.length;
  const pieces: Buffer[] = [];
  for (let i = 0; i < count; i++) {
    const letters = table.readUInt32LE(i * 4 + 4) - table.readUInt32LE(i * 4);
    const length = Math.min(left, Math.max(0, letters * letterBytes));
    const from = table.readUInt32LE((count + 1) * 4 + i * 8 + 2);
    left -= length;
    pieces.push(main.subarray(from, from + length));
  }
  return Buffer.concat(pieces);
}

const windows1252 = new TextDecoder('windows-1252');
