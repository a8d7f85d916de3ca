import { analyze } from '../../../common/text/analyzer.js';
import { foldSpace } from '../../../common/text/clean.js';
import { settleMarkers, type Citation } from '../citations.js';
import type { Source } from '../sources.js';
import { CitedSource } from './cited-source.js';
import { takeQuotes, type GivenQuote } from './quotes.js';

/**
 * - `verified`: words of a source say it.
 * - `unverified`: it names a source whose words do not say it. It is shown with a mark.
 * - `unsupported`: it names no source, and none says it. It is not shown.
 * - `leading`: it says nothing by itself, such as a heading or "There are two ways:". It is shown with the claim that follows.
 * - `gap`: it says what the sources lack.
 */
type Standing = 'verified' | 'unverified' | 'unsupported' | 'leading' | 'gap';

export interface Claim {
  /** With settled markers, without the quotes in them. */
  text: string;
  standing: Standing;
  citations: Citation[];
  /** True when the model gave words of a source for it. */
  isQuoted: boolean;
}

/** Stands behind a claim whose source does not say it. */
const unverifiedMark = '(unverified)';

/**
 * Share of a statement's words that a passage must hold:
 * where the model names the source, and where it names none.
 */
const minCitedShare = 0.35;
const minFoundShare = 0.6;
/** Far more than any honest answer has. */
const maxCitations = 500;
const maxLeadingWords = 2;

const marker = /\[(\d{1,3})\]/gu;
// a mark that is opened and never closed must not be looked for to the end of the text each time
const quoted = new RegExp(
  ['""', '“”', '„“', '«»', '»«', '「」', '『』', '《》']
    .map(([open = '', close = '']) =>
      open === '„' ? '„([^“”"\\n]{1,2000})[“”"]' : `${open}([^${close}\\n]{1,2000})${close}`,
    )
    .join('|'),
  'gu',
);
const leader = /^\s*(?:>\s*)*(?:(?:[-*+•–]|\d{1,3}[.)])\s+)?/u;
const heading = /^\s*(?:#{1,6}\s|\*\*[^*\n]+\*\*:?\s*$)/u;
const leadsIn = /[:：]\s*(?:\*{1,2}|_)?$/u;
const gap = /^\s*(?:\*{1,2})?MISSING(?:\*{1,2})?\s*:\s*(?:\*{1,2})?\s*/u;

const isDense = (text: string): boolean =>
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Hangul}]/u.test(text);
const isQuote = (text: string): boolean =>
  isDense(text) ? text.length >= 6 : text.trim().split(/\s+/u).length >= 3;

/**
 * Finds the passages of a statement that the model put in quotation marks; single words and names do not
 * count.
 */
const quotesIn = (statement: string): string[] =>
  [...statement.matchAll(quoted)]
    .map((match) => match.slice(1).find((text) => text !== undefined) ?? '')
    .filter(isQuote);

const markersIn = (text: string): number[] => [
  ...new Set([...text.matchAll(marker)].map(([, number]) => Number(number))),
];

const isFrame = (text: string, statement: string): boolean =>
  heading.test(text) || leadsIn.test(text.trimEnd()) || !/[\p{L}\p{N}]/u.test(statement);

/** `Yes.` says something only together with what follows. */
const isBrief = (statement: string): boolean =>
  statement.split(/\s+/u).length <= maxLeadingWords && !isDense(statement) && !/\d/u.test(statement);

/** Puts something behind the last word of a claim, in front of its full stop. */
function appended(text: string, mark: string): string {
  const end = text.trimEnd();
  const [stop = ''] = /[.!?…。！？]["'”’»)]*$/u.exec(end) ?? [];
  const body = end.slice(0, end.length - stop.length);
  const tail = text.slice(body.length);
  return /^\s*(?:\||```|~~~)/u.test(body) ? `${body}\n${mark}${tail}` : `${body} ${mark}${tail}`;
}

/** Checks claim by claim what a model wrote over sources. */
export class ClaimChecker {
  /** Markers that named no source. */
  readonly dropped = new Set<string>();
  private readonly cited = new Map<number, CitedSource>();
  private readonly seen = new Set<string>();
  /** Sources that the claim before named: the next one is mostly about them too. */
  private last: number[] = [];

  /** @param shown how many of the sources, from the first, the model was shown */
  constructor(
    private readonly sources: Source[],
    private readonly shown: number = sources.length,
  ) {}

  check(raw: string): Claim {
    const taken = takeQuotes(raw);
    const text = settleMarkers(taken.text, this.shown, this.dropped);
    if (gap.test(text))
      return { text: text.replace(gap, ''), standing: 'gap', citations: [], isQuoted: false };
    const statement = this.stripStatement(text);
    const numbers = markersIn(text);
    const isQuoted = taken.quotes.length > 0;
    if (numbers.length > 0) {
      this.last = numbers;
      return { isQuoted, ...this.checkCited(text, statement, numbers, taken.quotes) };
    }
    if (isFrame(text, statement)) return { text, standing: 'leading', citations: [], isQuoted };
    const found = this.lookUp(text, statement);
    const standing = found.standing === 'unsupported' && isBrief(statement) ? 'leading' : found.standing;
    return { isQuoted, ...found, standing };
  }

  private stripStatement(text: string): string {
    return foldSpace(
      text
        .replace(leader, '')
        .replace(marker, '')
        // tried only where white space begins, or a long run of it would cost its square
        .replace(/(?<!\s)\s+([.,;:!?])/gu, '$1'),
    );
  }

  private sourceAt(number: number): CitedSource | null {
    const known = this.cited.get(number);
    if (known) return known;
    const source = this.sources[number - 1];
    if (!source) return null;
    const made = new CitedSource(source);
    this.cited.set(number, made);
    return made;
  }

  private checkCited(
    text: string,
    statement: string,
    numbers: number[],
    given: GivenQuote[],
  ): Pick<Claim, 'text' | 'standing' | 'citations'> {
    const spoken = quotesIn(statement);
    const isSaid =
      numbers.some((number) => this.sourceAt(number)?.holdsNumbers(statement)) ||
      this.holdTogether(numbers, statement);
    const citations = numbers.flatMap((number) => {
      const own = given.filter((quote) => quote.number === number).map((quote) => quote.text);
      return this.cite(number, statement, own.length > 0 ? own : spoken, isSaid);
    });
    const quotesStand =
      given.length > 0 || spoken.length === 0 || citations.every(({ verified }) => verified);
    const isVerified =
      analyze(statement, null).terms.length === 0 ||
      (isSaid && quotesStand && citations.some(({ verified }) => verified));
    return {
      text: isVerified ? text : appended(text, unverifiedMark),
      standing: isVerified ? 'verified' : 'unverified',
      citations: this.fresh(citations),
    };
  }

  /** True when the numbers of a statement that names several sources stand in them together. */
  private holdTogether(numbers: number[], statement: string): boolean {
    if (numbers.length < 2) return false;
    const figures = statement.match(/\d[\d.,:/-]*\d|\d/gu) ?? [];
    return figures.every((figure) => numbers.some((number) => this.sourceAt(number)?.holdsNumbers(figure)));
  }

  /**
   * A citation for each quote; without one, for the passage that says the statement, or for the statement
   * itself, which then is not verified.
   */
  private cite(number: number, statement: string, quotes: string[], isSaid: boolean): Citation[] {
    const source = this.sourceAt(number);
    if (!source) return [];
    const citation = (quote: string, verified: boolean): Citation => ({
      marker: `[${number}]`,
      result: number - 1,
      quote,
      page: source.findPage(quote),
      verified,
    });
    if (quotes.length > 0)
      return quotes.flatMap((quote) => {
        const words = source.splitWords(quote);
        return words.length > 0 ? words.map((part) => citation(part, true)) : [citation(quote, false)];
      });
    const support = source.supporting(statement);
    return support && support.share >= minCitedShare && isSaid
      ? [citation(support.text, true)]
      : [citation(statement.replace(/[.!?]+$/u, ''), false)];
  }

  /** Finds the source of a claim that names none. */
  private lookUp(text: string, statement: string): Pick<Claim, 'text' | 'standing' | 'citations'> {
    let best: { number: number; share: number } | null = null;
    const all = Array.from({ length: Math.min(this.shown, this.sources.length) }, (_, at) => at + 1);
    for (const number of [...this.last, ...all]) {
      const source = this.sourceAt(number);
      const share = source?.supporting(statement)?.share ?? 0;
      if (share >= minFoundShare && share > (best?.share ?? 0) && source?.holdsNumbers(statement))
        best = { number, share };
    }
    if (!best) return { text, standing: 'unsupported', citations: [] };
    return {
      text: appended(text, `[${best.number}]`),
      standing: 'verified',
      citations: this.fresh(this.cite(best.number, statement, [], true)),
    };
  }

  /** The citations that were not given before. */
  private fresh(citations: Citation[]): Citation[] {
    return citations.filter(({ result, quote }) => {
      const key = `${result} ${foldSpace(quote)}`;
      if (this.seen.has(key) || this.seen.size >= maxCitations) return false;
      this.seen.add(key);
      return true;
    });
  }
}
