import { withEffects, type TextEffects } from '../shared/text-marks.js';
import type { BiffString } from './biff-strings.js';

/** What the fonts of a binary workbook say about its cells: the library that reads the values leaves them out. */
export interface CellEffects {
  /** The text of a cell as its reader sees it; both numbers are 0-based. */
  change(sheet: string, row: number, column: number, text: string): string;
  /** True where a sheet has a cell with white letters on white ground. */
  isWhite(sheet: string, row: number, column: number): boolean;
  /** True for a sheet that leaves cells with a 0 empty. */
  hidesZeros(sheet: string): boolean;
}

export interface SheetFont extends TextEffects {
  white: boolean;
}

interface DrawnCell {
  change: ((text: string) => string) | null;
  white: boolean;
}

export interface DrawnSheet {
  cells: Map<number, DrawnCell>;
  hidesZeros: boolean;
}

/** Fonts, cell styles and strings of a workbook, from which the look of a cell follows. */
export class CellFonts {
  readonly fonts: SheetFont[] = [];
  /** The font of each cell style, and if it has a ground of another colour than white. */
  readonly styles: { font: number; filled: boolean }[] = [];
  strings: BiffString[] = [];

  /** @param place where a font stands in the list, by its number */
  constructor(private readonly place: (font: number) => number = (font) => font) {}

  /** False for a workbook whose fonts all leave the text as it is. */
  get matter(): boolean {
    return this.fonts.some((font) => font.white || isVisible(font));
  }

  /**
   * How a cell is drawn, undefined for plain ones.
   * @param string the number of the shared string that it shows
   */
  drawn(style: number, string: number | null = null): DrawnCell | undefined {
    const { font = 0, filled = false } = this.styles[style] ?? {};
    const effects = this.font(font);
    const white = (effects?.white ?? false) && !filled;
    const rich = string === null ? null : this.richText(string, font);
    const change =
      rich !== null
        ? (): string => rich
        : effects && isVisible(effects)
          ? (text: string): string => withEffects(text, effects)
          : null;
    return change || white ? { change, white } : undefined;
  }

  /** A string of which some letters have fonts of their own; null if that changes nothing. */
  private richText(number: number, own: number): string | null {
    const string = this.strings[number];
    if (!string || string.runs.length === 0) return null;
    const runs = [{ from: 0, font: own }, ...string.runs];
    if (!runs.some(({ font }) => isVisible(this.font(font)))) return null;
    return runs
      .map(({ from, font }, index) =>
        withEffects(string.text.slice(from, runs[index + 1]?.from), this.font(font) ?? {}),
      )
      .join('');
  }

  private font(number: number): SheetFont | undefined {
    return this.fonts[this.place(number)];
  }
}

function isVisible(effects: TextEffects | undefined): boolean {
  return effects !== undefined && ((effects.raised || effects.lowered || effects.struck) ?? false);
}

/** The same number for no two cells of a sheet. */
export const cellKey = (row: number, column: number): number => row * 0x4000 + column;

/** @param read reads one sheet; each is read when it is first asked for */
export function effectsOf(read: (sheet: string) => DrawnSheet | undefined): CellEffects {
  const sheets = new Map<string, DrawnSheet | undefined>();
  const sheet = (name: string): DrawnSheet | undefined => {
    if (!sheets.has(name)) sheets.set(name, read(name));
    return sheets.get(name);
  };
  const cell = (name: string, row: number, column: number): DrawnCell | undefined =>
    sheet(name)?.cells.get(cellKey(row, column));
  return {
    change: (name, row, column, text) => cell(name, row, column)?.change?.(text) ?? text,
    isWhite: (name, row, column) => cell(name, row, column)?.white ?? false,
    hidesZeros: (name) => sheet(name)?.hidesZeros ?? false,
  };
}
