import { describe, expect, it } from '@jest/globals';
import { estimateTokens } from '../../common/tokens.js';
import { splitBatches, halves } from './batches.js';

describe('batches', () => {
  it('are bounded by count and by tokens and keep the order', () => {
    const texts = [...Array.from({ length: 5 }, () => 'word '.repeat(8)), 'x'.repeat(4000), 'y'];
    const batches = splitBatches(texts, 3, 100);
    expect(batches.map((batch) => [batch.start, batch.texts.length])).toEqual([
      [0, 3],
      [3, 2],
      [5, 1],
      [6, 1],
    ]);
    expect(batches.flatMap((batch) => batch.texts)).toEqual(texts);
    expect(splitBatches([], 3, 100)).toEqual([]);
  });

  it('counts a character of Chinese as a token', () => {
    expect(estimateTokens('請假規定')).toBe(4);
    expect(estimateTokens('leave rules!')).toBe(3);
    expect(estimateTokens('')).toBe(0);
  });
});

describe('halves', () => {
  it('lose nothing, cut at white space and never inside a character', () => {
    for (const text of ['one two three four five', 'x'.repeat(301), '😀'.repeat(51), `${'a'.repeat(99)} b`]) {
      const [left, right] = halves(text);
      expect(left + right).toBe(text);
      expect(left.isWellFormed() && right.isWellFormed()).toBe(true);
      expect(Math.min(left.length, right.length)).toBeGreaterThan(text.length / 5);
    }
    expect(halves('one two three four five')[0]).toBe('one two');
  });
});
