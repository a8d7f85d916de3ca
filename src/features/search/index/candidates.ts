import { compareAsBytes } from '../../../common/text/order.js';
import type { Candidate } from '../candidate.js';
import type { SetIndex } from './set-index.js';
import { ScoreThreshold } from './top-scores.js';
import { makeTerm } from './words.js';

interface Scored {
  set: SetIndex;
  chunk: number;
  score: number;
}

/** By document of each set: 1 where it may be found. */
type Allowed = Map<SetIndex, Uint8Array>;

/** Beyond so many rows copies are not folded any more; as in `best_chunks`. */
const maxTaken = 100_000;
/** Copies that are expected among the best. */
const spare = 28;

/** Best first; equal scores fall by what a document is called. */
const inOrder = (left: Scored, right: Scored): number =>
  right.score - left.score ||
  compareAsBytes(left.set.getFilename(left.chunk), right.set.getFilename(right.chunk)) ||
  compareAsBytes(left.set.name, right.set.name) ||
  left.set.getOrdinal(left.chunk) - right.set.getOrdinal(right.chunk);

/** By set, one score a chunk; what is not above `nothing` was not found. */
interface Leg {
  scores: Map<SetIndex, Float32Array>;
  nothing: number;
}

/** Chunks of a set that may be among the best, in ascending order. */
interface Chosen {
  set: SetIndex;
  chunks: number[];
}

function choose(
  set: SetIndex,
  scores: Float32Array,
  documents: Uint8Array,
  { nothing, threshold }: { nothing: number; threshold: ScoreThreshold },
): Chosen {
  const { owners } = set;
  const chunks: number[] = [];
  let least = threshold.value;
  for (let chunk = 0; chunk < set.chunks; chunk++) {
    const score = scores[chunk] as number;
    if (score < least || score <= nothing || documents[owners[chunk] as number] !== 1) continue;
    chunks.push(chunk);
    threshold.offer(score);
    least = threshold.value;
  }
  return { set, chunks };
}

/** The `take` best, in order. */
function collect({ scores, nothing }: Leg, allowed: Allowed, take: number): Scored[] {
  const threshold = new ScoreThreshold(take);
  const chosen = [...scores].map(([set, ofSet]) =>
    choose(set, ofSet, allowed.get(set) ?? new Uint8Array(0), { nothing, threshold }),
  );
  const least = threshold.value;
  const best = chosen.flatMap(({ set, chunks }) => {
    const ofSet = scores.get(set) ?? new Float32Array(0);
    return chunks
      .map((chunk) => ({ set, chunk, score: ofSet[chunk] as number }))
      .filter(({ score }) => score >= least);
  });
  return best.sort(inOrder).slice(0, take);
}

/**
 * Of passages with the same content the first keeps its place and
 * the others go behind all, so that copies cannot fill the list.
 */
function copiesBehind(ranking: Scored[]): { firsts: Scored[]; copies: Scored[] } {
  const seen = new Set<bigint>();
  const firsts: Scored[] = [];
  const copies: Scored[] = [];
  for (const scored of ranking) {
    const fingerprint = scored.set.getFingerprint(scored.chunk);
    (seen.has(fingerprint) ? copies : firsts).push(scored);
    seen.add(fingerprint);
  }
  return { firsts, copies };
}

function pickBest(leg: Leg, allowed: Allowed, limit: number): Scored[] {
  // seldom are many of the best copies
  for (let take = limit + spare; ; take = take < 4 * limit ? 4 * limit : take * 8) {
    const ranking = collect(leg, allowed, take);
    const { firsts, copies } = copiesBehind(ranking);
    if (firsts.length >= limit || ranking.length < take || take > maxTaken)
      return [...firsts, ...copies].slice(0, limit);
  }
}

function keywordLeg(sets: SetIndex[], weights: ReadonlyMap<string, number>): Leg {
  const hashed = [...weights]
    .map(([term, weight]) => ({ term: makeTerm(term), weight: Number(weight.toPrecision(6)) }))
    .sort((left, right) => left.term.hash - right.term.hash);
  return { scores: new Map(sets.map((set) => [set, set.score(hashed)])), nothing: 0 };
}

/** Chunks without a vector have −2. */
const vectorLeg = (sets: SetIndex[], vector: number[]): Leg => ({
  scores: new Map(sets.map((set) => [set, set.vectors?.products(vector, set.chunks) ?? new Float32Array(0)])),
  nothing: -1.5,
});

const noTerms = { numbers: [], texts: [] };

/** What is searched for; a leg that is null is not asked. */
export interface Wanted {
  words: { weights: ReadonlyMap<string, number>; terms: string[] } | null;
  vector: number[] | null;
}

/**
 * The chunks that the legs in the database (`search.sql`) find, in the same order, from these indexes: the
 * best `limit` of each leg, with the scores of both.
 * @param documents ids of those that a filter leaves, null for all
 */
export function findCandidates(
  sets: SetIndex[],
  { words, vector }: Wanted,
  documents: ReadonlySet<string> | null,
  limit: number,
): Candidate[] {
  const allowed: Allowed = new Map(sets.map((set) => [set, set.allowedDocuments(documents)]));
  const byWords = words && keywordLeg(sets, words.weights);
  const byVector = vector && vectorLeg(sets, vector);
  const found = [byWords, byVector].flatMap((leg) => (leg ? pickBest(leg, allowed, limit) : []));
  const asked = new Map((words?.terms ?? []).map((term) => [term, makeTerm(term)]));
  const numbers = new Map(sets.map((set) => [set, set.numberTerms(asked)]));
  const seen = new Map(sets.map((set) => [set, new Set<number>()]));
  return found
    .filter(({ set, chunk }) => !seen.get(set)?.has(chunk) && seen.get(set)?.add(chunk))
    .map(({ set, chunk }) => {
      const keyword = byWords?.scores.get(set)?.[chunk] ?? null;
      const product = set.vectors?.has(chunk) ? byVector?.scores.get(set)?.[chunk] : undefined;
      return set.passage(chunk, { keyword, vector: product ?? null }, numbers.get(set) ?? noTerms);
    });
}
