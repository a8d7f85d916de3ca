import { compareAsBytes } from '../../../common/text/order.js';
import type { Candidate } from '../candidate.js';
import type { AskedWeights } from './asked-weights.js';
import type { SetIndex } from './set-index.js';
import { ScoreThreshold } from './top-scores.js';
import { makeTerm } from './words.js';

interface Chunk {
  set: SetIndex;
  chunk: number;
}

interface Scored extends Chunk {
  score: number;
}

/** By document of a set: 1 where it may be found; null for all that are there. */
type Allowed = (set: SetIndex) => Uint8Array | null;

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

/** One of the two ways in which chunks are found. */
interface Leg {
  /** The `take` best, in order. */
  best(take: number): Scored[];
  /** Chunks of all legs; null for one that cannot be compared. */
  scores(chunks: Chunk[]): (number | null)[];
}

class WordLeg implements Leg {
  private readonly asked: Map<SetIndex, AskedWeights>;

  constructor(
    sets: SetIndex[],
    weights: ReadonlyMap<string, number>,
    private readonly allowed: Allowed,
  ) {
    const hashed = [...weights]
      .map(([term, weight]) => ({ term: makeTerm(term), weight: Number(weight.toPrecision(6)) }))
      .sort((left, right) => left.term.hash - right.term.hash);
    this.asked = new Map(sets.map((set) => [set, set.askTerms(hashed)]));
  }

  best(take: number): Scored[] {
    const threshold = new ScoreThreshold(take);
    const scored = [...this.asked].flatMap(([set, asked]) => {
      const least = Math.max(0, threshold.value);
      return Array.from(set.collect(asked, this.allowed(set), { take, least }), (chunk) => {
        const score = set.score(chunk, asked);
        threshold.offer(score);
        return { set, chunk, score };
      });
    });
    return firstOf(scored, threshold.value, take);
  }

  scores(chunks: Chunk[]): number[] {
    return chunks.map(({ set, chunk }) => {
      const asked = this.asked.get(set);
      return asked ? set.score(chunk, asked) : 0;
    });
  }
}

class VectorLeg implements Leg {
  constructor(
    private readonly sets: SetIndex[],
    private readonly vector: number[],
    private readonly allowed: Allowed,
  ) {}

  best(take: number): Scored[] {
    const threshold = new ScoreThreshold(take);
    const scored = this.sets.flatMap((set) => this.choose(set, take, threshold));
    return firstOf(scored, threshold.value, take);
  }

  scores(chunks: Chunk[]): (number | null)[] {
    const scores = chunks.map((): number | null => null);
    for (const [set, places] of Map.groupBy(chunks.keys(), (place) => chunks[place]?.set)) {
      const list = Uint32Array.from(places, (place) => chunks[place]?.chunk ?? 0);
      const products = set?.vectors?.products(this.vector, list) ?? [];
      for (const [at, place] of places.entries())
        if (set?.vectors?.has(list[at] as number)) scores[place] = products[at] ?? null;
    }
    return scores;
  }

  /** Chunks that may be among the best. */
  private choose(set: SetIndex, take: number, threshold: ScoreThreshold): Scored[] {
    if (!set.vectors) return [];
    let least = Math.max(noProduct, threshold.value);
    const chunks = set.vectors.collect(this.vector, set.chunksOf(this.allowed(set)), { take, least });
    const products = set.vectors.products(this.vector, chunks);
    const chosen: Scored[] = [];
    for (let at = 0; at < chunks.length; at++) {
      const score = products[at] as number;
      if (score < least) continue;
      chosen.push({ set, chunk: chunks[at] as number, score });
      threshold.offer(score);
      least = Math.max(noProduct, threshold.value);
    }
    return chosen;
  }
}

/** Chunks without a vector have less. */
const noProduct = -1.5;

const firstOf = (scored: Scored[], least: number, take: number): Scored[] =>
  scored
    .filter(({ score }) => score >= least)
    .sort(inOrder)
    .slice(0, take);

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

function pickBest(leg: Leg, limit: number): Scored[] {
  // seldom are many of the best copies
  for (let take = limit + spare; ; take = take < 4 * limit ? 4 * limit : take * 8) {
    const ranking = leg.best(take);
    const { firsts, copies } = copiesBehind(ranking);
    if (firsts.length >= limit || ranking.length < take || take > maxTaken)
      return [...firsts, ...copies].slice(0, limit);
  }
}

export const noTerms = { numbers: [], texts: [] };

/** The legs of a search; a leg that is null is not searched. */
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
  const allowed = allowedBy(sets, documents);
  const byWords = words && new WordLeg(sets, words.weights, allowed);
  const byVector = vector && new VectorLeg(sets, vector, allowed);
  const [ofWords, ofVector] = [
    byWords ? pickBest(byWords, limit) : [],
    byVector ? pickBest(byVector, limit) : [],
  ];
  const known = new Map(sets.map((set) => [set, new Set<number>()]));
  for (const { set, chunk } of ofWords) known.get(set)?.add(chunk);
  const others = ofVector.filter(({ set, chunk }) => !known.get(set)?.has(chunk));
  const asked = new Map((words?.terms ?? []).map((term) => [term, makeTerm(term)]));
  const numbers = new Map(sets.map((set) => [set, set.numberTerms(asked)]));
  const found: Chunk[] = [...ofWords, ...others];
  const keywords = [...ofWords.map(({ score }) => score), ...(byWords?.scores(others) ?? [])];
  const vectors = byVector?.scores(found) ?? [];
  return found.map(({ set, chunk }, at) =>
    set.passage(
      chunk,
      { keyword: keywords[at] ?? null, vector: vectors[at] ?? null },
      numbers.get(set) ?? noTerms,
    ),
  );
}

function allowedBy(sets: SetIndex[], documents: ReadonlySet<string> | null): Allowed {
  if (documents === null) return () => null;
  const allowed = new Map(sets.map((set) => [set, set.allowedDocuments(documents)]));
  return (set) => allowed.get(set) ?? null;
}
