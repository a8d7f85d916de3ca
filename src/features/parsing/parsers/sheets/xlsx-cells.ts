import { SSF } from '@e965/xlsx';
import { withEffects, type TextEffects } from '../shared/text-marks.js';
import { columnName } from './cell-name.js';
import { maxFormat, showsNothing } from './format-sections.js';
import { withNames } from './month-names.js';
import { descend, elements, findAll, readText, type XmlElement } from '../shared/xml-tree.js';

/** How cells become text: the shared strings, the number formats, and the day that dates count from. */
export class CellFormats {
  private readonly codes = new Map<string, string>();
  private readonly byStyle: string[];
  private readonly drawn: (DrawnFont | undefined)[];
  private readonly shared = new Map<string, { text: string; row: number; column: number }>();
  /** Formulas that no application has computed yet. */
  uncomputed = 0;

  constructor(
    styles: XmlElement | null,
    private readonly strings: string[],
    private readonly date1904: boolean,
    /** Asks for every formula to be computed: a 0 is then the stand-in that libraries write. */
    private readonly isUncomputed = false,
  ) {
    for (const { attributes } of elements(descend(styles ?? undefined, 'numFmts'), 'numFmt')) {
      const code = attributes.formatCode ?? '';
      // a format is parsed again for every cell
      this.codes.set(attributes.numFmtId ?? '', code.length > maxFormat ? '' : code);
    }
    this.byStyle = elements(descend(styles ?? undefined, 'cellXfs'), 'xf').map(
      (xf) => xf.attributes.numFmtId ?? '0',
    );
    this.drawn = fontsByStyle(styles);
  }

  /** How the whole text of a cell is drawn. */
  font(cell: XmlElement): DrawnFont | undefined {
    return this.drawn[Number(cell.attributes.s ?? 0)];
  }

  /** True when the number format of a cell shows nothing for its value. */
  showsNothing(cell: XmlElement): boolean {
    const type = cell.attributes.t ?? 'n';
    if (type === 'e') return false;
    return showsNothing(this.code(cell), type === 'n' ? Number(readText(descend(cell, 'v'))) : null);
  }

  isZero(cell: XmlElement): boolean {
    const value = readText(descend(cell, 'v'));
    return (cell.attributes.t ?? 'n') === 'n' && value !== '' && Number(value) === 0;
  }

  /** A formula that has no value yet, as its author typed it; '' where there is a value or no formula. */
  uncached(cell: XmlElement, row: number, column: number): string {
    const formula = descend(cell, 'f');
    if (!formula) return '';
    const { t: type, si: group } = formula.attributes;
    const own = readText(formula).trim();
    if (type === 'shared' && group !== undefined && own !== '' && this.shared.size < maxSharedFormulas)
      this.shared.set(group, { text: own, row, column });
    // a formula may have the empty text as its value, but no empty number
    const value = descend(cell, 'v');
    const isStandIn = this.isUncomputed && readText(value) === '0' && (cell.attributes.t ?? 'n') === 'n';
    if (
      descend(cell, 'is') ||
      (value && (cell.attributes.t === 'str' || readText(value) !== '') && !isStandIn)
    )
      return '';
    const first = own === '' ? this.shared.get(group ?? '') : undefined;
    const text = first ? movedFormula(first.text, row - first.row, column - first.column) : own;
    if (text === '') return '';
    this.uncomputed++;
    return `=${text}`;
  }

  /** Text of a cell (`c`) as its reader sees it, and whether it is a number or date. */
  read(cell: XmlElement): { text: string; numeric: boolean } {
    const value = readText(descend(cell, 'v'));
    switch (cell.attributes.t) {
      case 's':
        return { text: formatText(this.strings[Number(value)] ?? '', this.code(cell)), numeric: false };
      case 'inlineStr':
        return { text: formatText(richText(descend(cell, 'is')), this.code(cell)), numeric: false };
      case 'str':
        return { text: formatText(value, this.code(cell)), numeric: false };
      case 'e':
        return { text: value, numeric: false };
      case 'b':
        return { text: value === '1' || value === 'true' ? 'TRUE' : 'FALSE', numeric: false };
      case 'd':
        return { text: value.replace(/T00:00:00(\.0+)?Z?$/, ''), numeric: true };
      default:
        if (value === '') return { text: '', numeric: false };
        return {
          text: this.number(value, this.byStyle[Number(cell.attributes.s ?? 0)] ?? '0'),
          numeric: true,
        };
    }
  }

  /** The number format that the file itself defines for a cell. */
  private code(cell: XmlElement): string {
    return this.codes.get(this.byStyle[Number(cell.attributes.s ?? 0)] ?? '') ?? '';
  }

  private number(value: string, format: string): string {
    const code = this.codes.get(format);
    return formatNumber(value, code ?? (Number(format) || 0), this.date1904);
  }
}

/** Text as the part of a format for texts shows it (`@" kg"`). */
export function formatText(text: string, code: string): string {
  if (text === '' || code.length > maxFormat || !/@/.test(code) || /^(?:general;?)*@$/i.test(code))
    return text;
  try {
    return String(SSF.format(code, text)).trim() || text;
  } catch {
    return text;
  }
}

const maxSharedFormulas = 100_000;
const maxMovedLength = 2_000;

export interface DrawnFont {
  effects: TextEffects;
  /** White letters without a fill behind them. */
  white: boolean;
}

function fontsByStyle(styles: XmlElement | null): (DrawnFont | undefined)[] {
  const fonts = elements(descend(styles ?? undefined, 'fonts'), 'font').map(readEffects);
  const whites = elements(descend(styles ?? undefined, 'fonts'), 'font').map((font) =>
    isWhite(descend(font, 'color')),
  );
  const fills = elements(descend(styles ?? undefined, 'fills'), 'fill').map((fill) => {
    const pattern = descend(fill, 'patternFill');
    const type = pattern?.attributes.patternType ?? '';
    return !/^(?:none)?$/.test(type) && !(type === 'solid' && isWhite(descend(pattern, 'fgColor')));
  });
  return elements(descend(styles ?? undefined, 'cellXfs'), 'xf').map(({ attributes }) => {
    const effects = fonts[Number(attributes.fontId ?? 0)] ?? {};
    const white =
      (whites[Number(attributes.fontId ?? 0)] ?? false) && !(fills[Number(attributes.fillId ?? 0)] ?? false);
    return white || effects.struck || effects.raised || effects.lowered ? { effects, white } : undefined;
  });
}

/** A colour is white by its value, as the light one of the theme, or by its number. */
function isWhite(colour: XmlElement | undefined): boolean {
  const { rgb = '', theme, tint, indexed } = colour?.attributes ?? {};
  return (
    /^(?:ff)?f{6}$/i.test(rgb) ||
    (theme === '0' && tint === undefined) ||
    indexed === '1' ||
    indexed === '9' ||
    indexed === '65'
  );
}

/** Effects in a font or in the properties of a run. */
function readEffects(properties: XmlElement | undefined): TextEffects {
  const position = descend(properties, 'vertAlign')?.attributes.val;
  const strike = descend(properties, 'strike');
  return {
    raised: position === 'superscript',
    lowered: position === 'subscript',
    struck: strike !== undefined && !['0', 'false'].includes(strike.attributes.val ?? '1'),
  };
}

/** A formula as it reads some rows down and columns to the right of the cell that it was written for. */
function movedFormula(formula: string, rows: number, columns: number): string {
  if (formula.length > maxMovedLength) return formula;
  return formula.replace(
    /(?<![\w$])(\$?)([A-Z]{1,3})(\$?)(\d{1,7})(?![\w(])/g,
    (_, fixedColumn: string, letters: string, fixedRow: string, row: string) =>
      `${fixedColumn}${fixedColumn ? letters : columnName(columnNumber(letters) + columns)}${fixedRow}${fixedRow ? row : Number(row) + rows}`,
  );
}

function columnNumber(letters: string): number {
  let number = 0;
  for (const letter of letters) number = number * 26 + letter.charCodeAt(0) - 64;
  return number;
}

/**
 * Codes 14 to 17, 22 and those of East Asia look different in
 * every country: they are written the one way all can read.
 */
const localDates = new Set([14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58]);

/**
 * A number as its cell shows it. General numbers keep all their digits (Excel's
 * own display cuts at 11), dates in the local format become ISO dates.
 * @param format a number format code, or the id of a built-in one
 */
export function formatNumber(value: string, format: string | number, date1904: boolean): string {
  const number = Number(value);
  if (!Number.isFinite(number)) return value;
  if (
    format === 0 ||
    (typeof format === 'string' && /^(general|@|standard)?$/i.test(format)) ||
    format === 49
  )
    return plainNumber(value, number);
  try {
    if (typeof format === 'number' && localDates.has(format))
      return SSF.format(number % 1 === 0 ? 'yyyy-mm-dd' : 'yyyy-mm-dd hh:mm', number, { date1904 });
    const code = withLiteralDots(typeof format === 'string' ? withNames(format, number, date1904) : format);
    const shown = withSign(String(SSF.format(code, number, { date1904 })).trim(), number, code);
    // `###` says less than the number itself, and so does the scientific notation of an id (`4.01E+12`)
    const isPlain = shown === '' || /^#+$/.test(shown) || (isScientific(shown) && !isMeasure(number, code));
    return isPlain ? plainNumber(value, number) : shown;
  } catch {
    return plainNumber(value, number);
  }
}

const isScientific = (shown: string): boolean => /^-?[\d.]+E[+-]?\d+$/i.test(shown);

/** True for `6.02E+23` and `1.20E-04` that were set so: built-in formats 11 and 48, or one with an exponent. */
function isMeasure(number: number, code: string | number): boolean {
  const isSet = typeof code === 'number' ? code === 11 || code === 48 : /E[+-]/i.test(code);
  return isSet && !Number.isSafeInteger(number);
}

/** Some formats tell a negative number only by its colour, which the text would lose. */
function withSign(shown: string, number: number, format: string | number): string {
  if (number >= 0 || typeof format !== 'string' || !/\d/.test(shown) || /[-−(]/.test(shown)) return shown;
  const [, negative = ''] = format.split(';');
  const coloured = /\[(?:red|colou?r ?\d+|blue|green|magenta|cyan|yellow)\]/i.test(negative);
  return coloured && shown === String(SSF.format(format, -number)).trim() ? `-${shown}` : shown;
}

/** SSF takes every dot of `dd.mm.yyyy` for one before fractions of a second and gives up. */
function withLiteralDots(format: string | number): string | number {
  return typeof format === 'string' && /[dmyh]/i.test(format)
    ? format.replace(/"[^"]*"|(?<!\\)\.(?![0#?])/g, (piece) => (piece === '.' ? '\\.' : piece))
    : format;
}

/**
 * Whole numbers as written, fractions with the 15 digits that
 * Excel keeps: beyond them is only the noise of binary fractions.
 */
function plainNumber(value: string, number: number): string {
  return /^-?\d+$/.test(value) ? value : String(Number(number.toPrecision(15)));
}

/** Text of a string item: its runs without their phonetic readings. */
export function richText(item: XmlElement | undefined): string {
  if (!item) return '';
  let text = '';
  for (const child of elements(item)) {
    if (child.name === 't') text += readText(child);
    else if (child.name === 'r') {
      const effects = readEffects(descend(child, 'rPr'));
      for (const piece of findAll(child, 't')) text += withEffects(readText(piece), effects);
    }
  }
  // characters that XML cannot hold are written _x000D_
  return text.replace(/_x([0-9A-F]{4})_/gi, (_, code: string) =>
    String.fromCharCode(parseInt(code, 16)).replace('\r', ''),
  );
}
