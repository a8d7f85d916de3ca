import { Column, uint32s } from './columns.js';
import { makePosting, PostingCursor, worthOf } from './posting-cursor.js';

const pageBits = 14;
const pageWords = 1 << pageBits;
const firstWords = 512;
const firstCapacity = 4;
const maxCapacity = 256;
/** The six digits that a sparse vector is stored with. */
function sixDigits(value: number): number {
  if (value >= 0.1) return Math.round(value * 1e6) / 1e6;
  return value >= 0.01 ? Math.round(value * 1e7) / 1e7 : Number(value.toPrecision(6));
}

/** @param norm BM25's k1 · (1 − b + b · length / usual length) of the chunk */
export const computeImpact = (frequency: number, norm: number): number =>
  Math.fround(sixDigits(frequency / (frequency + norm)));

/**
 * The terms of a set and, for each, the chunks that hold it, in ascending order. The first posting lies in
 * the table of terms, since most terms have no second one; the others
 * lie in a chain of blocks, each twice as long as the one before.
 */
export class Postings {
  private slots = new Uint32Array(64);
  private readonly hashes = uint32s();
  private readonly checks = uint32s();
  private readonly counts = uint32s();
  private readonly living = uint32s();
  private readonly firsts = uint32s();
  private readonly heads = uint32s();
  /** The last block of each chain, and its capacity (upper half) and postings (lower half). */
  private readonly blocks = uint32s();
  private readonly states = uint32s();
  private readonly greatest = new Column((length) => new Uint8Array(length));
  private readonly pages: Uint32Array[] = [];
  private used = 1;
  private pageBytes = 0;
  terms = 0;

  get bytes(): number {
    const columns = [
      this.hashes,
      this.checks,
      this.counts,
      this.living,
      this.firsts,
      this.heads,
      this.blocks,
      this.states,
      this.greatest,
    ];
    return columns.reduce((sum, { bytes }) => sum + bytes, 0) + this.slots.byteLength + this.pageBytes;
  }

  /** The term's number; -1 when no chunk ever held it. */
  find(hash: number, check: number): number {
    const mask = this.slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const term = this.slots[slot] ?? 0;
      if (term === 0) return -1;
      if (this.hashes.values[term - 1] === hash && this.checks.values[term - 1] === check) return term - 1;
    }
  }

  /** The same, and a term that is new gets a number. */
  findOrAdd(hash: number, check: number): number {
    const found = this.find(hash, check);
    if (found >= 0) return found;
    const term = this.terms++;
    for (const column of [this.counts, this.living, this.firsts, this.heads, this.blocks, this.states])
      column.ensure(this.terms);
    this.greatest.ensure(this.terms);
    this.hashes.ensure(this.terms)[term] = hash;
    this.checks.ensure(this.terms)[term] = check;
    if (this.terms * 2 > this.slots.length) this.rehash();
    else this.place(term);
    return term;
  }

  /** Living chunks that hold the term. */
  frequency(term: number): number {
    return this.living.values[term] ?? 0;
  }

  getHash(term: number): number {
    return this.hashes.values[term] ?? 0;
  }

  getCheck(term: number): number {
    return this.checks.values[term] ?? 0;
  }

  /**
   * @param chunk not below that of the last posting of the term
   * @param impact of the term in the chunk, above 0 and at most 1
   */
  append(term: number, chunk: number, impact: number): void {
    const posting = makePosting(chunk, impact);
    const count = this.counts.values[term] ?? 0;
    this.counts.values[term] = count + 1;
    this.living.values[term] = (this.living.values[term] ?? 0) + 1;
    this.greatest.values[term] = Math.max(worthOf(posting), this.greatest.values[term] ?? 0);
    if (count === 0) this.firsts.values[term] = posting;
    else this.chain(term, posting);
  }

  /** A chunk that held the term is gone; its posting stays until the set is compacted. */
  bury(term: number): void {
    this.living.values[term] = (this.living.values[term] ?? 1) - 1;
  }

  /** The greatest worth of a posting of the term. */
  getGreatest(term: number): number {
    return this.greatest.values[term] ?? 0;
  }

  /** @param term that a chunk held once */
  open(term: number): PostingCursor {
    let left = this.counts.values[term] ?? 0;
    let address = this.heads.values[term] ?? 0;
    let capacity = 1;
    const first = { postings: this.firsts.values, from: term, to: term + 1 };
    return new PostingCursor(() => {
      if (left === 0) return null;
      if (capacity === 1) {
        capacity = firstCapacity;
        left--;
        return first;
      }
      const page = this.pages[address >>> pageBits];
      if (!page) return null;
      const from = (address & (pageWords - 1)) + 1;
      const to = from + Math.min(capacity, left);
      left -= to - from;
      address = page[from - 1] ?? 0;
      capacity = Math.min(maxCapacity, capacity * 2);
      return { postings: page, from, to };
    });
  }

  private chain(term: number, posting: number): void {
    let state = this.states.values[term] ?? 0;
    let block = this.blocks.values[term] ?? 0;
    if (state >>> 16 === (state & 0xffff)) {
      const capacity = state === 0 ? firstCapacity : Math.min(maxCapacity, (state >>> 16) * 2);
      const next = this.allocate(capacity + 1);
      if (state === 0) this.heads.values[term] = next;
      else this.write(block, next);
      this.blocks.values[term] = block = next;
      state = capacity << 16;
    }
    this.states.values[term] = ++state;
    this.write(block + (state & 0xffff), posting);
  }

  private write(address: number, word: number): void {
    const page = this.pages[address >>> pageBits];
    if (page) page[address & (pageWords - 1)] = word;
  }

  private allocate(words: number): number {
    let page = this.pages.at(-1);
    if (!page) {
      page = new Uint32Array(firstWords);
      this.pages.push(page);
      this.pageBytes = page.byteLength;
    }
    if (this.used + words > page.length) page = this.larger(page, words);
    const address = (this.pages.length - 1) * pageWords + this.used;
    this.used += words;
    return address;
  }

  /** The first page grows up to the size of a page; after it comes a new one. */
  private larger(page: Uint32Array, words: number): Uint32Array {
    const grows = page.length < pageWords && this.used + words <= pageWords;
    const next = new Uint32Array(
      grows ? Math.min(pageWords, Math.max(page.length * 2, this.used + words)) : pageWords,
    );
    if (grows) {
      next.set(page);
      this.pages[this.pages.length - 1] = next;
      this.pageBytes += next.byteLength - page.byteLength;
    } else {
      this.pages.push(next);
      this.used = 0;
      this.pageBytes += next.byteLength;
    }
    return next;
  }

  private place(term: number): void {
    const mask = this.slots.length - 1;
    let slot = (this.hashes.values[term] ?? 0) & mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
    this.slots[slot] = term + 1;
  }

  private rehash(): void {
    this.slots = new Uint32Array(this.slots.length * 4);
    for (let term = 0; term < this.terms; term++) this.place(term);
  }
}
