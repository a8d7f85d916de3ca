import { estimateTokens } from '../../common/tokens.js';

/** Texts of one request, with their places in the whole. */
export interface TextBatch {
  texts: string[];
  /** Place of the first text. */
  start: number;
  tokens: number;
}

/**
 * Consecutive batches of at most `maxCount` texts and `maxTokens` estimated tokens; a larger text is a batch
 * alone.
 */
export function splitBatches(texts: readonly string[], maxCount: number, maxTokens: number): TextBatch[] {
  const batches: TextBatch[] = [];
  let current: TextBatch | undefined;
  for (const [at, text] of texts.entries()) {
    const tokens = estimateTokens(text);
    if (!current || current.texts.length >= maxCount || current.tokens + tokens > maxTokens) {
      current = { texts: [], start: at, tokens: 0 };
      batches.push(current);
    }
    current.texts.push(text);
    current.tokens += tokens;
  }
  return batches;
}

/**
 * Splits a text that was too long, near the middle, at white space if possible and never inside a surrogate
 * pair.
 */
export function halves(text: string): [string, string] {
  const middle = Math.floor(text.length / 2);
  const space = text.slice(0, middle).search(/\s\S*$/);
  let cut = space > middle / 2 ? space : middle;
  if (/[\udc00-\udfff]/.test(text[cut] ?? '')) cut += 1;
  return [text.slice(0, cut), text.slice(cut)];
}

/** The mean direction of two unit vectors, weighted by the lengths of their texts. */
export const weightedMean = (
  left: number[],
  leftWeight: number,
  right: number[],
  rightWeight: number,
): number[] => left.map((value, at) => value * leftWeight + (right[at] ?? 0) * rightWeight);
