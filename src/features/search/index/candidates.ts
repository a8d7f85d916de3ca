import { compareAsBytes } from '../../../common/text/order.js';
import type { FoundChunk } from '../../../platform/database/functions.js';
import type { SetIndex } from './set-index.js';
import { termOf, type Term } from './words.js';

interface Candidate {
  set: SetIndex;
  chunk: number;
  score: number;
}

/** Beyond so many rows copies are not folded any more; as in `best_chunks`. */
const maxTaken = 100_000;

let scratch = new Float32Array(0);

/** So many zeros, until they are asked for again. */
function zeros(length: number): Float32Array {
  if (scratch.length < length) scratch = new Float32Array(Math.ceil(length * 1.5));
  const scores = scratch.subarray(0, length);
  scores.fill(0);
  return scores;
}

/** Best first; equal scores fall by what a document is called. */
const inOrder = (left: Candidate, right: Candidate): number =>
  right.score - left.score ||
  compareAsBytes(left.set.filenameOf(left.chunk), right.set.filenameOf(right.chunk)) ||
  compareAsBytes(left.set.name, right.set.name) ||
  left.set.ordinalOf(left.chunk) - right.set.ordinalOf(right.chunk);

/** The best of what is offered: a heap whose root is the worst that is kept. */
class Best {
  private readonly heap: Candidate[] = [];

  constructor(private readonly size: number) {}

  /** Lower scores are not kept. */
  get threshold(): number {
    return this.heap.length < this.size ? 0 : (this.heap[0]?.score ?? 0);
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

function collect(
  sets: SetIndex[],
  weights: { term: Term; weight: number }[],
  allowed: ReadonlySet<string> | null,
  take: number,
): Candidate[] {
  const best = new Best(take);
  for (const set of sets) {
    const scores = zeros(set.chunks);
    set.score(weights, scores);
    const documents = set.allowedDocuments(allowed);
    let threshold = best.threshold;
    for (let chunk = 0; chunk < scores.length; chunk++) {
      const score = scores[chunk] as number;
      if (score <= 0 || score < threshold || documents[set.documentOf(chunk)] === 0) continue;
      best.offer({ set, chunk, score });
      threshold = best.threshold;
    }
  }
  return best.sorted();
}

/** Puts the first of the passages with the same content before the other copies of all. */
function copiesBehind(ranking: Candidate[]): { firsts: Candidate[]; copies: Candidate[] } {
  const seen = new Set<bigint>();
  const firsts: Candidate[] = [];
  const copies: Candidate[] = [];
  for (const candidate of ranking) {
    const fingerprint = candidate.set.fingerprintOf(candidate.chunk);
    (seen.has(fingerprint) ? copies : firsts).push(candidate);
    seen.add(fingerprint);
  }
  return { firsts, copies };
}

/**
 * What `keyword_leg` and `found_chunks` in the database give for a question, from these indexes: the same chunks in the same order.
 * @param weights by term, as the sparse vector of the question has them @param terms whose places are wanted
 */
export function keywordCandidates(
  sets: SetIndex[],
  weights: ReadonlyMap<string, number>,
  terms: string[],
  allowed: ReadonlySet<string> | null,
  limit: number,
): FoundChunk[] {
  const hashed = [...weights]
    .map(([term, weight]) => ({ term: termOf(term), weight: Number(weight.toPrecision(6)) }))
    .sort((left, right) => left.term.hash - right.term.hash);
  const asked = new Map(terms.map((term) => [term, termOf(term)]));
  for (let take = 4 * limit; ; take *= 8) {
    const ranking = collect(sets, hashed, allowed, take);
    const { firsts, copies } = copiesBehind(ranking);
    if (firsts.length < limit && ranking.length === take && take <= maxTaken) continue;
    const numbers = new Map(sets.map((set) => [set, set.numbersOf(asked)]));
    return [...firsts, ...copies]
      .slice(0, limit)
      .map(({ set, chunk, score }) => set.passage(chunk, score, numbers.get(set) ?? new Map()));
  }
}
