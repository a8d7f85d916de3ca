import { foldSpace } from '../../common/text/clean.js';
import { CitedSource } from './claims/cited-source.js';
import type { Source } from './sources.js';

export interface Citation {
  /** As in the answer, `[1]`. */
  marker: string;
  /** Place of the cited result, from 0. */
  result: number;
  quote: string;
  page: number | null;
  /** True when that result contains the quote, character for character after white-space folding. */
  verified: boolean;
}

// other forms that models use for [1][2]
const variants =
  /[[【]\s{0,3}\^?\s{0,3}(?:(?:sources?|quellen?)\s{0,3}|#\s{0,3})?(\d{1,3}(?:\s{0,3}(?:[,;–-]|and|und)\s{0,3}\d{1,3}){0,50})(?:†[^\]】]{0,200})?\s{0,3}[\]】]|\(\s{0,3}(?:sources?|quellen?)\s{0,3}(\d{1,3}(?:\s{0,3}(?:[,;–-]|and|und)\s{0,3}\d{1,3}){0,50})\s{0,3}\)/giu;
function parseNumbers(list: string): number[] {
  const range = /^(\d{1,3})\s*[-–]\s*(\d{1,3})$/u.exec(list.trim());
  if (!range) return (list.match(/\d{1,3}/gu) ?? []).map(Number);
  const [first, last] = [Number(range[1]), Number(range[2])];
  return first <= last && last - first < 20
    ? Array.from({ length: last - first + 1 }, (_, step) => first + step)
    : [first, last];
}

/** Writes every marker as `[n]` and removes those that name no source; `dropped` lists the removed ones. */
export function settleMarkers(text: string, sources: number, dropped: Set<string>): string {
  return text.replace(variants, (_, list: string | undefined, inRoundBrackets: string | undefined) =>
    parseNumbers(list ?? inRoundBrackets ?? '')
      .map((number) => {
        if (number >= 1 && number <= sources) return `[${number}]`;
        dropped.add(`[${number}]`);
        return '';
      })
      .join(''),
  );
}

/** True when `content` contains `quote`, with white space folded in both. */
export const isVerbatim = (quote: string, content: string): boolean => {
  const folded = foldSpace(quote);
  return folded !== '' && foldSpace(content).includes(folded);
};

/** The page of the quote if the source's parts know it; otherwise the source's own. */
export const findPage = (quote: string, source: Source): number | null =>
  new CitedSource(source).findPage(quote);
