import { datesIn } from '../../../common/text/dates.js';

/** Characters of all texts together in which the dates of a question are looked for. */
const maxCharacters = 400_000;

const plain = (text: string): string => text.normalize('NFKC').toLowerCase();
const wordFor = (term: string): string => `d${term.replace(/\D/gu, '')}`;
const wordsFor = (text: string): string[] =>
  datesIn(plain(text)).flatMap(({ terms }) => terms.map((term) => wordFor(term)));

/** A question whose dates are words of one form. */
export interface DatedQuestion {
  text: string;
  /** True when a date was replaced. Then the texts must be read with `withDates`. */
  dated: boolean;
}

/**
 * Replaces each date that the texts contain, in any spelling, by one word. A date that none of them contains
 * stays unchanged, since its month or its year may still occur.
 */
export function nameDates(question: string, texts: string[]): DatedQuestion {
  const text = plain(question);
  const asked = datesIn(text);
  if (asked.length === 0 || text.length !== question.length) return { text: question, dated: false };
  const held = new Set(wordsFor(texts.join('\n\n').slice(0, maxCharacters)));
  let named = question;
  let dated = false;
  for (const { start, end, terms } of asked.toReversed()) {
    const word = terms.map(wordFor).find((term) => held.has(term));
    if (word === undefined) continue;
    named = `${named.slice(0, start)}${word}${named.slice(end)}`;
    dated = true;
  }
  return { text: named, dated };
}

/** The text with a word for each reading of each of its dates at the end. */
export function withDates(text: string): string {
  const words = wordsFor(text);
  return words.length === 0 ? text : `${text}\n${words.join(' ')}`;
}

const day = /^@(?:(\d{4})-)?(\d\d-\d\d)$/;
const range = /\d\.?\s?(?:[-–]|bis|to|through|au|al)\s?\d/u;

/** The days that a text names, with their years where it names them. */
function daysIn(text: string): { year: string | undefined; day: string }[] {
  return datesIn(plain(text)).flatMap(({ terms }) => {
    const [, year, of] = terms.map((term) => day.exec(term)).find((match) => match !== null) ?? [];
    return of === undefined ? [] : [{ year, day: of }];
  });
}

/** Finds headings that name another day than the question: `Meeting of 14 March` where 15 March is asked for. */
export function otherDays(question: string): (heading: string) => boolean {
  const asked = daysIn(question);
  const known = new Map<string, boolean>();
  const isOther = (heading: string): boolean => {
    const named = range.test(heading) ? [] : daysIn(heading);
    const isSame = named.some((one) =>
      asked.some(
        (other) =>
          one.day === other.day &&
          (one.year === undefined || other.year === undefined || one.year === other.year),
      ),
    );
    return named.length > 0 && !isSame;
  };
  return (heading) => {
    if (asked.length === 0 || heading === '') return false;
    const found = known.get(heading) ?? isOther(heading);
    known.set(heading, found);
    return found;
  };
}
