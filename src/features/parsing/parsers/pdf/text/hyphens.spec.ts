import { describe, expect, it } from '@jest/globals';
import { hyphenRule } from './hyphens.js';

describe('hyphenRule', () => {
  const keeps = hyphenRule(['A co-operation of pumps.', 'The database of the plant', 'is a database.'], 'en');

  it.each([
    ['1990', '2000'],
    ['AB', '7731'],
    ['X', 'ray'],
    ['mid', 'May'],
    ['US', 'based'],
    ['price', 'determining'],
    ['long', 'term'],
    ['co', 'operation'],
    ['state-of-the', 'art'],
  ])('keeps the hyphen of %s-%s', (before, after) => expect(keeps(before, after)).toBe(true));

  it.each([
    ['manufac', 'turer'],
    ['infor', 'mation'],
    ['data', 'base'],
  ])('joins %s and %s', (before, after) => expect(keeps(before, after)).toBe(false));

  it('divides by the rules of the language', () => {
    const german = hyphenRule([], 'de');
    expect(german('Liefer', 'bedingungen')).toBe(false);
    expect(german('Online', 'Shop')).toBe(true);
  });
});
