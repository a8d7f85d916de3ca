import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { copiesLast } from './deduplicate.js';
import { fuse, minMax } from './fuse.js';

describe('fuse', () => {
  it('weighs each leg over the range of its own candidates', () => {
    expect(fuse([0, 10, 20], [0.2, 0.6, 0.4], 0.5)).toEqual([0, 0.75, 0.75]);
  });

  it('uses one leg alone at either end of alpha', () => {
    expect(fuse([1, 3], [0.9, 0.1], 0)).toEqual([0, 1]);
    expect(fuse([1, 3], [0.9, 0.1], 1)).toEqual([1, 0]);
  });

  it('ranks a passage without a vector by its words alone', () => {
    const [first = 0, second = 0, third = 0] = fuse([20, 4, 0], [null, 0.7, 0.3], 0.5);
    expect(first).toBe(1);
    expect(second).toBeCloseTo(0.6);
    expect(third).toBe(0);
    expect(fuse([1, 3], [null, null], 0.5)).toEqual([0, 1]);
  });

  it('stays within 0 … 1 and keeps an order that both legs agree on', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 2 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, alpha) => {
          const sorted = [...values].sort((left, right) => left - right);
          const fused = fuse(sorted, sorted, alpha);
          expect(Math.min(...fused)).toBeGreaterThanOrEqual(0);
          expect(Math.max(...fused)).toBeLessThanOrEqual(1 + 1e-9);
          expect(fused.every((value, index) => index === 0 || value >= (fused[index - 1] ?? 0))).toBe(true);
        },
      ),
    );
  });

  it('gives nothing for no candidates', () => {
    expect(minMax([])).toEqual([]);
  });
});

describe('copiesLast', () => {
  it('moves passages that were already seen behind all others, whatever their case and spacing', () => {
    const ranking = ['Leave is 25 days.', 'leave  is 25 DAYS', 'Lunch at noon.', 'Leave is 25 days.'].map(
      (content, id) => ({
        id,
        content,
      }),
    );
    expect(copiesLast(ranking).map(({ id }) => id)).toEqual([0, 2, 1, 3]);
  });

  it('compares passages without letters character by character', () => {
    expect(
      copiesLast([
        { content: 'Paid in gold. Paid in gold.' },
        { content: 'Paid in gold' },
        { content: 'Paid in silver' },
      ])[1],
    ).toEqual({
      content: 'Paid in silver',
    });
    expect(
      copiesLast([{ content: '—' }, { content: '…' }, { content: '—' }]).map(({ content }) => content),
    ).toEqual(['—', '…', '—']);
  });
});
