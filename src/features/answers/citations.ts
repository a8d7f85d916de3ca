import { analyze } from '../../common/text/analyzer.js';
import { foldSpace } from '../../common/text/clean.js';
import { passagesOf } from '../../common/text/passages.js';
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

/** Citations of one answer, and words of a statement that are looked up: far more than any honest answer has. */
const maxCitations = 500;
const maxStatementTerms = 64;

const marker = /\[(\d{1,3})\]/gu;
const markers = /(?<!\s)(?:\s*\[\d{1,3}\])+/gu;
// other forms that models use for [1][2]
const variants =
  /[[【]\s{0,3}\^?\s{0,3}(?:(?:sources?|quellen?)\s{0,3}|#\s{0,3})?(\d{1,3}(?:\s{0,3}(?:[,;–-]|and|und)\s{0,3}\d{1,3}){0,50})(?:†[^\]】]{0,200})?\s{0,3}[\]】]|\(\s{0,3}(?:sources?|quellen?)\s{0,3}(\d{1,3}(?:\s{0,3}(?:[,;–-]|and|und)\s{0,3}\d{1,3}){0,50})\s{0,3}\)/giu;
// bounded, so that an unclosed quotation mark is not searched to the end of the text each time
const quoted = new RegExp(
  ['""', '“”', '„“', '«»', '»«', '「」', '『』', '《》']
    .map(([open = '', close = '']) =>
      open === '„' ? '„([^“”"\\n]{1,2000})[“”"]' : `${open}([^${close}\\n]{1,2000})${close}`,
    )
    .join('|'),
  'gu',
);

function numbersOf(list: string): number[] {
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
    numbersOf(list ?? inRoundBrackets ?? '')
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
export const pageOf = (quote: string, source: Source): number | null => new CitedSource(source).pageOf(quote);

const isDense = (text: string): boolean =>
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Hangul}]/u.test(text);
const isQuote = (text: string): boolean =>
  isDense(text) ? text.length >= 6 : text.trim().split(/\s+/u).length >= 3;

/** The parts of a statement that the model put in quotation marks, without single words and names. */
function quotesIn(statement: string): string[] {
  return [...statement.matchAll(quoted)]
    .map((match) => match.slice(1).find((text) => text !== undefined) ?? '')
    .filter(isQuote);
}

/** A source prepared for looking up quotes: folded and split into passages once, for all of its citations. */
class CitedSource {
  private readonly content: string;
  private readonly parts: { content: string; page: number | null }[];
  private passages: { text: string; size: number }[] | undefined;
  /** Passages by the terms that they hold. */
  private readonly holders = new Map<string, number[]>();

  constructor(private readonly source: Source) {
    this.content = foldSpace(source.content);
    this.parts = (source.parts ?? []).map(({ content, page }) => ({ content: foldSpace(content), page }));
  }

  holds(quote: string): boolean {
    const folded = foldSpace(quote);
    return folded !== '' && this.content.includes(folded);
  }

  pageOf(quote: string): number | null {
    const folded = foldSpace(quote);
    const holder = this.parts.find(({ content }) => folded !== '' && content.includes(folded));
    return holder ? holder.page : this.source.page;
  }

  /** The passage that says most of the statement; null when none shares a fifth of its words. */
  supporting(statement: string): string | null {
    const wanted = [...new Set(analyze(statement, this.source.language).terms)].slice(0, maxStatementTerms);
    const weight = (term: string): number => (/\d/u.test(term) ? 2 : 1);
    const total = wanted.reduce((sum, term) => sum + weight(term), 0);
    const passages = this.index();
    const shares = new Map<number, number>();
    for (const term of wanted)
      for (const place of this.holders.get(term) ?? [])
        shares.set(place, (shares.get(place) ?? 0) + weight(term) / total);
    let best: { text: string; share: number; size: number } | null = null;
    for (const [place, share] of [...shares].sort(([left], [right]) => left - right)) {
      const passage = passages[place];
      if (!passage || share < 0.2 - 1e-9) continue;
      const isBetter =
        !best || share > best.share + 1e-9 || (share > best.share - 1e-9 && passage.size < best.size);
      if (isBetter) best = { ...passage, share };
    }
    return best?.text ?? null;
  }

  private index(): { text: string; size: number }[] {
    this.passages ??= passagesOf(this.source.content, this.source.language).map(({ text }, place) => {
      const terms = new Set(analyze(text, this.source.language).terms);
      for (const term of terms) this.addHolder(term, place);
      return { text, size: terms.size };
    });
    return this.passages;
  }

  private addHolder(term: string, place: number): void {
    const known = this.holders.get(term);
    if (known) known.push(place);
    else this.holders.set(term, [place]);
  }
}

/**
 * The statement before a group of markers: its own sentence, or the previous one when the markers follow the
 * full stop.
 */
function statementBefore(text: string): string {
  const sentences = passagesOf(text, null).filter((passage) => passage.kind !== 'heading');
  return sentences.at(-1)?.text ?? text.trim();
}

/**
 * One citation for each marker and quote: the words that the model quoted, otherwise the passage of the
 * source with the same content; without one, the statement itself, which is then not verified.
 * @param answer with settled markers
 */
export function citationsOf(answer: string, sources: Source[]): Citation[] {
  const cited = new Map<number, CitedSource>();
  const sourceAt = (result: number): CitedSource | undefined => {
    const source = sources[result];
    if (source && !cited.has(result)) cited.set(result, new CitedSource(source));
    return cited.get(result);
  };
  const citations: Citation[] = [];
  const seen = new Set<string>();
  let from = 0;
  for (const group of answer.matchAll(markers)) {
    const statement = statementBefore(answer.slice(from, group.index));
    from = group.index + group[0].length;
    const own = quotesIn(statement);
    for (const text of new Set(group[0].match(marker))) {
      const result = Number(text.slice(1, -1)) - 1;
      const source = sourceAt(result);
      if (!source) continue;
      const quotes =
        own.length > 0 ? own : [source.supporting(statement) ?? foldSpace(statement.replace(marker, ''))];
      for (const quote of quotes) {
        const key = `${result} ${foldSpace(quote)}`;
        if (seen.has(key)) continue;
        seen.add(key);
        citations.push({
          marker: text,
          result,
          quote,
          page: source.pageOf(quote),
          verified: source.holds(quote),
        });
        if (citations.length === maxCitations) return citations;
      }
    }
  }
  return citations;
}
