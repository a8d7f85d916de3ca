import { characterFormat, combined, plainCharacter, type CharacterFormat } from './doc-characters.js';
import { readTable, type DocFile } from './doc-file.js';
import { readSprms } from './doc-sprms.js';
import { fontNames } from './doc-fonts.js';
import { cellPlaces } from './doc-table-rows.js';
import { symbolCharacter, symbolLetters } from '../shared/symbol-fonts.js';
import type { CellPlace } from '../shared/spread-rows.js';

/** Properties of a paragraph that determine its role in the document. */
export interface ParagraphFormat {
  /** 0 for a title, 1 to 9 for headings. */
  headingLevel: number | null;
  /** Depth of table nesting; 0 outside of tables. */
  tableDepth: number;
  endsRow: boolean;
  /** Ends a cell or a row of a table within a cell. */
  inner: 'cell' | 'row' | null;
  /** Where the cells of the row stand that the paragraph ends. */
  places: CellPlace[];
  /** 1-based number of a list override, 0 for none; and the level in it. */
  list: number;
  listLevel: number;
  /** Number of its style. */
  style: number;
}

interface Run<T> {
  start: number;
  end: number;
  value: T;
}

const plain: ParagraphFormat = {
  headingLevel: null,
  tableDepth: 0,
  endsRow: false,
  inner: null,
  places: [],
  list: 0,
  listLevel: 0,
  style: 0,
};
const sprm = {
  inTable: 0x2416,
  endsRow: 0x2417,
  depth: 0x6649,
  outline: 0x2640,
  list: 0x460b,
  level: 0x260a,
  cells: 0xd608,
  innerCell: 0x244b,
  innerRow: 0x244c,
};

/** Paragraph and character formatting by place in the file. */
export class DocFormatting {
  private readonly styles: ParagraphFormat[];
  private readonly paragraphs: Run<ParagraphFormat>[];
  private readonly drawn: Run<CharacterFormat>[];
  private readonly characterStyles: CharacterFormat[];
  private readonly fonts: string[];

  constructor(private readonly file: DocFile) {
    const raw = this.readStyles();
    this.fonts = fontNames(file.tableBytes(readTable.fonts));
    this.styles = raw.map((_, index) => resolved(raw, index));
    this.characterStyles = raw.map((_, index) => resolvedCharacters(raw, index));
    this.paragraphs = this.readRuns(readTable.paragraphRuns, 13, (page, entry) =>
      this.paragraphAt(page, entry),
    );
    this.drawn = this.readRuns(readTable.characterRuns, 1, (page, entry) => this.characterAt(page, entry));
  }

  paragraph(fileOffset: number): ParagraphFormat {
    return at(this.paragraphs, fileOffset) ?? plain;
  }

  /** How a character is drawn: by the style of its paragraph, by its own style, and directly. */
  character(fileOffset: number, paragraph: ParagraphFormat): CharacterFormat {
    const base = this.characterStyles[paragraph.style] ?? plainCharacter;
    const own = at(this.drawn, fileOffset);
    return own ? combined(base, own) : base;
  }

  /** The letter that a reader sees: symbol fonts draw other signs for it. */
  letter(character: string, { font, symbol }: CharacterFormat): string {
    if (symbol) return symbolCharacter(this.fonts[symbol.font] ?? '', symbol.code.toString(16));
    return font === undefined ? character : symbolLetters(character, this.fonts[font] ?? '');
  }

  private characterAt(page: Buffer, entry: number): CharacterFormat | null {
    const offset = page.readUInt8(entry) * 2;
    if (offset === 0) return null;
    const properties = page.subarray(offset + 1, Math.min(511, offset + 1 + page.readUInt8(offset)));
    return characterFormat(properties, this.characterStyles);
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
    const style = properties.readUInt16LE(0);
    return { ...withSprms(this.styles[style] ?? plain, properties.subarray(2)), style };
  }

  private readStyles(): RawStyle[] {
    const sheet = this.file.tableBytes(readTable.styles);
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
    return raw;
  }
}

interface RawStyle {
  level: number | null;
  base: number;
  sprms: Buffer;
  /** Modifiers of its characters. */
  characters: Buffer;
}

const nothing = Buffer.alloc(0);
const noStyle: RawStyle = { level: null, base: 0xfff, sprms: nothing, characters: nothing };

function rawStyle(style: Buffer, fixedSize: number): RawStyle {
  if (style.length < fixedSize + 2 || fixedSize < 8) return noStyle;
  const builtIn = style.readUInt16LE(0) & 0xfff;
  const kind = style.readUInt16LE(2) & 0xf;
  const base = style.readUInt16LE(2) >> 4;
  const level = builtIn >= 1 && builtIn <= 9 ? builtIn : builtIn === 62 ? 0 : null;
  const afterName = fixedSize + 2 + style.readUInt16LE(fixedSize) * 2 + 2;
  const [first, afterFirst] = sizedBlock(style, afterName);
  if (kind === 2) return { ...noStyle, base, characters: first };
  if (kind !== 1) return { ...noStyle, level, base };
  return { level, base, sprms: first.subarray(2), characters: sizedBlock(style, afterFirst)[0] };
}

/** A block behind its size in two bytes, and where the next one begins: on an even place. */
function sizedBlock(style: Buffer, offset: number): [block: Buffer, next: number] {
  if (offset + 2 > style.length) return [nothing, style.length];
  const size = style.readUInt16LE(offset);
  const end = offset + 2 + size;
  return [style.subarray(offset + 2, end), end + (end % 2)];
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

/** How the characters of a style are drawn. */
function resolvedCharacters(raw: RawStyle[], index: number): CharacterFormat {
  const chain: RawStyle[] = [];
  for (let one = raw[index]; one && chain.length < 20; one = raw[one.base]) chain.unshift(one);
  return chain.reduce(
    (format, { characters }) => combined(format, characterFormat(characters, [])),
    plainCharacter,
  );
}

function withSprms(base: ParagraphFormat, bytes: Buffer): ParagraphFormat {
  const format = { ...base };
  for (const { code, operand } of readSprms(bytes)) {
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
    else if (code === sprm.innerCell && value === 1) format.inner ??= 'cell';
    else if (code === sprm.innerRow && value === 1) format.inner = 'row';
    else if (code === sprm.cells) format.places = cellPlaces(operand);
    else if (code === sprm.list) format.list = value === 0xf801 ? 0 : value;
    else if (code === sprm.level) format.listLevel = Math.min(8, value);
    else if (code === sprm.outline) format.headingLevel = value < 9 ? value + 1 : null;
  }
  return format;
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
