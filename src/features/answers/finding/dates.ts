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
