import { describe, expect, it } from '@jest/globals';
import { readFigure, numbersIn } from './numbers.js';

const terms = (text: string): string[] => numbersIn(text).flatMap((number) => number.terms);

describe('numbersIn', () => {
  it.each(['25,000', '25.000', '25 000', "25'000", '25’000'])('reads %s', (text) => {
    expect(terms(`up to ${text}`)).toContain('25000');
  });

  it('reads decimals with point and comma', () => {
    expect(terms('2.5 2,5 3.00')).toEqual(['2.5', '2.5', '3']);
  });

  it('reads units with and without a blank', () => {
    expect(terms('10kg')).toEqual(['10kg', '10', 'kg']);
    expect(terms('10 kg')).toEqual(['10kg', '10', 'kg']);
  });

  it('reads currency and percent signs only beside a figure', () => {
    expect(terms('€28 28 € 15 %')).toEqual(['eur', 'eur', '%']);
    expect(terms('$PATH and %d')).toEqual([]);
  });
});

describe('readFigure', () => {
  it('follows the language of the text', () => {
    expect(readFigure('four', 'en')).toBe('4');
    expect(readFigure('vier', 'de')).toBe('4');
    expect(readFigure('elf', 'de')).toBe('11');
    expect(readFigure('elf', 'en')).toBeUndefined();
    expect(readFigure('thirty', null)).toBe('30');
    expect(readFigure('constructor', 'en')).toBeUndefined();
  });
});
