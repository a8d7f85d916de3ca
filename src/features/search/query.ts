import { withoutChatter } from '../../common/text/chatter.js';
import { exactTerms, type ExactTerm } from '../../common/text/codes.js';
import { hasCompounds, listSplits, type Split } from '../../common/text/compounds.js';
import { datesIn } from '../../common/text/dates.js';
import { joinSeparated, listDerived } from '../../common/text/derivation.js';
import { termHash } from '../../common/text/hash.js';
import { detectLanguage, isFunctionWord } from '../../common/text/language.js';
import { isStopWord, maxWordLength } from '../../common/text/analyzer.js';
import { readFigure, wholeNumbersIn } from '../../common/text/numbers.js';
import { tokens } from '../../common/text/segmentation.js';
import { algorithmFor, knownLanguages, detectScript, stem } from '../../common/text/stemming.js';
import type { QueryTerm } from '../../platform/database/functions.js';

const maxWords = 256;
const minFuzzyLength = 5;
const maxCompounds = 4;
/** Words of a question whose verbs and nouns are looked for too, and how much of the word they stand for. */
const maxDerived = 8;
const likenessOfDerived = 0.5;
/** Dates, and numbers, that are looked for. */
const maxWholes = 64;
/** Pieces of a code that is looked for written apart; a hash has more and is not. */
const maxPiecesOfCode = 12;
/** Pieces of all codes that count as words. */
const maxPieces = 64;

/**
 * A word of the question, or a code, date or number of it. Its index
 * terms depend on the language of the document that it is looked for in.
 */
export interface QueryWord {
  text: string;
  /** Times in the question. */
  count: number;
  /** `exact`: a code, date or number as a whole. `piece`: a word that such a whole is made of. */
  role: 'word' | 'exact' | 'piece';
  /** Each of them is the word, the usual one first. */
  termsIn(language: string | null): string[];
  /** Terms for a part of the meaning, with their weights: for a full date its month. */
  weaker?: Map<string, number>;
  /** For a code: its pieces, which side by side are the code. */
  pieces?: QueryWord[];
  /** Ways to cut a word of a language with compounds. */
  splits?: Split[];
  /** It is a code only where the documents know it as one. */
  uncertain?: boolean;
}

export interface Question {
  text: string;
  /** ISO 639-1, null when unsure. */
  language: string | null;
  /** In order of appearance, without stop words; codes, dates and numbers as wholes behind. */
  words: QueryWord[];
  /** Codes that must not be replaced by similar ones. */
  exact: ExactTerm[];
}

export function readQuestion(question: string): Question {
  const text = withoutChatter(question);
  const language = detectLanguage(text);
  const typed = (language === 'de' ? joinSeparated(text) : text).normalize('NFKC');
  const lower = typed.toLowerCase();
  const dates = datesIn(lower).slice(0, maxWholes);
  const numbers = wholeNumbersIn(lower).slice(0, maxWholes);
  const codes = exactTerms(typed).filter(
    (code) => !dates.some((date) => code.start < date.end && date.start < code.end),
  );
  const certain = codes.filter((code) => code.certain);
  const words = splitWords(lower, [...dates, ...numbers, ...certain]);
  cutCompounds(words, language);
  addDerived(words, language);
  return {
    text,
    language,
    words: [...words, ...dates.map(dateWord), ...numbers.map(numberWord), ...makeCodeWords(codes, words)],
    exact: certain,
  };
}

interface Span {
  start: number;
  end: number;
}

/** @param wholes terms that are one thing: the words within are their pieces */
function splitWords(question: string, wholes: Span[]): QueryWord[] {
  const words = new Map<string, QueryWord>();
  for (const token of tokens(question)) {
    if (token.kind === 'word' && isStopWord(token.text)) continue;
    const text = token.text.slice(0, maxWordLength);
    const isPiece = wholes.some(({ start, end }) => token.at >= start && token.at < end);
    const key = `${token.kind} ${isPiece} ${text}`;
    const known = words.get(key);
    if (known) known.count++;
    else if (words.size < maxWords)
      words.set(key, token.kind === 'word' ? makeWord(text, isPiece ? 'piece' : 'word') : makeTerm(text));
  }
  return [...words.values()];
}

const longestWords = (words: QueryWord[], language: string | null, most: number): QueryWord[] =>
  words
    .filter(({ role, text }) => role === 'word' && !isFunctionWord(text, language))
    .sort((left, right) => right.text.length - left.text.length)
    .slice(0, most);

/** The verb of a noun, or the noun of a verb, says nearly the same. */
function addDerived(words: QueryWord[], language: string | null): void {
  for (const word of longestWords(words, language, maxDerived)) {
    const derived = listDerived(word.text, language);
    if (derived.length > 0) word.weaker = new Map(derived.map((term) => [term, likenessOfDerived]));
  }
}

/** The longest words of a question may be compounds. */
function cutCompounds(words: QueryWord[], language: string | null): void {
  if (!hasCompounds(language)) return;
  for (const word of longestWords(words, language, maxCompounds)) {
    const splits = listSplits(word.text, language);
    if (splits.length > 0) word.splits = splits;
  }
}

const makeTerm = (text: string): QueryWord => ({ text, count: 1, role: 'word', termsIn: () => [text] });

function makeWord(text: string, role: 'word' | 'piece'): QueryWord {
  const script = detectScript(text);
  const known = new Map<string | null, string[]>();
  // candidates follow each other in one language
  let [last, termsOfLast]: [string | null | undefined, string[]] = [undefined, []];
  const termsIn = (language: string | null): string[] => {
    if (language === last) return termsOfLast;
    [last, termsOfLast] = [language, known.get(language) ?? make(language)];
    return termsOfLast;
  };
  const make = (language: string | null): string[] => {
    const stemmed = stem(text, algorithmFor(script, language));
    const figure = readFigure(text, language);
    const made = figure === undefined ? [stemmed] : [figure, stemmed];
    known.set(language, made);
    return made;
  };
  return { text, count: 1, role, termsIn };
}

// a day of another year, or another day of the month, is partly what the question asks for
const likenessOfWeaker = 0.3;

function dateWord({ terms: [term = '', ...weaker] }: { terms: string[] }): QueryWord {
  return {
    text: term,
    count: 1,
    role: 'exact',
    termsIn: () => [term],
    weaker: new Map(weaker.map((each) => [each, likenessOfWeaker])),
  };
}

const numberWord = ({ terms }: { terms: string[] }): QueryWord => ({
  text: terms[0] ?? '',
  count: 1,
  role: 'exact',
  termsIn: () => terms,
});

/**
 * Codes, and those of their pieces that are not words of the question: a code that is written as one word may
 * be separated in a document.
 */
function makeCodeWords(codes: ExactTerm[], words: QueryWord[]): QueryWord[] {
  const known = new Set(words.map(({ text }) => text));
  let left = maxPieces;
  return codes.flatMap(({ terms, pieces, certain }) => {
    const parts = pieces.length <= maxPiecesOfCode ? pieces.map(makePiece) : [];
    const own = certain ? parts.filter(({ text }) => !known.has(text)).slice(0, left) : [];
    left -= own.length;
    const code: QueryWord = {
      text: terms[0] ?? '',
      count: 1,
      role: 'exact',
      termsIn: () => terms,
      pieces: parts,
      uncertain: !certain,
    };
    return [code, ...own];
  });
}

function makePiece(text: string): QueryWord {
  if (!/^0+\d+$/.test(text)) return makeWord(text, 'piece');
  return { text, count: 1, role: 'piece', termsIn: () => [text.replace(/^0+(?=\d)/u, ''), text] };
}

/**
 * Every index term that a word can have in any language of documents: their frequencies decide which of them
 * count.
 */
export function queryTerms(
  { words, language }: Question,
  languages: readonly (string | null)[] = knownLanguages,
): QueryTerm[] {
  const terms = new Map<string, QueryTerm>();
  const compound = hasCompounds(language);
  const ask = (word: QueryWord, term: string, fuzzy: boolean): void => {
    const known = terms.get(term);
    if (known) known.fuzzy ||= fuzzy;
    else terms.set(term, { term, hash: termHash(term), count: word.count, fuzzy, compound, word: word.text });
  };
  for (const word of words.flatMap((each) => [each, ...(each.pieces ?? [])])) {
    const [likely] = word.termsIn(language);
    const isFuzzy = word.role === 'word' && /^\p{L}+$/u.test(word.text) && word.text.length >= minFuzzyLength;
    for (const each of [language, ...languages])
      for (const term of word.termsIn(each)) ask(word, term, isFuzzy && term === likely);
    for (const term of word.weaker?.keys() ?? []) ask(word, term, false);
    for (const { modifier, head } of word.splits ?? [])
      for (const part of [modifier, head]) ask(word, part, false);
  }
  return [...terms.values()];
}
