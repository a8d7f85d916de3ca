import { describe, expect, it } from '@jest/globals';
import { datesIn } from './dates.js';

const terms = (text: string): string[] =>
  datesIn(text.normalize('NFKC').toLowerCase()).flatMap((date) => date.terms);

describe('datesIn', () => {
  it.each([
    '2025-04-11',
    '2025/4/11',
    '11.04.2025',
    '11. 4. 2025',
    '11.04.25',
    '11 April 2025',
    '11th of April 2025',
    'April 11, 2025',
    'Apr. 11th, 2025',
    '11. April 2025',
    '11 avril 2025',
    '11 de abril de 2025',
    '11 aprile 2025',
    '2025年4月11日',
  ])('reads %s', (text) => {
    expect(terms(`on ${text}.`)).toEqual(['@2025-04-11', '@2025-04', '@04-11']);
  });

  it('reads the months of other languages', () => {
    expect(terms('1er mai 2024')[0]).toBe('@2024-05-01');
    expect(terms('3. März 2024')[0]).toBe('@2024-03-03');
    expect(terms('24 décembre 2024')[0]).toBe('@2024-12-24');
    expect(terms('5 oktober 2024')[0]).toBe('@2024-10-05');
  });

  it('reads dates without a year, and without a day', () => {
    expect(terms('on April 11th')).toEqual(['@04-11']);
    expect(terms('in April 2025')).toEqual(['@2025-04']);
  });

  it('keeps both readings of a date that has two', () => {
    expect(terms('04/11/2025')).toEqual(
      expect.arrayContaining(['@2025-11-04', '@2025-04-11', '@2025-04', '@2025-11']),
    );
    expect(terms('31/12/2025')).toEqual(['@2025-12-31', '@2025-12', '@12-31']);
  });

  it.each(['31.02.2025', '2025-13-01', 'version 1.2.3', 'it may rain', '192.168.10.12', 'ratio 3/4'])(
    'finds no date in %s',
    (text) => {
      expect(terms(text)).toEqual([]);
    },
  );

  it('takes linear time', () => {
    const started = performance.now();
    datesIn(
      `${'1.'.repeat(100_000)} ${'may 1 '.repeat(50_000)} ${'2025-01-'.repeat(50_000)} ${' '.repeat(100_000)}`,
    );
    expect(performance.now() - started).toBeLessThan(4000);
  });
});
