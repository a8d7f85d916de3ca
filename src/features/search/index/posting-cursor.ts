const worthBits = 8;
/** An impact is at least `(worth − 1) / maxWorth` and at most `worth / maxWorth`. */
export const maxWorth = 255;
/** Chunks that a posting can name, in its other bits. */
export const maxChunks = 2 ** (32 - worthBits);

/** A chunk that holds a term and what the term is worth in it. @param impact above 0, at most 1 */
export const makePosting = (chunk: number, impact: number): number =>
  ((chunk << worthBits) | Math.min(maxWorth, Math.ceil(impact * maxWorth))) >>> 0;
export const worthOf = (posting: number): number => posting & maxWorth;

/** Postings of one term that follow each other in one array. */
export interface PostingBlock {
  postings: Uint32Array;
  from: number;
  /** Above `from`. */
  to: number;
}

/** Reads the postings of a term forwards, chunk by chunk. */
export class PostingCursor {
  private postings: Uint32Array = new Uint32Array(0);
  private at = 0;
  private end = 0;
  /** Of the last posting of the block. */
  private last = -1;

  /** @param nextBlock gives the blocks one after the other, then null */
  constructor(private readonly nextBlock: () => PostingBlock | null) {
    this.enterBlock();
  }

  /**
   * Adds `weight` times the worth of each posting of a chunk from `first` on and below `limit` to the sum of
   * its chunk. @param sums of the chunks from `first` on @returns whether there was one
   */
  addBetween(first: number, limit: number, sums: Float32Array, weight: number): boolean {
    if (!this.skipTo(first)) return false;
    let found = false;
    while (this.at < this.end) {
      const { postings, at } = this;
      const to = this.last < limit ? this.end : this.seek(limit);
      for (let next = at; next < to; next++) {
        const posting = postings[next] as number;
        const place = (posting >>> worthBits) - first;
        sums[place] = (sums[place] as number) + weight * (posting & maxWorth);
      }
      found ||= to > at;
      this.at = to;
      if (to < this.end || !this.enterBlock()) break;
    }
    return found;
  }

  /** To the first posting whose chunk is not below this one. @returns whether there is one */
  private skipTo(chunk: number): boolean {
    while (this.last < chunk) if (!this.enterBlock()) return false;
    if ((this.postings[this.at] as number) >>> worthBits < chunk) this.at = this.seek(chunk);
    return true;
  }

  /**
   * Returns the worth of the term in a chunk, which must be above that of the last call; 0 when the chunk
   * lacks it.
   */
  findWorth(chunk: number): number {
    if (!this.skipTo(chunk)) return 0;
    const posting = this.postings[this.at] as number;
    return posting >>> worthBits === chunk ? posting & maxWorth : 0;
  }

  /**
   * The place of the first posting whose chunk is not below one that is not above the block's last. Goes there in
   * steps that double: it is mostly near, and what is far from here is not in the processor's cache.
   */
  private seek(chunk: number): number {
    const { postings } = this;
    const last = this.end - 1;
    let low = this.at;
    let high = low;
    for (let step = 1; high < last && (postings[high] as number) >>> worthBits < chunk; step *= 2) {
      low = high + 1;
      high = Math.min(last, high + step);
    }
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((postings[middle] as number) >>> worthBits < chunk) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private enterBlock(): boolean {
    const block = this.nextBlock();
    if (!block) {
      this.at = this.end;
      return false;
    }
    this.postings = block.postings;
    this.at = block.from;
    this.end = block.to;
    this.last = (block.postings[block.to - 1] as number) >>> worthBits;
    return true;
  }
}
