import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { vectorLiteral } from './vector-literal.js';

describe('vectorLiteral', () => {
  it('keeps the direction of a unit vector to seven digits, in whole numbers', () => {
    const numbers = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(numbers, (raw) => {
        const length = Math.hypot(...raw);
        fc.pre(length > 1e-3);
        const unit = raw.map((number) => number / length);
        const back = JSON.parse(vectorLiteral(unit)) as number[];
        expect(back.every(Number.isInteger)).toBe(true);
        const norm = Math.hypot(...back);
        for (const [place, number] of unit.entries())
          expect((back[place] ?? 0) / norm).toBeCloseTo(number, 6);
      }),
    );
  });
});
