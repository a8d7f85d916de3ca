import type { WeighedNumber } from './keyword-leg.js';

/** Terms of a question with their weights, by the numbers that they have in a set. */
export class AskedWeights {
  readonly terms: WeighedNumber[];
  /** Numbers of the terms, ascending. */
  readonly numbers: Uint32Array;
  /** In the order of the terms' hashes: weights in single precision, and their places in `numbers`. */
  readonly byHash: { place: number; weight: number }[];
  /** Room for one number a term, in the order of `numbers`. */
  readonly counts: Uint8Array;

  /** @param terms in ascending order of their hashes; a negative number is not known */
  constructor(terms: WeighedNumber[]) {
    this.terms = terms.filter(({ number, weight }) => number >= 0 && weight > 0);
    this.numbers = Uint32Array.from(this.terms, ({ number }) => number).sort();
    this.byHash = this.terms.map(({ number, weight }) => ({
      place: this.numbers.indexOf(number),
      weight: Math.fround(weight),
    }));
    this.counts = new Uint8Array(this.numbers.length);
  }
}
