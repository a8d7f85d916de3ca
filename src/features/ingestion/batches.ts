import type { Chunk } from '../parsing/parsed-document.js';
import { estimateTokens } from '../../common/tokens.js';

export interface BatchLimits {
  /** Chunks of a batch at least and at most. */
  min: number;
  max: number;
  /** Bytes of memory that are not to be touched. */
  floor: number;
  /** Numbers of a vector, 0 without vectors. */
  dimensions: number;
  /** Bytes that may still be taken. */
  available: () => number;
}

/** A vector on its way is held as numbers, as JSON and as the copy that the database driver sends. */
const bytesOfNumber = 48;
const bytesOfCharacter = 16;
/** Several tasks run at the same time, so one batch takes at most this part of the free memory. */
const shareOfSpare = 1 / 16;
/**
 * Tokens of a batch for each chunk that it may have: chunks far above the usual size make smaller batches.
 */
const tokensPerChunk = 512;

/**
 * Yields the chunks in batches that are as large as memory and tokens allow at that moment, but never below
 * the minimum.
 */
export function* batches(chunks: readonly Chunk[], limits: BatchLimits): Generator<Chunk[]> {
  for (let from = 0; from < chunks.length;) {
    const size = chooseSize(chunks, from, limits);
    yield chunks.slice(from, from + size);
    from += size;
  }
}

function chooseSize(
  chunks: readonly Chunk[],
  from: number,
  { min, max, floor, dimensions, available }: BatchLimits,
): number {
  let bytes = Math.max(0, available() - floor) * shareOfSpare;
  let tokens = max * tokensPerChunk;
  let size = 0;
  for (const chunk of chunks.slice(from, from + max)) {
    bytes -= chunk.content.length * bytesOfCharacter + dimensions * bytesOfNumber;
    tokens -= estimateTokens(chunk.content);
    if (size >= min && (bytes < 0 || tokens < 0)) break;
    size += 1;
  }
  return size;
}
