import { readTable, type DocFile } from './doc-file.js';
import { ListNumbers, type ListLevel, type NumberedList } from '../shared/list-numbers.js';

const formats = new Map([
  [1, 'upperRoman'],
  [2, 'lowerRoman'],
  [3, 'upperLetter'],
  [4, 'lowerLetter'],
  [22, 'decimalZero'],
  [23, 'bullet'],
  [255, 'none'],
]);

/** The lists of a binary document, by the 1-based number of the override that paragraphs refer to. */
export function docNumbering(file: DocFile): ListNumbers {
  const definitions = listDefinitions(file.tableBytes(readTable.lists), file);
  const overrides = file.tableBytes(readTable.listOverrides);
  const lists = new Map<string, NumberedList>();
  const count =
    overrides.length < 4 ? 0 : Math.min(overrides.readUInt32LE(0), Math.floor((overrides.length - 4) / 16));
  const changes = new OverrideReader(overrides, 4 + count * 16);
  for (let i = 0; i < count; i++) {
    const id = overrides.readInt32LE(4 + i * 16);
    const levels = definitions.get(id);
    const restarts = changes.next(overrides.readUInt8(4 + i * 16 + 12));
    if (levels) lists.set(String(i + 1), { abstract: String(id), levels, restarts });
  }
  return new ListNumbers(lists);
}

/** Reads the changes that each use of a list makes to its levels. */
class OverrideReader {
  constructor(
    private readonly bytes: Buffer,
    private at: number,
  ) {}

  /** @returns the levels that begin again, with their first numbers */
  next(levels: number): Map<number, number> {
    const restarts = new Map<number, number>();
    const { bytes } = this;
    this.at += 4;
    for (let i = 0; i < levels && this.at + 8 <= bytes.length; i++) {
      const [start, flags] = [bytes.readInt32LE(this.at), bytes.readUInt32LE(this.at + 4)];
      this.at += 8;
      if ((flags & 0x10) !== 0 && start >= 0) restarts.set(flags & 0xf, start);
      if ((flags & 0x20) !== 0) this.skipLevel();
    }
    return restarts;
  }

  private skipLevel(): void {
    const reader = new LevelReader(this.bytes.subarray(Math.min(this.at, this.bytes.length)));
    this.at = reader.next() ? this.at + reader.length : this.bytes.length;
  }
}

function listDefinitions(heads: Buffer, file: DocFile): Map<number, ListLevel[]> {
  const definitions = new Map<number, ListLevel[]>();
  if (heads.length < 2) return definitions;
  const count = Math.min(heads.readUInt16LE(0), Math.floor((heads.length - 2) / 28));
  // the levels follow after the part that the header counts as the table
  const levels = new LevelReader(file.bytesFrom(readTable.lists).subarray(heads.length));
  for (let i = 0; i < count; i++) {
    const head = 2 + i * 28;
    const simple = (heads.readUInt8(head + 26) & 1) !== 0;
    const read: ListLevel[] = [];
    for (let j = simple ? 1 : 9; j > 0; j--) {
      const level = levels.next();
      // lists from here on are lost, the text is not
      if (!level) return definitions;
      read.push(level);
    }
    definitions.set(heads.readInt32LE(head), read);
  }
  return definitions;
}

class LevelReader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  /** Bytes read so far. */
  get length(): number {
    return this.at;
  }

  /** Null where the table is cut off. */
  next(): ListLevel | null {
    const { bytes, at } = this;
    if (at + 28 > bytes.length) return null;
    const start = bytes.readInt32LE(at);
    const format = bytes.readUInt8(at + 4);
    const flags = bytes.readUInt8(at + 5);
    const after = bytes.readUInt8(at + 26);
    const text = at + 28 + bytes.readUInt8(at + 24) + bytes.readUInt8(at + 25);
    if (text + 2 > bytes.length) return null;
    this.at = text + 2 + bytes.readUInt16LE(text) * 2;
    if (this.at > bytes.length) return null;
    // the characters 0 to 8 stand for the numbers of the levels
    let template = '';
    for (const one of bytes.toString('utf16le', text + 2, this.at).slice(0, 100))
      template += one <= '\b' ? `%${one.charCodeAt(0) + 1}` : one;
    return {
      format: formats.get(format) ?? 'decimal',
      text: template,
      start: Math.max(0, start),
      style: undefined,
      legal: (flags & 0x04) !== 0,
      ...((flags & 0x08) !== 0 && { restartAfter: after }),
    };
  }
}
