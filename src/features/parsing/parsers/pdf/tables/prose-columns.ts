import type { Column } from './cell-rows.js';
import { median, type TextLine } from '../text/lines.js';

/** Words of a line of running text. */
export const minProseWords = 6;
const minPassageWords = 4;
/** The same in letters: three words of German may fill a line. */
const minFullLetters = 30;
const maxCellLetters = 48;
/** Over many lines blanks between words do not stand above one another by chance. */
export const manyLines = 9;

export const isNumber = /^[^\p{L}]{0,3}\d[\d\s.,'’%()-]*$|^[-–—.…]+$/u;

export interface CellLine {
  words: { x: number; width: number }[];
  text: string;
}

/** Columns of running text fill their width line by line. */
export function isProse(cells: CellLine[][], columns: Column[]): boolean {
  let prose = 0;
  for (const [index, column] of cells.entries()) {
    const { left, right } = columns[index] ?? { left: 0, right: 0 };
    const full = column.filter(({ words, text }) => {
      const last = words.at(-1);
      const isLong = words.length > 3 || (column.length < manyLines && text.length >= minFullLetters);
      return isLong && last !== undefined && last.x + last.width > right - (right - left) * 0.15;
    });
    const usual = median(column.map(({ words }) => words.length));
    if (column.length >= 3 && (full.length > column.length * 0.5 || usual >= minProseWords)) prose += 1;
  }
  const long = cells.filter((column) =>
    column.some(
      ({ words, text }) =>
        words.length > minProseWords || (column.length < manyLines && text.length > maxCellLetters),
    ),
  );
  return prose >= 2 || prose === cells.length || (cells.length === 2 && long.length === 2);
}

/** A few lines of many words without a column of numbers: gaps stand above one another by chance. */
export function isPassage(lines: TextLine[], cells: CellLine[][]): boolean {
  if (lines.length >= manyLines || cells.length < 3) return false;
  const hasNumbers = cells.some(
    (column) => column.filter(({ text }) => isNumber.test(text)).length * 2 > column.length,
  );
  return !hasNumbers && median(cells.flat().map(({ words }) => words.length)) >= minPassageWords;
}

const functionWord =
  /^(?:der|die|das|den|dem|des|und|oder|ein|eine[nmrs]?|von|vom|zu[mr]?|mit|im|auf|für|ist|the|of|and|to|for|is|are|with|le|la|les|du|et|un|une|dans|pour|el|los|las|del|il|di|che|een|het|van|og|och)$/i;

/** Text that is set in full width has gaps above one another by chance, between words that no cell has alone. */
export function holdsFunctionWords(cells: CellLine[][]): boolean {
  return cells.some((column) => {
    const alone = column.filter(({ text }) => functionWord.test(text)).length;
    return alone >= 2 && alone >= column.length * 0.5;
  });
}
