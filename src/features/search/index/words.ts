import { termCheck, termHash } from '../../../common/text/hash.js';

/**
 * A term by two hashes: the place that it has in sparse
 * vectors, and one that tells terms of the same place apart.
 */
export interface Term {
  hash: number;
  check: number;
}

export interface TermPlaces extends Term {
  /** 1-based, ascending. */
  places: number[];
}

export const makeTerm = (text: string): Term => ({ hash: termHash(text), check: termCheck(text) });

const placeBits = 0x3fff;

/** The terms of a tsvector as Postgres sends it, and how many of their places belong to n-grams. */
export function readTsvector(bytes: Buffer): { terms: TermPlaces[]; grams: number } {
  const terms: TermPlaces[] = [];
  let grams = 0;
  let at = 4;
  for (let left = bytes.readInt32BE(0); left > 0; left--) {
    const end = bytes.indexOf(0, at);
    const text = bytes.toString('utf8', at, end);
    const count = bytes.readUInt16BE(end + 1);
    at = end + 3;
    const places: number[] = [];
    for (let place = 0; place < count; place++, at += 2) places.push(bytes.readUInt16BE(at) & placeBits);
    if (text.startsWith('#')) grams += count;
    terms.push({ ...makeTerm(text), places });
  }
  return { terms, grams };
}
