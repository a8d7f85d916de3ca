import { joinAlternatives, saturation, sparseVector } from '../../common/text/analyzer.js';
import { termHash } from '../../common/text/hash.js';
import type { Split } from '../../common/text/compounds.js';
import { isFunctionWord } from '../../common/text/language.js';
import { asksIn } from '../../common/text/question-words.js';
import { editDistance } from '../../common/text/spelling.js';
import type { CorpusStats, WeighedTerm } from '../../platform/database/functions.js';
import type { Matched } from './candidate.js';
import type { Question, QueryWord } from './query.js';

/**
 * Scopes up to this many chunks are read whole; larger ones are
 * narrowed to the chunks that hold one of the rarest terms.
 */
const scanLimit = 20_000;
const prefilterChunks = 10_000;
/** Languages with fewer chunks share the scope's average length: theirs would be chance. */
const minChunks = 50;
const nearWeight = 0.8;
const maxNearTerms = 2;
const minSimilarity = 0.4;
/** Weight of a longer word that begins or ends with the word of the question. */
const longerWeight = 0.6;
const maxLongerWords = 6;
/**
 * Weights when only the head or only the modifier of a compound is there; both together are nearly the word.
 */
const partWeights = { both: 0.9, head: 0.45, modifier: 0.3 };
/**
 * Share of the weight for a word that only asks or connects. Statements seldom ask, so such words look rare
 * and would outweigh the subject of the question (docs/benchmarks/retrieval.md has the figures).
 */
const functionWeight = 0.25;
/** Weight of a whole code, date or number, which is the subject of the question. */
const exactWeight = 2;

/** A word of the question, weighed by how rare it is in the scope. */
export interface WeighedWord {
  word: QueryWord;
  /**
   * BM25's idf times the word's count, less for a function word. An unknown word weighs most, since the scope
   * cannot answer it.
   */
  weight: number;
  /** Number of chunks in the scope that contain it or its substitutes. */
  df: number;
  /** In how many it occurs itself. */
  known: number;
  /** Terms that replace an unknown word or are a part of it, with their weights. */
  near: Map<string, number>;
  /** The parts of an unknown compound. */
  parts?: Split;
}

export type ScopeStats = Omit<CorpusStats, 'revision'>;

/** The answer of `weigh_terms`, or of the index beside the rows, about the terms of a question. */
export type WeighedTerms = ScopeStats & { terms: WeighedTerm[] };

export interface QueryPlan {
  question: Question;
  stats: ScopeStats;
  words: WeighedWord[];
  /** All terms that may match; empty when the scope contains none of the words. */
  terms: string[];
  /** The weight of each term when candidates are chosen. */
  weights: Map<string, number>;
  /** The same as a sparsevec literal. */
  query: string;
  /** A tsquery literal, null to read the whole scope. */
  prefilter: string | null;
}

const idf = (chunks: number, df: number): number => Math.log(1 + (chunks - df + 0.5) / (df + 0.5));

const isTopical = ({ text }: QueryWord, { language }: Question): boolean =>
  !isFunctionWord(text, language) && !asksIn(text, language);

const ownTerms = (word: QueryWord, languages: (string | null)[]): string[] => [
  ...new Set(languages.flatMap((language) => word.termsIn(language))),
];
const listTerms = ({ word, near, known, parts }: WeighedWord, languages: (string | null)[]): string[] => [
  ...(known > 0 ? ownTerms(word, languages) : []),
  ...near.keys(),
  ...(parts ? [parts.modifier, parts.head] : []),
];

/**
 * An unknown compound is what its parts are, which must both be known: of all
 * ways to cut it the one with the most frequent parts (Koehn and Knight, 2003).
 */
function findParts({ splits = [] }: QueryWord, dfs: Map<string, number>): Split | undefined {
  let best: { split: Split; worth: number } | undefined;
  for (const split of splits) {
    const worth = (dfs.get(split.modifier) ?? 0) * (dfs.get(split.head) ?? 0);
    if (worth > 0 && (!best || worth > best.worth)) best = { split, worth };
  }
  return best?.split;
}

/** The terms that may be meant by an unknown word, with their weights. */
function standIns(source: string, terms: WeighedTerm[]): [string, number][] {
  const allowed = source.length < 8 ? 1 : 2;
  const misspelt = terms
    .map((term) => ({ term, distance: editDistance(source, term.term, allowed) }))
    .filter(({ distance }) => distance <= allowed)
    .sort((left, right) => left.distance - right.distance || right.term.df - left.term.df);
  if (misspelt.length > 0)
    return misspelt
      .slice(0, maxNearTerms)
      .map(({ term, distance }) => [term.term, nearWeight * (1 - distance / source.length)]);
  const longer = terms.filter(({ term }) => term.startsWith(source) || term.endsWith(source));
  if (longer.length > 0) return longer.slice(0, maxLongerWords).map(({ term }) => [term, longerWeight]);
  return terms
    .filter(({ similarity }) => similarity >= minSimilarity)
    .slice(0, maxNearTerms)
    .map(({ term, similarity }) => [term, nearWeight * similarity]);
}

/** The weight of a word apart from its rarity. */
function computeShare(word: QueryWord, question: Question): number {
  if (word.role === 'exact') return exactWeight;
  return word.role === 'word' && isTopical(word, question) ? 1 : functionWeight;
}

/** Number of chunks with the word: a chunk with two of its spellings counts once. */
function countKnown(word: QueryWord, languages: (string | null)[], dfs: Map<string, number>): number {
  const spellings = Math.max(0, ...languages.map((language) => word.termsIn(language).length));
  const counts = Array.from({ length: spellings }, (_, spelling) => {
    const terms = new Set(languages.map((language) => word.termsIn(language)[spelling] ?? ''));
    return [...terms].reduce((sum, term) => sum + (dfs.get(term) ?? 0), 0);
  });
  return Math.max(0, ...counts);
}

export function planQuery(question: Question, weighed: WeighedTerms): QueryPlan {
  const languages = weighed.languages.map(({ language }) => language || null);
  const dfs = new Map(
    weighed.terms.filter(({ term, source }) => term === source).map(({ term, df }) => [term, df]),
  );
  const findNear = Map.groupBy(
    weighed.terms.filter(({ term, source }) => term !== source),
    ({ source }) => source,
  );
  const nearTo = (word: QueryWord): { term: string; df: number; likeness: number }[] => {
    const found = [...findNear].find(([source]) =>
      languages.concat(null).some((language) => word.termsIn(language).includes(source)),
    );
    if (!found) return [];
    const [source, terms] = found;
    const counts = new Map(terms.map(({ term, df }) => [term, df]));
    return standIns(source, terms).map(([term, likeness]) => ({ term, likeness, df: counts.get(term) ?? 0 }));
  };
  const weigh = (word: QueryWord): WeighedWord => {
    const known = countKnown(word, languages, dfs);
    const parts = known > 0 ? undefined : findParts(word, dfs);
    const near = known > 0 || parts ? [] : nearTo(word);
    const weaker = [...(word.weaker ?? [])].filter(([term]) => dfs.has(term));
    const stand = known > 0 ? 0 : weaker.reduce((sum, [term]) => sum + (dfs.get(term) ?? 0), 0);
    const ofParts = parts ? Math.min(dfs.get(parts.modifier) ?? 0, dfs.get(parts.head) ?? 0) : 0;
    const ofNear = near.reduce((sum, term) => sum + term.df, 0);
    const df = Math.min(weighed.chunks, known + stand + ofParts + ofNear);
    return {
      word,
      weight: word.count * idf(weighed.chunks, df) * computeShare(word, question),
      df,
      known,
      near: new Map([...weaker, ...near.map(({ term, likeness }): [string, number] => [term, likeness])]),
      ...(parts && { parts }),
    };
  };
  const plan = question.words.map(weigh).filter(({ word, known }) => !word.uncertain || known > 0);
  const usable = plan.filter(({ df }) => df > 0);
  const weights = queryWeights(usable, languages);
  return {
    question,
    stats: weighed,
    words: plan,
    terms: [
      ...new Set([...usable.flatMap((word) => listTerms(word, languages)), ...pieceTerms(plan, languages)]),
    ],
    weights,
    query: sparseVector(byPlace(weights)),
    prefilter: weighed.chunks > scanLimit ? buildPrefilter(usable, languages) : null,
  };
}

/** Terms of the pieces of codes: their places tell where a code is written apart. */
const pieceTerms = (words: WeighedWord[], languages: (string | null)[]): string[] =>
  words.flatMap(({ word }) => (word.pieces ?? []).flatMap((piece) => ownTerms(piece, languages)));

function queryWeights(words: WeighedWord[], languages: (string | null)[]): Map<string, number> {
  const weights = new Map<string, number>();
  for (const word of words)
    for (const term of listTerms(word, languages)) {
      const share = word.near.get(term) ?? (word.parts ? partWeights.head : 1);
      weights.set(term, (weights.get(term) ?? 0) + word.weight * share);
    }
  return weights;
}

function byPlace(weights: Map<string, number>): Map<number, number> {
  const places = new Map<number, number>();
  for (const [term, weight] of weights) {
    const place = termHash(term);
    places.set(place, (places.get(place) ?? 0) + weight);
  }
  return places;
}

function buildPrefilter(words: WeighedWord[], languages: (string | null)[]): string {
  const rarestFirst = [...words].sort((left, right) => left.df - right.df);
  const chosen: string[] = [];
  let chunks = 0;
  for (const word of rarestFirst) {
    if (chunks >= prefilterChunks) break;
    chosen.push(...listTerms(word, languages));
    chunks += word.df;
  }
  return joinAlternatives([...new Set(chosen)]);
}

/** A word may be called like something that every object has (`constructor`). */
const findPlaces = (term: string, { matched }: Matched): number[] | undefined =>
  Object.hasOwn(matched, term) ? matched[term] : undefined;

/** Places where the pieces of a code are side by side. */
function sideBySide(pieces: QueryWord[], chunk: Matched): number[] {
  const places = pieces.map(
    (piece) => new Set(piece.termsIn(chunk.language).flatMap((term) => findPlaces(term, chunk) ?? [])),
  );
  const [first, ...others] = places;
  if (!first || others.length === 0) return [];
  return [...first].filter((place) => others.every((other, offset) => other.has(place + offset + 1)));
}

function partOccurrences({ modifier, head }: Split, chunk: Matched): Occurrences {
  const [ofModifier, ofHead] = [findPlaces(modifier, chunk), findPlaces(head, chunk)];
  if (ofModifier && ofHead) return { places: ofHead, likeness: partWeights.both };
  if (ofHead) return { places: ofHead, likeness: partWeights.head };
  return { places: ofModifier ?? [], likeness: ofModifier ? partWeights.modifier : 0 };
}

export interface Occurrences {
  places: number[];
  likeness: number;
}

/** Occurrences of each word of the question in a chunk. */
export const listOccurrences = ({ words }: QueryPlan, chunk: Matched): Occurrences[] =>
  words.map((word) => occurrences(word, chunk));

/** How often the chunk contains the word, and how well its match represents it (1, less for a near term). */
export function occurrences({ word, near, parts }: WeighedWord, chunk: Matched): Occurrences {
  for (const term of word.termsIn(chunk.language)) {
    const own = findPlaces(term, chunk);
    if (own) return { places: own, likeness: 1 };
  }
  const together = word.pieces ? sideBySide(word.pieces, chunk) : [];
  if (together.length > 0) return { places: together, likeness: 1 };
  if (parts) return partOccurrences(parts, chunk);
  let best = { places: [] as number[], likeness: 0 };
  for (const [term, likeness] of near) {
    const places = findPlaces(term, chunk);
    if (places && likeness > best.likeness) best = { places, likeness };
  }
  return best;
}

/**
 * BM25 of a chunk, exact for the scope as it is now: the stored impacts are of the day they were written.
 * @param found occurrences of the words in the chunk
 */
export function keywordScore(
  plan: QueryPlan,
  chunk: Matched,
  found: Occurrences[] = listOccurrences(plan, chunk),
): number {
  const ofLanguage = plan.stats.languages.find(
    ({ language, chunks }) => language === (chunk.language ?? '') && chunks >= minChunks,
  );
  const averageLength = ofLanguage?.average_length ?? plan.stats.average_length;
  let sum = 0;
  for (const [at, { places, likeness }] of found.entries())
    if (places.length > 0)
      sum +=
        (plan.words[at]?.weight ?? 0) * likeness * saturation(places.length, chunk.length, averageLength);
  return sum;
}
