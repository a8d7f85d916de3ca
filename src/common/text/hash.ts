/** Dimensions of the sparse vectors: two terms of a chunk collide about once in a million chunks. */
export const termSpace = 1_000_000_000;

/**
 * The place of a term in the sparse vectors, 1 … `termSpace` (FNV-1a over UTF-16 units, then the finisher of
 * MurmurHash3).
 */
export function termHash(term: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < term.length; index++)
    hash = Math.imul(hash ^ term.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (((hash ^ (hash >>> 16)) >>> 0) % termSpace) + 1;
}

/** A second hash, 32 bits: two terms of the same place in the sparse vectors differ in it. */
export function termCheck(term: string): number {
  let hash = 0x9747b28c;
  for (let index = 0; index < term.length; index++) {
    hash = Math.imul(hash ^ term.charCodeAt(index), 0x5bd1e995);
    hash ^= hash >>> 15;
  }
  return Math.imul(hash ^ (hash >>> 13), 0x27d4eb2f) >>> 0;
}
