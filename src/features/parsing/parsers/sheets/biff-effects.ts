import { withEffects, type TextEffects } from '../shared/text-marks.js';
import { readSharedStrings, type BiffString } from './biff-strings.js';

const record = {
  end: 0x0a,
  font: 0x31,
  continue: 0x3c,
  boundSheet: 0x85,
  style: 0xe0,
  strings: 0xfc,
  label: 0xfd,
  begin: 0x809,
  /** Cells with a number, a formula, a logical value or a text of their own. */
  cells: new Set([0x06, 0x203, 0x204, 0x205, 0x27e]),
  numbers: 0xbd,
};
const version8 = 0x0600;
const isStruck = 0x0008;

type Change = (text: string) => string;

/** Changes the text of a cell to what its reader sees; both numbers are 0-based. */
export type CellEffects = (sheet: string, row: number, column: number, text: string) => string;

/**
 * Reads struck, raised and lowered text of a workbook of Excel 97 to 2003: SheetJS leaves out the fonts.
 * @param stream the records of the workbook
 * @returns null where the workbook has no such font, and for other versions
 */
export function readCellEffects(stream: Buffer): CellEffects | null {
  return new BiffFonts(stream).effects();
}

interface BiffRecord {
  type: number;
  data: Buffer;
}

class BiffFonts {
  private readonly fonts: TextEffects[] = [];
  /** The font of each cell style. */
  private readonly styles: number[] = [];
  private readonly sheets: { name: string; offset: number }[] = [];
  private strings: BiffString[] = [];

  constructor(private readonly stream: Buffer) {}

  effects(): CellEffects | null {
    if (this.stream.length < 8 || this.stream.readUInt16LE(4) !== version8) return null;
    this.readGlobals();
    if (!this.fonts.some(isVisible)) return null;
    const changes = new Map(this.sheets.map(({ name, offset }) => [name, this.readCells(offset)]));
    return (sheet, row, column, text) => changes.get(sheet)?.get(cellKey(row, column))?.(text) ?? text;
  }

  private readGlobals(): void {
    const strings: Buffer[] = [];
    let continued = false;
    for (const { type, data } of this.records(0)) {
      if (type === record.continue && continued) strings.push(data);
      continued = type === record.strings || (type === record.continue && continued);
      if (type === record.strings) strings.push(data);
      else if (type === record.font) this.fonts.push(fontEffects(data));
      else if (type === record.style && data.length >= 2) this.styles.push(data.readUInt16LE(0));
      else if (type === record.boundSheet && data.length >= 8)
        this.sheets.push({ name: sheetName(data), offset: data.readUInt32LE(0) });
    }
    if (this.fonts.some(isVisible)) this.strings = readSharedStrings(strings);
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

  private readCells(offset: number): Map<number, Change> {
    const changes = new Map<number, Change>();
    for (const { type, data } of this.records(offset)) {
      if (data.length < 6) continue;
      const [row, column] = [data.readUInt16LE(0), data.readUInt16LE(2)];
      if (type === record.numbers) this.readNumbers(data, row, column, changes);
      else if (type === record.label || record.cells.has(type)) {
        const change =
          (type === record.label && data.length >= 10 && this.richChange(data)) ||
          this.styleChange(data.readUInt16LE(4));
        if (change) changes.set(cellKey(row, column), change);
      }
    }
    return changes;
  }

  /** Several numbers beside one another: a style and a number for each. */
  private readNumbers(data: Buffer, row: number, first: number, changes: Map<number, Change>): void {
    for (let at = 4, column = first; at + 8 <= data.length; at += 6, column++) {
      const change = this.styleChange(data.readUInt16LE(at));
      if (change) changes.set(cellKey(row, column), change);
    }
  }

  private styleChange(style: number): Change | null {
    const effects = this.font(this.styles[style] ?? 0);
    return isVisible(effects) ? (text) => withEffects(text, effects) : null;
  }

  /** A string of which some letters have fonts of their own. */
  private richChange(data: Buffer): Change | null {
    const string = this.strings[data.readUInt32LE(6)];
    if (!string || string.runs.length === 0) return null;
    const runs = [{ from: 0, font: this.styles[data.readUInt16LE(4)] ?? 0 }, ...string.runs];
    if (!runs.some(({ font }) => isVisible(this.font(font)))) return null;
    const text = runs
      .map(({ from, font }, index) =>
        withEffects(string.text.slice(from, runs[index + 1]?.from), this.font(font)),
      )
      .join('');
    return () => text;
  }

  /** Number 4 stands for no font. */
  private font(number: number): TextEffects {
    return this.fonts[number > 4 ? number - 1 : number] ?? {};
  }
}

function fontEffects(data: Buffer): TextEffects {
  if (data.length < 10) return {};
  const position = data.readUInt16LE(8);
  return {
    raised: position === 1,
    lowered: position === 2,
    struck: (data.readUInt16LE(2) & isStruck) !== 0,
  };
}

function isVisible({ raised, lowered, struck }: TextEffects): boolean {
  return (raised ?? false) || (lowered ?? false) || (struck ?? false);
}

function sheetName(data: Buffer): string {
  const length = data.readUInt8(6);
  return (data.readUInt8(7) & 1) === 1
    ? data.toString('utf16le', 8, 8 + length * 2)
    : data.toString('latin1', 8, 8 + length);
}

const cellKey = (row: number, column: number): number => row * 0x100 + column;
