import { readSharedStrings } from './biff-strings.js';
import {
  CellFonts,
  cellKey,
  effectsOf,
  type CellEffects,
  type DrawnSheet,
  type SheetFont,
} from './cell-fonts.js';

const record = {
  end: 0x0a,
  font: 0x31,
  continue: 0x3c,
  boundSheet: 0x85,
  palette: 0x92,
  style: 0xe0,
  strings: 0xfc,
  label: 0xfd,
  window: 0x23e,
  begin: 0x809,
  /** Cells with a number, a formula, a logical value or a text of their own. */
  cells: new Set([0x06, 0x203, 0x204, 0x205, 0x27e]),
  numbers: 0xbd,
};
const version8 = 0x0600;
const isStruck = 0x0008;
const showsZeros = 0x0010;
/** Colours by number: two fixed sets of eight, of which the second can be changed, and the window's own. */
const fixedWhite: ReadonlySet<number> = new Set([1, 65]);
const firstOfPalette = 8;
const whiteOfPalette = 9;

/**
 * Reads struck, raised, lowered and white text of a workbook of Excel 97 to 2003.
 * @param stream the records of the workbook
 * @returns null for other versions
 */
export function readCellEffects(stream: Buffer): CellEffects | null {
  return new BiffFonts(stream).effects();
}

interface BiffRecord {
  type: number;
  data: Buffer;
}

class BiffFonts {
  /** Number 4 stands for no font. */
  private readonly fonts = new CellFonts((number) => (number > 4 ? number - 1 : number));
  private readonly offsets = new Map<string, number>();

  constructor(private readonly stream: Buffer) {}

  effects(): CellEffects | null {
    if (this.stream.length < 8 || this.stream.readUInt16LE(4) !== version8) return null;
    this.readGlobals();
    return effectsOf((sheet) => this.readSheet(this.offsets.get(sheet)));
  }

  private readGlobals(): void {
    const strings: Buffer[] = [];
    const fonts: Buffer[] = [];
    const styles: Buffer[] = [];
    let whites: ReadonlySet<number> = new Set([...fixedWhite, whiteOfPalette]);
    let continued = false;
    for (const { type, data } of this.records(0)) {
      if (type === record.continue && continued) strings.push(data);
      continued = type === record.strings || (type === record.continue && continued);
      if (type === record.strings) strings.push(data);
      else if (type === record.font) fonts.push(data);
      else if (type === record.style && data.length >= 2) styles.push(data);
      else if (type === record.palette) whites = whitesOf(data);
      else if (type === record.boundSheet && data.length >= 8)
        this.offsets.set(sheetName(data), data.readUInt32LE(0));
    }
    for (const font of fonts) this.fonts.fonts.push(readFont(font, whites));
    for (const style of styles)
      this.fonts.styles.push({ font: style.readUInt16LE(0), filled: isFilled(style, whites) });
    if (this.fonts.matter) this.fonts.strings = readSharedStrings(strings);
  }

  /** The records of a part of the stream, without those of the charts in it. */
  private *records(start: number): Generator<BiffRecord> {
    let depth = 0;
    for (let at = start; at + 4 <= this.stream.length;) {
      const type = this.stream.readUInt16LE(at);
      const end = at + 4 + this.stream.readUInt16LE(at + 2);
      if (type === record.begin) depth++;
      if (type === record.end && --depth <= 0) return;
      if (depth <= 1) yield { type, data: this.stream.subarray(at + 4, end) };
      at = end;
    }
  }

  private readSheet(offset: number | undefined): DrawnSheet | undefined {
    if (offset === undefined) return undefined;
    const sheet: DrawnSheet = { cells: new Map(), hidesZeros: false };
    for (const { type, data } of this.records(offset)) {
      if (data.length < 6) continue;
      if (type === record.window) sheet.hidesZeros = (data.readUInt16LE(0) & showsZeros) === 0;
      if (!this.fonts.matter) continue;
      const [row, column] = [data.readUInt16LE(0), data.readUInt16LE(2)];
      if (type === record.numbers) this.readNumbers(data, row, column, sheet);
      else if (type === record.label || record.cells.has(type)) {
        const string = type === record.label && data.length >= 10 ? data.readUInt32LE(6) : null;
        const drawn = this.fonts.drawn(data.readUInt16LE(4), string);
        if (drawn) sheet.cells.set(cellKey(row, column), drawn);
      }
    }
    return sheet;
  }

  /** Several numbers beside one another: a style and a number for each. */
  private readNumbers(data: Buffer, row: number, first: number, sheet: DrawnSheet): void {
    for (let at = 4, column = first; at + 8 <= data.length; at += 6, column++) {
      const drawn = this.fonts.drawn(data.readUInt16LE(at));
      if (drawn) sheet.cells.set(cellKey(row, column), drawn);
    }
  }
}

function readFont(data: Buffer, whites: ReadonlySet<number>): SheetFont {
  if (data.length < 10) return { white: false };
  const position = data.readUInt16LE(8);
  return {
    raised: position === 1,
    lowered: position === 2,
    struck: (data.readUInt16LE(2) & isStruck) !== 0,
    white: whites.has(data.readUInt16LE(4)),
  };
}

/** A palette replaces the second set of colours. */
function whitesOf(data: Buffer): ReadonlySet<number> {
  const whites = new Set(fixedWhite);
  for (let at = 2, number = firstOfPalette; at + 3 <= data.length; at += 4, number++)
    if (data.readUIntLE(at, 3) === 0xffffff) whites.add(number);
  return whites;
}

function isFilled(style: Buffer, whites: ReadonlySet<number>): boolean {
  if (style.length < 20) return false;
  const pattern = style.readUInt32LE(14) >>> 26;
  return pattern !== 0 && !(pattern === 1 && whites.has(style.readUInt16LE(18) & 0x7f));
}

function sheetName(data: Buffer): string {
  const length = data.readUInt8(6);
  return (data.readUInt8(7) & 1) === 1
    ? data.toString('utf16le', 8, 8 + length * 2)
    : data.toString('latin1', 8, 8 + length);
}
