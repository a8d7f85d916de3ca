import { compareAsBytes } from '../../../common/text/order.js';
import type { FoundChunk } from '../../../platform/database/functions.js';
import type { SetIndex } from './set-index.js';
import { makeTerm } from './words.js';

interface Candidate {
  set: SetIndex;
  chunk: number;
  score: number;
}

/** By document of each set: 1 where it may be found. */
type Allowed = Map<SetIndex, Uint8Array>;

/** Beyond so many rows copies are not folded any more; as in `best_chunks`. */
const maxTaken = 100_000;

/** Best first; equal scores fall by what a document is called. */
const inOrder = (left: Candidate, right: Candidate): number =>
  right.score - left.score ||
  compareAsBytes(left.set.getFilename(left.chunk), right.set.getFilename(right.chunk)) ||
  compareAsBytes(left.set.name, right.set.name) ||
  left.set.getOrdinal(left.chunk) - right.set.getOrdinal(right.chunk);

/** The best of what is offered: a heap whose root is the worst that is kept. */
class Best {
  private readonly heap: Candidate[] = [];

  constructor(private readonly size: number) {}

  /** Lower scores are not kept. */
  get threshold(): number {
    return this.heap.length < this.size ? -Infinity : (this.heap[0]?.score ?? 0);
  }

  offer(candidate: Candidate): void {
    const { heap } = this;
    if (heap.length < this.size) {
      heap.push(candidate);
      this.rise(heap.length - 1);
      return;
    }
    const worst = heap[0];
    if (!worst || inOrder(candidate, worst) >= 0) return;
    heap[0] = candidate;
    this.sink();
  }

  sorted(): Candidate[] {
    return this.heap.sort(inOrder);
  }

  private rise(from: number): void {
    const { heap } = this;
    for (let at = from; at > 0;) {
      const parent = (at - 1) >> 1;
      const [own, above] = [heap[at], heap[parent]];
      if (!own || !above || inOrder(own, above) <= 0) return;
      [heap[at], heap[parent]] = [above, own];
      at = parent;
    }
  }

  private sink(): void {
    const { heap } = this;
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let worst = at;
      for (const child of [left, right]) {
        const [candidate, other] = [heap[child], heap[worst]];
        if (candidate && other && inOrder(candidate, other) > 0) worst = child;
      }
      const [own, next] = [heap[at], heap[worst]];
      if (worst === at || !own || !next) return;
      [heap[at], heap[worst]] = [next, own];
      at = worst;
    }
  }
}

/** By set, one score a chunk; what is not above `nothing` was not found. */
interface Leg {
  scores: Map<SetIndex, Float32Array>;
  nothing: number;
}

function collect({ scores, nothing }: Leg, allowed: Allowed, take: number): Candidate[] {
  const best = new Best(take);
  for (const [set, ofSet] of scores) {
    const documents = allowed.get(set);
    let { threshold } = best;
    for (let chunk = 0; chunk < ofSet.length; chunk++) {
      const score = ofSet[chunk] as number;
      if (score <= nothing || score < threshold || documents?.[set.getDocument(chunk)] !== 1) continue;
      best.offer({ set, chunk, score });
      threshold = best.threshold;
    }
  }
  return best.sorted();
}

/** Of passages with the same content the first keeps its place and the others go behind all, so that copies cannot fill the list. */
function copiesBehind(ranking: Candidate[]): { firsts: Candidate[]; copies: Candidate[] } {
  const seen = new Set<bigint>();
  const firsts: Candidate[] = [];
  const copies: Candidate[] = [];
  for (const candidate of ranking) {
    const fingerprint = candidate.set.getFingerprint(candidate.chunk);
    (seen.has(fingerprint) ? copies : firsts).push(candidate);
    seen.add(fingerprint);
  }
  return { firsts, copies };
}

function pickBest(leg: Leg, allowed: Allowed, limit: number): Candidate[] {
  for (let take = 4 * limit; ; take *= 8) {
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
  const scored = (set: SetIndex): Float32Array => {
    const scores = new Float32Array(set.chunks);
    set.score(hashed, scores);
    return scores;
  };
  return { scores: new Map(sets.map((set) => [set, scored(set)])), nothing: 0 };
}

/** Chunks without a vector have −2. */
const vectorLeg = (sets: SetIndex[], vector: number[]): Leg => ({
  scores: new Map(sets.map((set) => [set, set.vectors?.products(vector, set.chunks) ?? new Float32Array(0)])),
  nothing: -1.5,
});

/** What is searched for; a leg that is null is not asked. */
export interface Wanted {
  words: { weights: ReadonlyMap<string, number>; terms: string[] } | null;
  vector: number[] | null;
}

/**
 * The chunks that the legs in the database (`search.sql`) find, in the same order, from these indexes: the best `limit` of each leg, with
 * the scores of both.
 * @param documents ids of those that a filter leaves, null for all
 */
export function findCandidates(
  sets: SetIndex[],
  { words, vector }: Wanted,
  documents: ReadonlySet<string> | null,
  limit: number,
): FoundChunk[] {
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
      return set.passage(chunk, { keyword, vector: product ?? null }, numbers.get(set) ?? new Map());
    });
}
