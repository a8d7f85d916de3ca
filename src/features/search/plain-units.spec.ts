import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fold } from '../../common/text/stemming.js';
import { plainUnits } from './plain-units.js';

const fast = (text: string): string => String.fromCharCode(...plainUnits(text));
const slow = (text: string): string => {
  const words = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim();
  return ` ${fold(words)} `;
};

describe('plainUnits', () => {
  it.each([
    'Annual LEAVE — 25 days!',
    'Größe und Maß',
    'café ﬁnance',
    'Ⅳ ½ ﷺ',
    'ΟΔΟΣ',
    '年假 25 日',
    'هَذَا',
    '',
    '…',
  ])('reads %s as the rules of Unicode do', (text) => {
    expect(fast(text).replace(/ +/g, ' ')).toBe(slow(text).replace(/ +/g, ' '));
  });

  it('does so for any text of scripts that are folded alike', () => {
    const letters = fc.string({ unit: fc.constantFrom(...Array.from('aÄßéœİıłΣσ9½ﬁ年か한ا ًﷺ- .')) });
    fc.assert(
      fc.property(fc.oneof(letters, fc.string()), (text) => {
        expect(fast(text).replace(/ +/g, ' ')).toBe(slow(text).replace(/ +/g, ' '));
      }),
      { numRuns: 2000 },
    );
  });
});
