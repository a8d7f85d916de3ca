import { analyze } from '../../common/text/analyzer.js';
import { foldSpace } from '../../common/text/clean.js';
import { passagesOf } from '../../common/text/passages.js';
import type { Source } from './sources.js';

export interface Citation {
  /** As it stands in the answer, `[1]`. */
  marker: string;
  /** Place of the cited result, from 0. */
  result: number;
  quote: string;
  page: number | null;
  /** Whether the quote stands in that result, character for character after white-space folding. */
  verified: boolean;
}

const marker = /\[(\d{1,3})\]/gu;
const markers = /(?<!\s)(?:\s*\[\d{1,3}\])+/gu;
// what models write instead of [1][2]
const variants =
  /[[【]\s{0,3}\^?\s{0,3}(?:(?:sources?|quellen?)\s{0,3}|#\s{0,3})?(\d{1,3}(?:\s{0,3}(?:[,;–-]|and|und)\s{0,3}\d{1,3}){0,50})(?:†[^\]】]{0,200})?\s{0,3}[\]】]|\(\s{0,3}(?:sources?|quellen?)\s{0,3}(\d{1,3}(?:\s{0,3}(?:[,;–-]|and|und)\s{0,3}\d{1,3}){0,50})\s{0,3}\)/giu;
const quoted =
  /"([^"\n]+)"|“([^”\n]+)”|„([^“”"\n]+)[“”"]|«([^»\n]+)»|»([^«\n]+)«|「([^」\n]+)」|『([^』\n]+)』|《([^》\n]+)》/gu;

function numbersOf(list: string): number[] {
  const range = /^(\d{1,3})\s*[-–]\s*(\d{1,3})$/u.exec(list.trim());
  if (!range) return (list.match(/\d{1,3}/gu) ?? []).map(Number);
  const [first, last] = [Number(range[1]), Number(range[2])];
  return first <= last && last - first < 20
    ? Array.from({ length: last - first + 1 }, (_, step) => first + step)
    : [first, last];
}

/** Writes every marker as `[n]` and takes out those that name no source; what was taken out goes to `dropped`. */
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

/** Whether `quote` stands in `content`, white space folded on both sides. */
export const isVerbatim = (quote: string, content: string): boolean => {
  const folded = foldSpace(quote);
  return folded !== '' && foldSpace(content).includes(folded);
};

/** The page of the quote, as far as the source's parts tell; otherwise the source's own. */
export function pageOf(quote: string, { page, parts = [] }: Source): number | null {
  const holder = parts.find(({ content }) => isVerbatim(quote, content));
  return holder ? holder.page : page;
}

const isDense = (text: string): boolean =>
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Hangul}]/u.test(text);
const isQuote = (text: string): boolean =>
  isDense(text) ? text.length >= 6 : text.trim().split(/\s+/u).length >= 3;

/** What the model itself put in quotation marks in a statement; single words and names are none. */
function quotesIn(statement: string): string[] {
  return [...statement.matchAll(quoted)]
    .map((match) => match.slice(1).find((text) => text !== undefined) ?? '')
    .filter(isQuote);
}

/** The passage of the source that says most of the statement; null when none shares a fifth of its words. */
function supporting(statement: string, source: Source): string | null {
  const wanted = new Set(analyze(statement, source.language).terms);
  if (wanted.size === 0) return null;
  const weight = (term: string): number => (/\d/u.test(term) ? 2 : 1);
  const total = [...wanted].reduce((sum, term) => sum + weight(term), 0);
  let best: { text: string; share: number; length: number } | null = null;
  for (const passage of passagesOf(source.content, source.language)) {
    const held = new Set(analyze(passage.text, source.language).terms);
    let share = 0;
    for (const term of wanted) if (held.has(term)) share += weight(term) / total;
    if (!best || share > best.share + 1e-9 || (share > best.share - 1e-9 && held.size < best.length))
      best = { text: passage.text, share, length: held.size };
  }
  return best && best.share >= 0.2 ? best.text : null;
}

/** The statement that a group of markers stands after: its own sentence, or the one before when the markers follow the full stop. */
function statementBefore(text: string): string {
  const sentences = passagesOf(text, null).filter((passage) => passage.kind !== 'heading');
  return sentences.at(-1)?.text ?? text.trim();
}

/**
 * One citation for each marker and quote: the words that the model quoted, otherwise the passage of the source that says the same;
 * where there is none, the statement itself, which then is not verified.
 * @param answer with settled markers
 */
export function citationsOf(answer: string, sources: Source[]): Citation[] {
  const citations: Citation[] = [];
  const seen = new Set<string>();
  let from = 0;
  for (const group of answer.matchAll(markers)) {
    const statement = statementBefore(answer.slice(from, group.index));
    from = group.index + group[0].length;
    for (const [text, number] of group[0].matchAll(marker)) {
      const result = Number(number) - 1;
      const source = sources[result];
      if (!source) continue;
      const own = quotesIn(statement);
      const quotes =
        own.length > 0 ? own : [supporting(statement, source) ?? foldSpace(statement.replace(marker, ''))];
      for (const quote of quotes) {
        const key = `${result} ${foldSpace(quote)}`;
        if (seen.has(key)) continue;
        seen.add(key);
        citations.push({
          marker: text,
          result,
          quote,
          page: pageOf(quote, source),
          verified: isVerbatim(quote, source.content),
        });
      }
    }
  }
  return citations;
}
