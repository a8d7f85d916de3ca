import { codesIn } from './codes.js';
import { datesIn } from './dates.js';
import { numbersIn } from './numbers.js';

/** Index terms for a part of a text, in addition to its words. */
export interface ExtraTerms {
  start: number;
  terms: string[];
}

/** Codes, dates and numbers in one normal form each, in order. @param text NFKC, lower case */
export function extraTerms(text: string): ExtraTerms[] {
  const dates = datesIn(text);
  let next = 0;
  const codes = [...codesIn(text)].filter(({ start, end }) => {
    while ((dates[next]?.end ?? Infinity) <= start) next++;
    return (dates[next]?.start ?? Infinity) >= end;
  });
  return [...dates, ...codes, ...numbersIn(text)].sort((left, right) => left.start - right.start);
}
