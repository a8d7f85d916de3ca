import { Column, uint32s } from './columns.js';
import { maxWorth, type PostingCursor } from './posting-cursor.js';
import type { Postings } from './postings.js';
import { ScoreThreshold } from './top-scores.js';

/** A term of a question by its number in a set. */
export interface WeighedNumber {
  number: number;
  /** Above 0. */
  weight: number;
}

/** Which chunks may be found: those whose document (`owners`) has a 1 in `documents`. */
export interface Eligible {
  owners: Uint32Array;
  documents: Uint8Array;
}

interface Term {
  cursor: PostingCursor;
  /** Of one worth. */
  weight: number;
  /** The most that the term can add to a sum. */
  bound: number;
  /** Postings in a part of the set, on average. */
  density: number;
}

/** Chunks that are added up at once: their sums stay in the nearest cache of the processor. */
const window = 4096;
const firstWindow = 256;
/** A chunk is looked up in as much time as so many postings are added up. */
const postingsOfLookup = 32;
/** Sums of single precision differ by less when they are added up in another order. */
const rounding = 1e-5;

// used by one question after another
const sums = new Float32Array(window);
const places = new Uint32Array(window);

/**
 * Finds the chunks that can be among the `take` best, part after part (MaxScore of Turtle and Flood, 1995). Once
 * the lightest terms together cannot lift a chunk among the best
 * they are only looked up in chunks that have other terms.
 * @param chunks of the set @param eligible null when all chunks are
 * @param least chunks with a lower score do not matter
 * @returns in ascending order, and more than `take` of them: the exact score decides
 */
export function collectChunks(
  postings: Postings,
  terms: WeighedNumber[],
  chunks: number,
  { eligible, take, least }: { eligible: Eligible | null; take: number; least: number },
): Uint32Array {
  const opened = terms
    .map(({ number, weight }) => ({
      cursor: postings.open(number),
      weight: weight / maxWorth,
      bound: (weight * postings.getGreatest(number)) / maxWorth,
      density: (postings.frequency(number) * window) / chunks,
    }))
    .sort((left, right) => left.bound - right.bound);
  const search = new Collection(opened, eligible, take, least);
  // the first parts are small: they tell what it takes to be among the best
  let size = firstWindow;
  for (let first = 0; first < chunks && !search.isOver; size = Math.min(window, size * 2)) {
    search.addPart(first, Math.min(chunks, first + size));
    first += size;
  }
  return search.result;
}

class Collection {
  private readonly best: ScoreThreshold;
  private readonly chosen = uint32s();
  private readonly scores = new Column((length) => new Float32Array(length));
  private count = 0;
  /** Terms before this one, the lightest, cannot lift a chunk among the best by themselves. */
  private firstNeeded = 0;
  /** By term: what it and all lighter ones can add at most. */
  private readonly bounds: number[] = [];
  /** By how much sums may be too high: impacts are rounded up. */
  private readonly excess: number;

  constructor(
    private readonly terms: Term[],
    private readonly eligible: Eligible | null,
    take: number,
    private readonly least: number,
  ) {
    this.best = new ScoreThreshold(take);
    this.excess = terms.reduce((sum, { weight }) => sum + weight, 0);
    let sum = 0;
    for (const { bound } of terms) this.bounds.push((sum += bound));
  }

  /** True when no further chunk can be among the best. */
  get isOver(): boolean {
    return this.firstNeeded === this.terms.length;
  }

  get result(): Uint32Array {
    const { needed } = this;
    const scores = this.scores.values;
    return this.chosen.values.subarray(0, this.count).filter((_chunk, at) => (scores[at] ?? 0) >= needed);
  }

  addPart(first: number, end: number): void {
    let isEmpty = true;
    for (let at = this.firstNeeded; at < this.terms.length; at++) {
      const { cursor, weight } = this.terms[at] as Term;
      if (cursor.addBetween(first, end, sums, weight)) isEmpty = false;
    }
    if (isEmpty) return;
    let found = this.pick(first, end - first);
    for (let at = this.firstNeeded - 1; at >= 0 && found > 0; at--)
      found = this.addLight(at, first, end, found);
    for (let at = 0; at < found; at++)
      this.take(first + (places[at] as number), sums[places[at] as number] as number);
    sums.fill(0, 0, end - first);
    while (!this.isOver && (this.bounds[this.firstNeeded] as number) < this.needed) this.firstNeeded++;
  }

  /** A chunk whose sum is below this is not among the best. */
  private get needed(): number {
    return (Math.max(this.best.value, this.least) - this.excess) * (1 - rounding);
  }

  private boundBelow(term: number): number {
    return term === 0 ? 0 : (this.bounds[term - 1] as number);
  }

  /** Notes the places of the part that can be among the best. @returns how many they are */
  private pick(first: number, size: number): number {
    const { eligible } = this;
    const needed = Math.max(Number.MIN_VALUE, this.needed - this.boundBelow(this.firstNeeded));
    let found = 0;
    for (let place = 0; place < size; place++) if ((sums[place] as number) >= needed) places[found++] = place;
    if (!eligible) return found;
    const { owners, documents } = eligible;
    let kept = 0;
    for (let at = 0; at < found; at++) {
      const place = places[at] as number;
      if (documents[owners[first + place] as number] === 1) places[kept++] = place;
    }
    return kept;
  }

  /** Adds a light term to those places at least, and drops those that cannot be among the best any more. */
  private addLight(term: number, first: number, end: number, found: number): number {
    const { cursor, weight, density } = this.terms[term] as Term;
    if (found * postingsOfLookup > density) cursor.addBetween(first, end, sums, weight);
    else
      for (let at = 0; at < found; at++) {
        const place = places[at] as number;
        sums[place] = (sums[place] as number) + weight * cursor.findWorth(first + place);
      }
    const needed = this.needed - this.boundBelow(term);
    let kept = 0;
    for (let at = 0; at < found; at++) {
      const place = places[at] as number;
      if ((sums[place] as number) >= needed) places[kept++] = place;
    }
    return kept;
  }

  private take(chunk: number, sum: number): void {
    if (sum < this.needed) return;
    this.best.offer(sum);
    this.scores.ensure(this.count + 1)[this.count] = sum;
    this.chosen.ensure(this.count + 1)[this.count] = chunk;
    this.count++;
  }
}
