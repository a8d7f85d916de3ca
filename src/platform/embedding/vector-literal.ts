/** More precise than the numbers of a unit vector in the database. */
const scale = 1e7;

/**
 * A unit vector as text for the database, which normalizes it to length 1. The numbers are integers because
 * pgvector reads fractions about ten times slower: 10 ms for each vector of 1,536 numbers in PGlite.
 */
export const vectorLiteral = (vector: readonly number[]): string =>
  `[${vector.map((number) => Math.round(number * scale)).join()}]`;
