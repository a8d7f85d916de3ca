import { createHash } from 'node:crypto';

const bucket = (feature: string): { index: number; sign: number } => {
  const digest = createHash('md5').update(feature).digest();
  return { index: digest.readUInt32LE(0), sign: (digest[4] ?? 0) & 1 ? 1 : -1 };
};

/**
 * Words, and the character trigrams of each, so that inflected
 * forms and languages without spaces land near each other.
 */
function features(text: string): [feature: string, weight: number][] {
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.flatMap((word) => {
    const letters = Array.from(`^${word}$`);
    const grams = letters
      .slice(2)
      .map((_, at): [string, number] => [`#${letters.slice(at, at + 3).join('')}`, 0.5]);
    return [[word, 1] as [string, number], ...grams];
  });
}

/** A deterministic unit vector: texts that share words and word parts are near. */
export function hashingEmbedding(text: string, dimensions: number): number[] {
  const vector = Array.from<number>({ length: dimensions }).fill(0);
  for (const [feature, weight] of features(text)) {
    const { index, sign } = bucket(feature);
    vector[index % dimensions] = (vector[index % dimensions] ?? 0) + sign * weight;
  }
  const norm = Math.hypot(...vector);
  if (norm > 0) return vector.map((value) => value / norm);
  vector[0] = 1;
  return vector;
}

/** Cosine of the hashing embeddings, as a stand-in for a rerank model. */
export function similarity(left: string, right: string): number {
  const a = hashingEmbedding(left, 1024);
  const b = hashingEmbedding(right, 1024);
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
}
