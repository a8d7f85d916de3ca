import { readSprms } from './doc-sprms.js';

/** How characters are drawn; a missing switch leaves what holds around. */
export interface CharacterFormat {
  deleted?: boolean;
  hidden?: boolean;
  struck?: boolean;
  doubleStruck?: boolean;
  position?: 'raised' | 'lowered' | 'line';
  white?: boolean;
  shaded?: boolean;
  /** Number of the font. */
  font?: number;
  /** A letter of a symbol font that stands in place of the text's own. */
  symbol?: { font: number; code: number };
  /** Place of the description of a form field or a picture in the data stream. */
  data?: number;
  /** Switches that turn around what the style has. */
  inverts?: ('hidden' | 'struck')[];
}

export const plainCharacter: CharacterFormat = {};

const sprm = {
  deleted: 0x0800,
  hidden: 0x083c,
  struck: 0x0837,
  doubleStruck: 0x2a53,
  position: 0x2a48,
  style: 0x4a30,
  shift: 0x4845,
  font: 0x4a4f,
  symbol: 0x6a09,
  colour: 0x6870,
  colourIndex: 0x2a42,
  shade: 0xca71,
  highlight: 0x2a0c,
  data: 0x6a03,
};
const whiteIndex = 8;
const positions = ['line', 'raised', 'lowered'] as const;

/** @param styles by number, for runs that name one */
export function characterFormat(properties: Buffer, styles: readonly CharacterFormat[]): CharacterFormat {
  let format: CharacterFormat = {};
  for (const { code, operand } of readSprms(properties)) {
    const value = operand[0] ?? 0;
    if (code === sprm.style && operand.length >= 2)
      format = { ...format, ...styles[operand.readUInt16LE(0)] };
    else if (code === sprm.deleted) format.deleted = (value & 1) === 1;
    else if (code === sprm.doubleStruck) format.doubleStruck = value === 1;
    else if (code === sprm.position) format.position = positions[value] ?? 'line';
    else if (code === sprm.shift && operand.length >= 2)
      format.position ??= shiftedBy(operand.readInt16LE(0));
    else if (code === sprm.font && operand.length >= 2) format.font = operand.readUInt16LE(0);
    else if (code === sprm.symbol && operand.length >= 4)
      format.symbol = { font: operand.readUInt16LE(0), code: operand.readUInt16LE(2) };
    else if (code === sprm.data && operand.length >= 4) format.data = operand.readUInt32LE(0);
    else if (code === sprm.colour) format.white = operand.toString('hex').startsWith('ffffff00');
    else if (code === sprm.colourIndex) format.white = value === whiteIndex;
    else if (code === sprm.shade) format.shaded = !/^(?:f{6}00|.{6}ff)/.test(operand.toString('hex', 5));
    else if (code === sprm.highlight) format.shaded = value !== 0;
    else if (code === sprm.hidden) toggle(format, 'hidden', value);
    else if (code === sprm.struck) toggle(format, 'struck', value);
  }
  return format;
}

/** @param halfPoints a shift of less than 2 points is not a superscript */
function shiftedBy(halfPoints: number): CharacterFormat['position'] {
  return Math.abs(halfPoints) < 4 ? 'line' : halfPoints > 0 ? 'raised' : 'lowered';
}

/** 0x80 stands for what the style has, 0x81 for its opposite. */
function toggle(format: CharacterFormat, name: 'hidden' | 'struck', value: number): void {
  if (value === 0x81) format.inverts = [...(format.inverts ?? []), name];
  else if (value <= 1) format[name] = value === 1;
}

export function combined(base: CharacterFormat, own: CharacterFormat): CharacterFormat {
  const { inverts = [], ...direct } = own;
  const format = { ...base, ...direct };
  for (const name of inverts) format[name] = !(base[name] ?? false);
  return format;
}
