import { readFigure } from '../../../common/text/numbers.js';

const written = /\d+(?:[.,:/'’\u00a0\u202f-]\d+)*/gu;
const thousands = /^\d{1,3}(?:([.,'’\u00a0\u202f])\d{3})(?:\1\d{3})*$/u;
const isDateOrTime = /^\d+(?:([-/:.])\d+)+$/u;

const bare = (digits: string): string => digits.replace(/^0+(?=\d)/u, '');

/** `25,000` and `25.000` as `25000`, `2,50` as `2.5`, `07` as `7`. */
function normalized(number: string): string {
  if (thousands.test(number)) return bare(number.replace(/\D/gu, ''));
  const decimal = /^(\d+)[.,](\d+)$/u.exec(number);
  if (!decimal) return bare(number);
  const part = (decimal[2] ?? '').replace(/0+$/u, '');
  return part === '' ? bare(decimal[1] ?? '') : `${bare(decimal[1] ?? '')}.${part}`;
}

/** The figures of a text in one spelling: whole numbers, the parts of dates and times, and number words. */
export function findFigures(text: string, language: string | null): Set<string> {
  const figures = new Set<string>();
  for (const [number] of text.matchAll(written)) {
    figures.add(normalized(number));
    for (const part of number.match(/\d+/gu) ?? []) figures.add(bare(part));
  }
  for (const [word] of text.toLowerCase().matchAll(/\p{L}+/gu)) {
    const figure = readFigure(word, language);
    if (figure !== undefined) figures.add(figure);
  }
  return figures;
}

/** True when every number of a statement is among the figures. A date may stand there in another order. */
export function holdsNumbers(statement: string, figures: Set<string>): boolean {
  return [...statement.matchAll(written)].every(
    ([number]) =>
      figures.has(normalized(number)) ||
      (isDateOrTime.test(number) && (number.match(/\d+/gu) ?? []).every((part) => figures.has(bare(part)))),
  );
}
