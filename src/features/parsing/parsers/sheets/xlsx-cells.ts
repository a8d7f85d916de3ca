import { SSF } from '@e965/xlsx';
import { descend, elements, findAll, textOf, type XmlElement } from '../shared/xml-tree.js';

/** How cells become text: the shared strings, the number formats, and the day that dates count from. */
export class CellFormats {
  private readonly codes = new Map<string, string>();
  private readonly byStyle: string[];

  constructor(
    styles: XmlElement | null,
    private readonly strings: string[],
    private readonly date1904: boolean,
  ) {
    for (const { attributes } of elements(descend(styles ?? undefined, 'numFmts'), 'numFmt')) {
      const code = attributes.formatCode ?? '';
      // a format is interpreted anew for every cell
      this.codes.set(attributes.numFmtId ?? '', code.length > 160 ? '' : code);
    }
    this.byStyle = elements(descend(styles ?? undefined, 'cellXfs'), 'xf').map(
      (xf) => xf.attributes.numFmtId ?? '0',
    );
  }

  /** Text of a cell (`c`) as its reader sees it, and whether it is a number or date. */
  read(cell: XmlElement): { text: string; numeric: boolean } {
    const value = textOf(descend(cell, 'v'));
    switch (cell.attributes.t) {
      case 's':
        return { text: this.strings[Number(value)] ?? '', numeric: false };
      case 'inlineStr':
        return { text: richText(descend(cell, 'is')), numeric: false };
      case 'str':
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

  private number(value: string, format: string): string {
    const code = this.codes.get(format);
    return formatNumber(value, code ?? (Number(format) || 0), this.date1904);
  }
}

/** Codes 14 to 17, 22 and those of East Asia look different in every country: they are written the one way all can read. */
const localDates = new Set([14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58]);

/**
 * A number as its cell shows it. General numbers keep all their digits (Excel's own display cuts at 11), dates in the local format become ISO dates.
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
    const shown = String(SSF.format(withLiteralDots(format), number, { date1904 })).trim();
    // `###` and scientific notation say less than the number itself
    return shown === '' || /^#+$|^[\d.]+E[+-]\d+$/i.test(shown) ? plainNumber(value, number) : shown;
  } catch {
    return plainNumber(value, number);
  }
}

/** SSF takes every dot of `dd.mm.yyyy` for one before fractions of a second and gives up. */
function withLiteralDots(format: string | number): string | number {
  return typeof format === 'string' && /[dmyh]/i.test(format)
    ? format.replace(/(?<!\\)\.(?![0#?])/g, '\\.')
    : format;
}

/** Whole numbers as written, fractions with the 15 digits that Excel keeps: beyond them is only the noise of binary fractions. */
function plainNumber(value: string, number: number): string {
  return /^-?\d+$/.test(value) ? value : String(Number(number.toPrecision(15)));
}

/** Text of a string item: its runs without their phonetic readings. */
export function richText(item: XmlElement | undefined): string {
  if (!item) return '';
  let text = '';
  for (const child of elements(item)) {
    if (child.name === 't') text += textOf(child);
    else if (child.name === 'r') for (const piece of findAll(child, 't')) text += textOf(piece);
  }
  // characters that XML cannot hold are written _x000D_
  return text.replace(/_x([0-9A-F]{4})_/g, (_, code: string) =>
    String.fromCharCode(parseInt(code, 16)).replace('\r', ''),
  );
}
