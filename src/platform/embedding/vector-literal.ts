/** Finer than what the database keeps of a unit vector's numbers. */
const scale = 1e7;

/**
 * A unit vector as text for the database, which brings it back to length 1. Whole numbers, because pgvector reads a fraction about ten times
 * as slowly: 10 ms for each vector of 1,536 numbers in PGlite.
 */
export const vectorLiteral = (vector: readonly number[]): string =>
  `[${vector.map((number) => Math.round(number * scale)).join()}]`;
