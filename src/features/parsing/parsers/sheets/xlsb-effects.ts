import type { OfficePackage } from '../shared/ooxml.js';
import type { BiffString } from './biff-strings.js';
import {
  CellFonts,
  cellKey,
  effectsOf,
  type CellEffects,
  type DrawnSheet,
  type SheetFont,
} from './cell-fonts.js';

/** Numbers of records, [MS-XLSB] 2.3. */
const record = {
  row: 0,
  firstCell: 1,
  sharedText: 7,
  /** Cells without a column of their own: they follow the one before. */
  firstShort: 12,
  shortSharedText: 18,
  string: 19,
  font: 43,
  fill: 45,
  style: 47,
  view: 137,
  sheet: 156,
  beginStyles: 617,
  endStyles: 618,
};
const isStruck = 0x0008;
const showsZeros = 0x0010;
const isRich = 1;
const colour = { kind: 0xfe, indexed: 2, rgb: 4, theme: 6 };
const maxStrings = 2_000_000;

/**
 * Reads struck, raised, lowered and white text of a workbook in Excel's binary format.
 * @returns null for a package without styles
 */
export function readBinaryPackageEffects(office: OfficePackage): CellEffects | null {
  const main = office.mainPart();
  const relationships = office.relationships(main);
  const part = (type: string): Buffer | null => {
    const found = [...relationships.values()].find((one) => one.type === type && !one.external);
    return found ? office.bytes(found.target) : null;
  };
  const styles = part('styles');
  const book = office.bytes(main);
  if (!styles || !book) return null;
  const fonts = readStyles(styles);
  if (fonts.matter) fonts.strings = readStrings(part('sharedStrings'));
  const parts = new Map<string, string>();
  for (const { type, data } of records(book)) {
    if (type !== record.sheet) continue;
    const [id, next] = wideText(data, 8);
    const target = relationships.get(id);
    if (target && !target.external) parts.set(wideText(data, next)[0], target.target);
  }
  return effectsOf((sheet) => {
    const name = parts.get(sheet);
    const bytes = name === undefined ? null : office.bytes(name);
    return bytes ? readSheet(bytes, fonts) : undefined;
  });
}

/** The type takes one or two bytes, the length up to four; a last byte has no high bit. */
function* records(bytes: Buffer): Generator<{ type: number; data: Buffer }> {
  for (let at = 0; at < bytes.length;) {
    let type = bytes[at++] ?? 0;
    if (type > 0x7f) type = (type & 0x7f) | (((bytes[at++] ?? 0) & 0x7f) << 7);
    let length = 0;
    for (let place = 0; place < 4; place++) {
      const byte = bytes[at++] ?? 0;
      length |= (byte & 0x7f) << (7 * place);
      if (byte <= 0x7f) break;
    }
    yield { type, data: bytes.subarray(at, at + length) };
    at += length;
  }
}

function readStyles(bytes: Buffer): CellFonts {
  const fonts = new CellFonts();
  const fills: boolean[] = [];
  let inStyles = false;
  for (const { type, data } of records(bytes)) {
    if (type === record.font) fonts.fonts.push(readFont(data));
    else if (type === record.fill && data.length >= 12) {
      const pattern = data.readUInt32LE(0);
      fills.push(pattern !== 0 && !(pattern === 1 && isWhite(data.subarray(4))));
    } else if (type === record.beginStyles || type === record.endStyles)
      inStyles = type === record.beginStyles;
    else if (type === record.style && inStyles && data.length >= 8)
      fonts.styles.push({ font: data.readUInt16LE(4), filled: fills[data.readUInt16LE(6)] ?? false });
  }
  return fonts;
}

function readFont(data: Buffer): SheetFont {
  if (data.length < 20) return { white: false };
  const position = data.readUInt16LE(6);
  return {
    raised: position === 1,
    lowered: position === 2,
    struck: (data.readUInt16LE(2) & isStruck) !== 0,
    white: isWhite(data.subarray(12)),
  };
}

/** A colour is white by its value, by its number, or as the light one of the theme. */
function isWhite(data: Buffer): boolean {
  const [flags = 0, index = 0] = data;
  switch (flags & colour.kind) {
    case colour.rgb:
      return data.readUIntLE(4, 3) === 0xffffff;
    case colour.theme:
      return index === 0 && data.readInt16LE(2) === 0;
    case colour.indexed:
      return index === 1 || index === 9 || index === 65;
    default:
      return false;
  }
}

function readStrings(bytes: Buffer | null): BiffString[] {
  const strings: BiffString[] = [];
  for (const { type, data } of bytes ? records(bytes) : []) {
    if (type !== record.string || strings.length >= maxStrings) continue;
    const [text, next] = wideText(data, 1);
    const runs: BiffString['runs'] = [];
    if (((data[0] ?? 0) & isRich) !== 0 && next + 4 <= data.length)
      for (let at = next + 4; at + 4 <= data.length && runs.length < data.readUInt32LE(next); at += 4)
        runs.push({ from: data.readUInt16LE(at), font: data.readUInt16LE(at + 2) });
    strings.push({ text, runs });
  }
  return strings;
}

function readSheet(bytes: Buffer, fonts: CellFonts): DrawnSheet {
  const sheet: DrawnSheet = { cells: new Map(), hidesZeros: false };
  let [row, column] = [0, -1];
  for (const { type, data } of records(bytes)) {
    if (type === record.view && data.length >= 2)
      sheet.hidesZeros = (data.readUInt16LE(0) & showsZeros) === 0;
    else if (type === record.row && data.length >= 4) [row, column] = [data.readUInt32LE(0), -1];
    if (type < record.firstCell || type > record.shortSharedText || data.length < 4) continue;
    const isShort = type >= record.firstShort;
    column = isShort ? column + 1 : data.readUInt32LE(0);
    const look = data.subarray(isShort ? 0 : 4);
    if (!fonts.matter || look.length < 3) continue;
    const isShared = type === record.sharedText || type === record.shortSharedText;
    const drawn = fonts.drawn(
      look.readUIntLE(0, 3),
      isShared && look.length >= 8 ? look.readUInt32LE(4) : null,
    );
    if (drawn) sheet.cells.set(cellKey(row, column), drawn);
  }
  return sheet;
}

/** A text with its length in letters before it, and where it ends. */
function wideText(data: Buffer, at: number): [text: string, next: number] {
  if (at + 4 > data.length) return ['', data.length];
  const end = Math.min(data.length, at + 4 + data.readUInt32LE(at) * 2);
  return [data.toString('utf16le', at + 4, end), end];
}
