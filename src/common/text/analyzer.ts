import { analyzerVersion } from './analyzer-version.js';
import { extraTerms } from './extra-terms.js';
import { filenameWords } from './filename-words.js';
import { algorithmFor, detectScript, stem } from './stemming.js';
import { termHash, termSpace } from './hash.js';
import { readFigure } from './numbers.js';
import { tokens } from './segmentation.js';

/** Lucene's list for English. All other words are weighted by their rarity. */
const stopWords = new Set(
  'a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with'.split(
    ' ',
  ),
);
/** Longer words are cut: nobody types them, and the index has a limit. */
export const maxWordLength = 64;

export const isStopWord = (word: string): boolean => stopWords.has(word);

export interface Analysis {
  /** In order of appearance. */
  terms: string[];
  /** Codes, dates and numbers in one normal form each, with the place (1-based) of their first term. */
  also?: [term: string, place: number][];
}

const clean = (text: string): string => text.normalize('NFKC').toLowerCase();

/**
 * The only analyzer, for indexed texts and for questions: NFKC, lower case, English stop words, Snowball stem
 * of the language (English when unsure), accents folded; unspaced scripts as words and n-grams.
 * @param language ISO 639-1 of the document, null when unknown
 */
export function analyze(text: string, language: string | null): Analysis {
  const cleaned = clean(text);
  const extras = extraTerms(cleaned);
  const terms: string[] = [];
  const also: [string, number][] = [];
  let next = 0;
  const addExtras = (before: number, place: number): void => {
    for (let extra = extras[next]; extra && extra.start < before; extra = extras[++next])
      for (const term of extra.terms) also.push([term, place]);
  };
  for (const token of tokens(cleaned)) {
    if (token.kind === 'word' && isStopWord(token.text)) continue;
    // an extra that began before this run belongs to the previous word
    addExtras(token.at, Math.max(1, terms.length));
    addExtras(token.at + 1, terms.length + 1);
    if (token.kind === 'term') terms.push(token.text);
    else {
      terms.push(stem(token.text.slice(0, maxWordLength), algorithmFor(detectScript(token.text), language)));
      const figure = readFigure(token.text, language);
      if (figure !== undefined) also.push([figure, terms.length]);
    }
  }
  addExtras(Infinity, Math.max(1, terms.length));
  return { terms, also };
}

// Parameters of BM25 as in Lucene's and Anserini's usual runs; k1 1.2, b .75.
const k1 = 1.2;
const b = 0.75;

/**
 * BM25's saturation of `count` occurrences in a text of `length` terms, 0 … 1. If the average is unknown, the
 * text's own length is used.
 */
export const saturation = (count: number, length: number, averageLength: number): number =>
  count / (count + lengthNorm(length, averageLength));

// limits of Postgres and pgvector
const maxPositions = 255;
const lastPosition = 16_383;
const maxTerms = 16_000;

const quoted = (term: string): string => `'${term.replace(/[\\']/g, (mark) => mark + mark)}'`;

// The stored impacts only choose candidates, whose score is then computed exactly. They assume a usual length
// instead of the current average, so that the row of a chunk depends on the chunk alone and not on documents
// that were ingested before.
const usualLength = 120;
/** A chunk of an unspaced script has its words and their n-grams. */
const usualLengthWithGrams = 480;

/**
 * The length that the stored impacts of a chunk assume.
 * @param grams number of n-grams among its `length` terms
 */
export const computeUsualLength = (length: number, grams: number): number =>
  usualLength + ((usualLengthWithGrams - usualLength) * grams) / Math.max(1, length);

/** The part of BM25's saturation that depends on the length of the text alone. */
export const lengthNorm = (length: number, averageLength: number): number =>
  k1 * (1 - b + (b * length) / (averageLength > 0 ? averageLength : Math.max(1, length)));

/** The keyword part of `StagedChunk`: literals of a tsvector and a sparsevec. */
export function buildLex({ terms, also = [] }: Analysis): {
  length: number;
  fts: string;
  lex: string;
  analyzer: number;
} {
  const positions = new Map<string, number[]>();
  let grams = 0;
  for (const [index, term] of terms.entries()) {
    if (term.startsWith('#')) grams++;
    const found = positions.get(term);
    if (found) found.push(index + 1);
    else if (positions.size < maxTerms) positions.set(term, [index + 1]);
  }
  for (const [term, place] of also) {
    const found = positions.get(term);
    if (!found) {
      if (positions.size < maxTerms) positions.set(term, [place]);
    } else if (found.at(-1) !== place) found.push(place);
  }
  const usual = computeUsualLength(terms.length, grams);
  const impacts = new Map<number, number>();
  const lexemes: string[] = [];
  for (const [term, at] of positions) {
    const hash = termHash(term);
    // a code may be a word of its place too
    const places = new Set(at);
    impacts.set(hash, (impacts.get(hash) ?? 0) + saturation(places.size, terms.length, usual));
    const stored = Array.from(places).slice(0, maxPositions);
    lexemes.push(
      `${quoted(term)}:${[...new Set(stored.map((position) => Math.min(position, lastPosition)))].join()}`,
    );
  }
  return {
    length: terms.length,
    fts: lexemes.join(' '),
    lex: sparseVector(impacts),
    analyzer: analyzerVersion,
  };
}

/** A sparsevec literal. */
export function sparseVector(weights: Map<number, number>): string {
  const entries = [...weights]
    .sort(([left], [right]) => left - right)
    .map(([place, weight]) => `${place}:${Number(weight.toPrecision(6))}`);
  return `{${entries.join()}}/${termSpace}`;
}

/** A tsquery literal that any of the terms satisfies. */
export const joinAlternatives = (terms: string[]): string => terms.map(quoted).join(' | ');

/**
 * The text before a chunk's content in the keyword index: filename, title and heading path, '' where there
 * is nothing. Words of the filename are added only if title and headings lack them.
 */
export function textBefore(chunk: {
  filename: string;
  title: string | null;
  heading: string | null;
}): string {
  const { filename, title, heading } = chunk;
  const parts = title && !heading?.startsWith(title) ? [title, heading] : [heading];
  const words = filenameWords(filename);
  const said = words.length > 0 ? parts.join(' ').toLowerCase() : '';
  const saidWords = said === '' ? null : new Set(said.split(/[^\p{L}\p{N}]+/u));
  const named = saidWords ? words.filter((word) => !saidWords.has(word.toLowerCase())) : words;
  return [named.join(' '), ...parts].filter(Boolean).join('\n');
}

/** The text of a chunk for the keyword index. */
export const indexedText = (chunk: {
  filename: string;
  title: string | null;
  heading: string | null;
  content: string;
}): string => [textBefore(chunk), chunk.content].filter(Boolean).join('\n');
