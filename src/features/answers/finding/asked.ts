import { analyze } from '../../../common/text/analyzer.js';
import { exactTerms, type ExactTerm } from '../../../common/text/codes.js';
import { datesIn } from '../../../common/text/dates.js';
import { joinSeparated } from '../../../common/text/derivation.js';
import { detectLanguage } from '../../../common/text/language.js';
import { isAskingTerm } from '../../../common/text/question-words.js';
import { nameDates, withDates } from './dates.js';
import { kindWords, readWants, type Wants } from './wants.js';

/**
 * Terms of a question that are looked for. The rest of a very long question says little and would cost much.
 */
const maxTerms = 64;

/** A question as the finder sees it. */
export interface Asked {
  text: string;
  /** ISO 639-1, null when unsure. */
  language: string | null;
  wants: Wants;
  /** True for a text that would only repeat the last reply of a conversation. */
  isRepeated?(text: string): boolean;
  /** Codes that must not be replaced by similar ones. */
  codes: ExactTerm[];
  /**
   * The content words of the question, stemmed in `language`; the same words in the same order for every
   * language.
   */
  termsIn(language: string | null): string[];
  /** Terms of a document's text; its dates among them as the question's are. */
  read(text: string, language: string | null): string[];
}

const globally = (expression: RegExp): RegExp => new RegExp(expression.source, 'giu');
const kinds = kindWords.map(globally);

function readCodes(question: string): ExactTerm[] {
  const typed = question.normalize('NFKC');
  const dates = datesIn(typed.toLowerCase());
  return exactTerms(typed).filter(
    ({ certain, start, end }) => certain && !dates.some((date) => start < date.end && date.start < end),
  );
}

function findMostFrequent(languages: (string | null)[]): string | null {
  const groups = [...Map.groupBy(languages, (language) => language)];
  return groups.sort(([, left], [, right]) => right.length - left.length)[0]?.[0] ?? null;
}

/**
 * @param question at most 8,000 characters
 * @param texts the searched texts: their dates are recognised in every spelling @param languages
 * of these texts: a question that does not show its own is in the most frequent one
 */
export function readAsked(question: string, texts: string[] = [], languages: (string | null)[] = []): Asked {
  const language = detectLanguage(question) ?? findMostFrequent(languages);
  const { text: spelt, dated } = nameDates(language === 'de' ? joinSeparated(question) : question, texts);
  // in `how high is …` the second word asks too and has no content
  const text = kinds.reduce((rest, words) => rest.replace(words, ' '), spelt);
  const terms = analyze(text, language).terms;
  const seen = new Set<string>();
  const named = terms.map((term) => {
    const isFirst = !seen.has(term);
    seen.add(term);
    return isFirst && !isAskingTerm(term, language);
  });
  const naming = named.includes(true);
  const known = new Map<string | null, string[]>();
  const termsIn = (of: string | null): string[] => {
    const found = known.get(of);
    if (found) return found;
    const made = naming ? analyze(text, of).terms.filter((_, at) => named[at]) : analyze(spelt, of).terms;
    const capped = made.slice(0, maxTerms);
    known.set(of, capped);
    return capped;
  };
  const read = (of: string, language: string | null): string[] =>
    analyze(dated ? withDates(of) : of, language).terms;
  return { text: question, language, wants: readWants(question), codes: readCodes(question), termsIn, read };
}
