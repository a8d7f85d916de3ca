import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Chunk } from '../parsing/parsed-document.js';
import { estimateTokens } from '../../common/tokens.js';
import { batches, type BatchLimits } from './batches.js';

const gigabyte = 1024 ** 3;
const chunk = (ordinal: number, content = 'x'.repeat(1000)): Chunk => ({
  ordinal,
  content,
  heading: null,
  page: null,
  pageEnd: null,
  start: 0,
  end: 1,
  place: null,
});
const many = (count: number, content?: string): Chunk[] =>
  Array.from({ length: count }, (_unused, ordinal) => chunk(ordinal, content));
const roomy: BatchLimits = {
  min: 16,
  max: 128,
  floor: gigabyte / 4,
  dimensions: 1536,
  available: () => 8 * gigabyte,
};
const sizes = (chunks: Chunk[], limits: Partial<BatchLimits> = {}): number[] =>
  [...batches(chunks, { ...roomy, ...limits })].map((batch) => batch.length);

describe('batches', () => {
  it('are as large as they may be while there is memory', () => {
    expect(sizes(many(300))).toEqual([128, 128, 44]);
  });

  it('shrink to the smallest size when memory runs short, and grow again after', () => {
    const spare = [8 * gigabyte, gigabyte / 4, 0, 8 * gigabyte];
    expect(sizes(many(300), { available: () => spare.shift() ?? 8 * gigabyte })).toEqual([
      128, 16, 16, 128, 12,
    ]);
  });

  it('lie between the two sizes when some memory is free', () => {
    const [first] = sizes(many(300), { available: () => gigabyte / 4 + 64 * 1024 * 1024 });
    expect(first).toBeGreaterThan(16);
    expect(first).toBeLessThan(128);
  });

  it('hold fewer chunks when these are large', () => {
    expect(sizes(many(100, 'word '.repeat(1000)))).toEqual([52, 48]);
  });

  it('hold every chunk once and in order, whatever the limits', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 200 }),
        fc.nat(),
        (count, min, more, available) => {
          const all = many(count, 'x');
          const found = [...batches(all, { ...roomy, min, max: min + more, available: () => available })];
          expect(found.flat()).toEqual(all);
          expect(found.slice(0, -1).every((batch) => batch.length >= min && batch.length <= min + more)).toBe(
            true,
          );
        },
      ),
    );
  });
});

describe('estimateTokens', () => {
  it('counts letters by four and ideographs by one', () => {
    expect(estimateTokens('abcdefgh')).toBe(2);
    expect(estimateTokens('漢字かな')).toBe(4);
    expect(estimateTokens('')).toBe(0);
  });
});
