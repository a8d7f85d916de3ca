import { isFunctionWord } from '../../common/text/language.js';
import { asksForNow, isAskingWord } from '../../common/text/question-words.js';
import type { Compared, Matched } from './candidate.js';
import { occurrences, type QueryPlan, type WeighedWord } from './query-plan.js';

type Mode = 'hybrid' | 'vector' | 'keyword';

// Rarity among a handful of chunks is chance: every scope is weighted as if it had this many more without the
// word.
const imaginedChunks = 50;
const hangul = /\p{Script=Hangul}/u;

/**
 * True for a content word. In unspaced scripts words count and their n-grams, which repeat them, do not.
 * Korean words carry particles and seldom repeat, so there the n-grams count.
 */
const tells = ({ word, df }: WeighedWord, language: string | null): boolean =>
  word.role !== 'piece' &&
  word.text.startsWith('#') === hangul.test(word.text) &&
  !isFunctionWord(word.text, language) &&
  !(df === 0 && (isAskingWord(word.text) || asksForNow(word.text)));

/**
 * The weight of each content word: its rarity in the scope. A word that the scope does not contain weighs
 * most, even if it has substitutes.
 */
function tellingWords({ words, question, stats }: QueryPlan): { word: WeighedWord; weight: number }[] {
  const telling = words.filter((word) => tells(word, question.language));
  return (telling.length > 0 ? telling : words).map((word) => {
    const df = word.known;
    return {
      word,
      weight: word.word.count * Math.log(1 + (stats.chunks + imaginedChunks - df + 0.5) / (df + 0.5)),
    };
  });
}

/** Share of the question's weight that the chunk holds, 0 … 1. */
export function coverage(plan: QueryPlan, chunk: Matched): number {
  let total = 0;
  let held = 0;
  for (const { word, weight } of tellingWords(plan)) {
    total += weight;
    held += weight * occurrences(word, chunk).likeness;
  }
  return total === 0 ? 0 : held / total;
}

const cosine = ({ vector }: Compared): number => Math.min(1, Math.max(0, vector ?? 0));

/**
 * Absolute support of a chunk, 0 … 1: coverage of the question, cosine, or both by the weight of the legs.
 */
export function computeSupport(mode: Mode, plan: QueryPlan, chunk: Compared, alpha: number): number {
  if (mode === 'vector') return cosine(chunk);
  // a chunk that the space does not contain yet is judged by its words
  return mode === 'keyword' || chunk.vector === null
    ? coverage(plan, chunk)
    : (1 - alpha) * coverage(plan, chunk) + alpha * cosine(chunk);
}

/**
 * The meaning of a model's cosines: between a question and a passage that does not answer it, and one that
 * does.
 */
export interface CosineScale {
  unrelated: number;
  answering: number;
}

/** For models that could not be measured: roughly text-embedding-3. */
export const assumedScale: CosineScale = { unrelated: 0.2, answering: 0.5 };

/**
 * For the built-in model, measured with the probes. The regressions that judge answers were fitted to its
 * cosines.
 */
export const builtInScale: CosineScale = { unrelated: 0.803, answering: 0.847 };
/** Two measurements of one model differ by less. */
const scaleError = 0.01;
const isBuiltIn = ({ unrelated, answering }: CosineScale): boolean =>
  Math.abs(unrelated - builtInScale.unrelated) < scaleError &&
  Math.abs(answering - builtInScale.answering) < scaleError;

/**
 * Converts a cosine to the scale of the built-in model: .45 is high for one model and nothing for another.
 */
export function onBuiltInScale(cosine: number, scale: CosineScale): number {
  if (isBuiltIn(scale)) return cosine;
  const likeness = (cosine - scale.unrelated) / (scale.answering - scale.unrelated);
  const { unrelated, answering } = builtInScale;
  return unrelated + Math.min(2, Math.max(-1, likeness)) * (answering - unrelated);
}

/** Inputs for judging whether hits answer. */
export interface Yardstick {
  /** The weight of the vector leg. */
  alpha: number;
  scale: CosineScale;
  /** A configured threshold, compared with the support in every mode. */
  threshold?: number;
}

/**
 * The support from which a question counts as answered. Measured on questions that the collection answers and
 * on others (docs/benchmarks/retrieval.md). In English 3 % of the former are refused, in German, Chinese and
 * Arabic 10–15 %; of the latter 2–15 % pass when asked of another collection, 17–30 % when only the answering
 * paragraph was removed.
 */
const coverageThreshold = 0.42;
/** Between the middle coverage of unanswerable questions and that of answerable ones. */
const coverageRange = 0.45;

const within = (value: number): number => Math.min(1, Math.max(-1, value));

/**
 * How far a chunk is above the need of an answer, as a share of the range between the two kinds of questions;
 * it answers from 0 on. A cosine answers from the middle of its model's scale on, since the same .6 is high
 * for one model and nothing for another. In hybrid search, a confident leg makes up for an unsure one.
 */
export function computeMargin(
  mode: Mode,
  plan: QueryPlan,
  chunk: Compared,
  { alpha, scale, threshold }: Yardstick,
): number {
  if (threshold !== undefined) return computeSupport(mode, plan, chunk, alpha) - threshold;
  const { unrelated, answering } = scale;
  const byCosine = () => within((cosine(chunk) - (unrelated + answering) / 2) / (answering - unrelated));
  const byWords = () => within((coverage(plan, chunk) - coverageThreshold) / coverageRange);
  if (mode === 'vector') return byCosine();
  if (mode === 'keyword' || chunk.vector === null) return byWords();
  return (1 - alpha) * byWords() + alpha * byCosine();
}

/** Among the first hits one must answer. */
const looked = 3;

export const isAnswered = (hits: { margin: number }[]): boolean =>
  hits.slice(0, looked).some(({ margin }) => margin >= 0);
