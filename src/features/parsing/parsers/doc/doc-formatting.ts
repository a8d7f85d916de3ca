import { tableOf, type DocFile } from './doc-file.js';

/** What the formatting of a paragraph says about its place in the document. */
export interface ParagraphFormat {
  /** 0 for a title, 1 to 9 for headings. */
  headingLevel: number | null;
  /** Depth of table nesting; 0 outside of tables. */
  tableDepth: number;
  endsRow: boolean;
  /** 1-based number of a list override, 0 for none; and the level in it. */
  list: number;
  listLevel: number;
}

interface Run<T> {
  start: number;
  end: number;
  value: T;
}

const plain: ParagraphFormat = { headingLevel: null, tableDepth: 0, endsRow: false, list: 0, listLevel: 0 };
const sprm = {
  inTable: 0x2416,
  endsRow: 0x2417,
  depth: 0x6649,
  outline: 0x2640,
  list: 0x460b,
  level: 0x260a,
  deleted: 0x0800,
  hidden: 0x083c,
};

/** Paragraph and character formatting by place in the file. */
export class DocFormatting {
  private readonly styles: ParagraphFormat[];
  private readonly paragraphs: Run<ParagraphFormat>[];
  private readonly invisible: Run<true>[];

  constructor(private readonly file: DocFile) {
    this.styles = this.readStyles();
    this.paragraphs = this.readRuns(tableOf.paragraphRuns, 13, (page, entry) =>
      this.paragraphAt(page, entry),
    );
    this.invisible = this.readRuns(
      tableOf.characterRuns,
      1,
      (page, entry) => isInvisible(page, entry) || null,
    );
  }

  paragraph(fileOffset: number): ParagraphFormat {
    return at(this.paragraphs, fileOffset) ?? plain;
  }

  /** Deleted by a tracked change, or hidden. */
  isInvisible(fileOffset: number): boolean {
    return at(this.invisible, fileOffset) === true;
  }

  /** Pages of 512 bytes hold runs: their limits, then an entry for each, which leads to its properties. */
  private readRuns<T>(
    table: number,
    entrySize: number,
    read: (page: Buffer, entry: number) => T | null,
  ): Run<T>[] {
    const bins = this.file.tableBytes(table);
    const count = Math.max(0, Math.floor((bins.length - 4) / 8));
    const runs: Run<T>[] = [];
    for (let i = 0; i < count; i++) {
      const offset = (bins.readUInt32LE((count + 1) * 4 + i * 4) & 0x3fffff) * 512;
      const page = this.file.main.subarray(offset, offset + 512);
      if (page.length < 512) continue;
      const size = page.readUInt8(511);
      if ((size + 1) * 4 + size * entrySize > 511) continue;
      for (let j = 0; j < size; j++) {
        const value = read(page, (size + 1) * 4 + j * entrySize);
        if (value !== null)
          runs.push({ start: page.readUInt32LE(j * 4), end: page.readUInt32LE(j * 4 + 4), value });
      }
    }
    return runs.sort((a, b) => a.start - b.start);
  }

  private paragraphAt(page: Buffer, entry: number): ParagraphFormat {
    const offset = page.readUInt8(entry) * 2;
    if (offset === 0) return plain;
    const half = page.readUInt8(offset);
    const [start, length] =
      half === 0 ? [offset + 2, page.readUInt8(offset + 1) * 2] : [offset + 1, half * 2 - 1];
    const properties = page.subarray(start, Math.min(511, start + length));
    if (properties.length < 2) return plain;
    return withSprms(this.styles[properties.readUInt16LE(0)] ?? plain, properties.subarray(2));
  }

  private readStyles(): ParagraphFormat[] {
    const sheet = this.file.tableBytes(tableOf.styles);
    if (sheet.length < 8) return [];
    const [headerSize, count, fixedSize] = [
      sheet.readUInt16LE(0),
      sheet.readUInt16LE(2),
      sheet.readUInt16LE(4),
    ];
    const raw: RawStyle[] = [];
    for (let offset = 2 + headerSize; raw.length < count && offset + 2 <= sheet.length;) {
      const size = sheet.readUInt16LE(offset);
      raw.push(rawStyle(sheet.subarray(offset + 2, offset + 2 + size), fixedSize));
      offset += 2 + size + (size % 2);
    }
    return raw.map((_, index) => resolved(raw, index));
  }
}

interface RawStyle {
  level: number | null;
  base: number;
  sprms: Buffer;
}

const noStyle: RawStyle = { level: null, base: 0xfff, sprms: Buffer.alloc(0) };

function rawStyle(style: Buffer, fixedSize: number): RawStyle {
  if (style.length < fixedSize + 2 || fixedSize < 8) return noStyle;
  const builtIn = style.readUInt16LE(0) & 0xfff;
  const kind = style.readUInt16LE(2) & 0xf;
  const base = style.readUInt16LE(2) >> 4;
  const level = builtIn >= 1 && builtIn <= 9 ? builtIn : builtIn === 62 ? 0 : null;
  const afterName = fixedSize + 2 + style.readUInt16LE(fixedSize) * 2 + 2;
  if (kind !== 1 || afterName + 4 > style.length) return { ...noStyle, level, base };
  const size = style.readUInt16LE(afterName);
  return { level, base, sprms: style.subarray(afterName + 4, afterName + 2 + size) };
}

/** Formatting that a style has after all it is based on. */
function resolved(raw: RawStyle[], index: number): ParagraphFormat {
  const chain: RawStyle[] = [];
  for (let one = raw[index]; one && chain.length < 20; one = raw[one.base]) chain.unshift(one);
  let format = plain;
  for (const { level, sprms } of chain)
    format = withSprms(level === null ? format : { ...format, headingLevel: level }, sprms);
  return format;
}

function withSprms(base: ParagraphFormat, bytes: Buffer): ParagraphFormat {
  const format = { ...base };
  for (const { code, operand } of sprmsOf(bytes)) {
    const value =
      operand.length === 1
        ? operand.readUInt8(0)
        : operand.length === 2
          ? operand.readUInt16LE(0)
          : operand.length === 4
            ? operand.readUInt32LE(0)
            : 0;
    if (code === sprm.inTable) format.tableDepth = value === 0 ? 0 : Math.max(1, format.tableDepth);
    else if (code === sprm.depth) format.tableDepth = value;
    else if (code === sprm.endsRow) format.endsRow = value === 1;
    else if (code === sprm.list) format.list = value === 0xf801 ? 0 : value;
    else if (code === sprm.level) format.listLevel = Math.min(8, value);
    else if (code === sprm.outline) format.headingLevel = value < 9 ? value + 1 : null;
  }
  return format;
}

function isInvisible(page: Buffer, entry: number): boolean {
  const offset = page.readUInt8(entry) * 2;
  if (offset === 0) return false;
  const properties = page.subarray(offset + 1, Math.min(511, offset + 1 + page.readUInt8(offset)));
  // 0x81 switches on what the style has off
  return [...sprmsOf(properties)].some(
    ({ code, operand }) => (code === sprm.deleted || code === sprm.hidden) && ((operand[0] ?? 0) & 1) === 1,
  );
}

const operandSizes = [1, 1, 2, 4, 2, 2, -1, 3];

/** Single property modifiers: a code whose upper bits tell the size of its operand. */
function* sprmsOf(bytes: Buffer): Generator<{ code: number; operand: Buffer }> {
  for (let offset = 0; offset + 2 < bytes.length;) {
    const code = bytes.readUInt16LE(offset);
    offset += 2;
    let size = operandSizes[code >> 13] ?? 1;
    if (size === -1) {
      // table definitions have a length of two bytes, which counts one too many
      const wide = code === 0xd608 || code === 0xd606;
      if (wide && offset + 2 > bytes.length) return;
      size = wide ? bytes.readUInt16LE(offset) + 1 : bytes.readUInt8(offset) + 1;
    }
    yield { code, operand: bytes.subarray(offset, offset + size) };
    offset += size;
  }
}

function at<T>(runs: Run<T>[], offset: number): T | undefined {
  let [low, high] = [0, runs.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const run = runs[middle];
    if (!run) return undefined;
    if (offset < run.start) high = middle - 1;
    else if (offset >= run.end) low = middle + 1;
    else return run.value;
  }
  return undefined;
}
