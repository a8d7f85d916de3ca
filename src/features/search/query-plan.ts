import { anyOf, saturation, sparseVector } from '../../common/text/analyzer.js';
import { termHash } from '../../common/text/hash.js';
import { isFunctionWord } from '../../common/text/language.js';
import { asksIn } from '../../common/text/question-words.js';
import type { CorpusStats, FoundChunk, WeighedTerm } from '../../platform/database/functions.js';
import type { Question, QueryWord } from './query.js';

/** Scopes up to this many chunks are read whole; larger ones are narrowed to the chunks that hold one of the rarest terms. */
const scanLimit = 20_000;
const prefilterChunks = 10_000;
/** Languages with fewer chunks share the scope's average length: theirs would be chance. */
const fewestChunks = 50;
const nearWeight = 0.8;
/**
 * Of a word's weight, where it only asks or holds the question together. Declarative texts seldom ask, so that such words look rare and would
 * outweigh what the question is about (docs/retrieval.md has the figures).
 */
const functionWeight = 0.25;

/** A word of the question, weighed by how rare it is in the scope. */
export interface WeighedWord {
  word: QueryWord;
  /** BM25's idf times the word's count, less for a function word. An unknown word weighs most: it is what the scope cannot answer. */
  weight: number;
  /** In how many chunks of the scope it, or what stands in for it, occurs. */
  df: number;
  /** Terms that stand in for an unknown word, by how much. */
  near: Map<string, number>;
}

export interface QueryPlan {
  question: Question;
  stats: CorpusStats;
  words: WeighedWord[];
  /** Everything that may match; empty when the scope knows none of the words. */
  terms: string[];
  /** A sparsevec literal. */
  query: string;
  /** A tsquery literal, null to read the whole scope. */
  prefilter: string | null;
}

const idf = (chunks: number, df: number): number => Math.log(1 + (chunks - df + 0.5) / (df + 0.5));

const isTopical = ({ text }: QueryWord, { language }: Question): boolean =>
  !isFunctionWord(text, language) && !asksIn(text, language);

const termsOf = ({ word, near }: WeighedWord, languages: (string | null)[]): string[] =>
  near.size > 0 ? [...near.keys()] : [...new Set(languages.map((language) => word.termIn(language)))];

/** @param weighed what `weigh_terms` answered for the terms of the question */
export function planQuery(question: Question, weighed: CorpusStats & { terms: WeighedTerm[] }): QueryPlan {
  const languages = weighed.languages.map(({ language }) => language || null);
  const dfs = new Map(
    weighed.terms.filter(({ term, source }) => term === source).map(({ term, df }) => [term, df]),
  );
  const nearOf = Map.groupBy(
    weighed.terms.filter(({ term, source }) => term !== source),
    ({ source }) => source,
  );
  const weigh = (word: QueryWord): WeighedWord => {
    const known = [...new Set(languages.map((language) => word.termIn(language)))].reduce(
      (sum, term) => sum + (dfs.get(term) ?? 0),
      0,
    );
    const near =
      known > 0
        ? []
        : ([...nearOf].find(([source]) =>
            languages.concat(null).some((language) => word.termIn(language) === source),
          )?.[1] ?? []);
    const df = Math.min(weighed.chunks, known + near.reduce((sum, term) => sum + term.df, 0));
    return {
      word,
      weight: word.count * idf(weighed.chunks, df) * (isTopical(word, question) ? 1 : functionWeight),
      df,
      near: new Map(near.map(({ term, similarity }) => [term, nearWeight * similarity])),
    };
  };
  const plan = question.words.map(weigh);
  const usable = plan.filter(({ df }) => df > 0);
  return {
    question,
    stats: weighed,
    words: plan,
    terms: [...new Set(usable.flatMap((word) => termsOf(word, languages)))],
    query: sparseVector(queryWeights(usable, languages)),
    prefilter: weighed.chunks > scanLimit ? prefilterOf(usable, languages) : null,
  };
}

function queryWeights(words: WeighedWord[], languages: (string | null)[]): Map<number, number> {
  const weights = new Map<number, number>();
  for (const word of words) {
    for (const term of termsOf(word, languages)) {
      const place = termHash(term);
      weights.set(place, (weights.get(place) ?? 0) + word.weight * (word.near.get(term) ?? 1));
    }
  }
  return weights;
}

function prefilterOf(words: WeighedWord[], languages: (string | null)[]): string {
  const rarestFirst = [...words].sort((left, right) => left.df - right.df);
  const chosen: string[] = [];
  let chunks = 0;
  for (const word of rarestFirst) {
    if (chunks >= prefilterChunks) break;
    chosen.push(...termsOf(word, languages));
    chunks += word.df;
  }
  return anyOf([...new Set(chosen)]);
}

/** A word may be called like something that every object has (`constructor`). */
const placesOf = (term: string, { matched }: FoundChunk): number[] | undefined =>
  Object.hasOwn(matched, term) ? matched[term] : undefined;

/** How often the chunk holds the word, and how well what it holds stands for it (1, less for a near term). */
export function occurrences(
  { word, near }: WeighedWord,
  chunk: FoundChunk,
): { places: number[]; likeness: number } {
  const own = placesOf(word.termIn(chunk.language), chunk);
  if (own) return { places: own, likeness: 1 };
  let best = { places: [] as number[], likeness: 0 };
  for (const [term, likeness] of near) {
    const places = placesOf(term, chunk);
    if (places && likeness > best.likeness) best = { places, likeness };
  }
  return best;
}

/** BM25 of a chunk, exact for the scope as it is now: the stored impacts are of the day they were written. */
export function keywordScore(plan: QueryPlan, chunk: FoundChunk): number {
  const ofLanguage = plan.stats.languages.find(
    ({ language, chunks }) => language === (chunk.language ?? '') && chunks >= fewestChunks,
  );
  const averageLength = ofLanguage?.average_length ?? plan.stats.average_length;
  return plan.words.reduce((sum, word) => {
    const { places, likeness } = occurrences(word, chunk);
    return places.length === 0
      ? sum
      : sum + word.weight * likeness * saturation(places.length, chunk.length, averageLength);
  }, 0);
}
