import { Problem } from '../../common/errors.js';

const invalid = (detail: string): Problem =>
  new Problem('upstream_invalid', `The embedding model ${detail}.`);

/**
 * Normalizes `vector` to length 1.
 * @throws upstream_invalid for a wrong dimension, a value that is not a finite number, and the zero vector
 */
export function unitVector(vector: unknown, dimensions: number): number[] {
  if (!Array.isArray(vector)) throw invalid('answered without a vector');
  if (vector.length !== dimensions)
    throw invalid(`gave ${vector.length} dimensions where ${dimensions} are configured`);
  let squares = 0;
  for (const value of vector as unknown[]) {
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw invalid('gave a vector with a value that is not a number');
    squares += value * value;
  }
  const norm = Math.sqrt(squares);
  if (norm < 1e-12 || !Number.isFinite(norm)) throw invalid('gave a zero vector');
  return (vector as number[]).map((value) => value / norm);
}

/**
 * The vectors of an `/embeddings` answer, in the order of the inputs: by `index` where the items have one.
 * @throws upstream_invalid
 */
export function checkVectors(answer: unknown, expected: number, dimensions: number): number[][] {
  const data = (answer as { data?: unknown } | null)?.data;
  if (!Array.isArray(data)) throw invalid('answered without data');
  if (data.length !== expected) throw invalid(`gave ${data.length} vectors for ${expected} inputs`);
  const vectors: number[][] = [];
  for (const [position, item] of (data as ({ index?: unknown; embedding?: unknown } | null)[]).entries()) {
    const index = item?.index ?? position;
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= expected)
      throw invalid('gave an index out of range');
    if (vectors[index]) throw invalid('gave two vectors for the same input');
    vectors[index] = unitVector(item?.embedding, dimensions);
  }
  return vectors;
}

/** Tokens that the answer says were spent, or the estimate. */
export function tokensSpent(answer: unknown, estimate: number): number {
  const spent = (answer as { usage?: { total_tokens?: unknown } | null } | null)?.usage?.total_tokens;
  return typeof spent === 'number' && spent >= 0 ? spent : estimate;
}
