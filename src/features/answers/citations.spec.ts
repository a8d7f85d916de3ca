import { describe, expect, it } from '@jest/globals';
import { citationsOf, isVerbatim, pageOf, settleMarkers } from './citations.js';
import type { Source } from './sources.js';

const source = (content: string, page: number | null = null): Source => ({
  content,
  page,
  title: null,
  filename: 'handbook.md',
  heading: null,
  language: 'en',
});
const handbook = source('Every employee has 25 days of leave.\nUnused days expire at the end\nof March.', 3);
const travel = source('Trains are booked in second class. Flights need approval.', 7);

describe('settleMarkers', () => {
  it.each([
    ['a [1, 2] b', 'a [1][2] b'],
    ['a [1-3] b', 'a [1][2][3] b'],
    ['a 【1】 b', 'a [1] b'],
    ['a [^2] b', 'a [2] b'],
    ['a [Source 2] b', 'a [2] b'],
    ['a (source 2) b', 'a [2] b'],
    ['since [2023] and a[x]', 'since [2023] and a[x]'],
  ])('writes %s as %s', (given, wanted) => {
    expect(settleMarkers(given, 3, new Set())).toBe(wanted);
  });

  it('takes out and reports what names no source', () => {
    const dropped = new Set<string>();
    expect(settleMarkers('25 days [99][1], or [0].', 2, dropped)).toBe('25 days [1], or .');
    expect([...dropped]).toEqual(['[99]', '[0]']);
  });
});

describe('citationsOf', () => {
  it('finds the words of the source behind each marker, with page and place', () => {
    expect(
      citationsOf('Staff get 25 days of leave [1]. Flights must be approved [2].', [handbook, travel]),
    ).toEqual([
      { marker: '[1]', result: 0, quote: 'Every employee has 25 days of leave.', page: 3, verified: true },
      { marker: '[2]', result: 1, quote: 'Flights need approval.', page: 7, verified: true },
    ]);
  });

  it('checks a quote that the model gave, white space folded', () => {
    expect(citationsOf('It says "Unused days expire at the end of March" [1].', [handbook])).toMatchObject([
      { verified: true, page: 3 },
    ]);
  });

  it.each([
    '"Every employee has 40 days of leave" [1]',
    '„every employee has 25 days“ [1]',
    '"Every employee has 25 days of holiday" [1].',
  ])('marks a quote that does not stand there: %s', (answer) => {
    expect(citationsOf(answer, [handbook])).toMatchObject([{ marker: '[1]', verified: false }]);
  });

  it('marks a statement that the cited source says nothing of', () => {
    expect(citationsOf('The moon is made of cheese [2].', [handbook, travel])).toEqual([
      { marker: '[2]', result: 1, quote: 'The moon is made of cheese', page: 7, verified: false },
    ]);
  });

  it('reads markers behind the full stop as those of the sentence before', () => {
    expect(
      citationsOf('Trains go second class. [2]\n\nLeave is 25 days. [1]', [handbook, travel]).map(
        ({ marker, quote }) => [marker, quote],
      ),
    ).toEqual([
      ['[2]', 'Trains are booked in second class.'],
      ['[1]', 'Every employee has 25 days of leave.'],
    ]);
  });

  it('names the same words once', () => {
    expect(citationsOf('25 days of leave [1]. So 25 days of leave [1].', [handbook])).toHaveLength(1);
  });
});

describe('pageOf', () => {
  it('is the page of the part that holds the quote, or the source’s where none does', () => {
    const parts = [handbook, travel].map(({ content, page }) => ({ content, page }));
    const merged = { ...handbook, content: `${handbook.content}\n\n${travel.content}`, parts };
    expect(pageOf('Trains are booked in second class.', merged)).toBe(7);
    expect(pageOf('end of March. Trains are booked', merged)).toBe(3);
    expect(pageOf('Trains', handbook)).toBe(3);
  });
});

describe('isVerbatim', () => {
  it('compares every character but white space', () => {
    expect(isVerbatim('expire  at the\tend of', handbook.content)).toBe(true);
    expect(isVerbatim('expires at the end', handbook.content)).toBe(false);
    expect(isVerbatim('  ', handbook.content)).toBe(false);
  });
});
