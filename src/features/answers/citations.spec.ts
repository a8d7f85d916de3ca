import { describe, expect, it } from '@jest/globals';
import { isVerbatim, findPage, settleMarkers } from './citations.js';
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

  it('removes and reports markers that name no source', () => {
    const dropped = new Set<string>();
    expect(settleMarkers('25 days [99][1], or [0].', 2, dropped)).toBe('25 days [1], or .');
    expect([...dropped]).toEqual(['[99]', '[0]']);
  });
});

describe('findPage', () => {
  it('is the page of the part that holds the quote, or the source’s where none does', () => {
    const parts = [handbook, travel].map(({ content, page }) => ({ content, page }));
    const merged = { ...handbook, content: `${handbook.content}\n\n${travel.content}`, parts };
    expect(findPage('Trains are booked in second class.', merged)).toBe(7);
    expect(findPage('end of March. Trains are booked', merged)).toBe(3);
    expect(findPage('Trains', handbook)).toBe(3);
  });
});

describe('isVerbatim', () => {
  it('compares every character except white space', () => {
    expect(isVerbatim('expire  at the\tend of', handbook.content)).toBe(true);
    expect(isVerbatim('expires at the end', handbook.content)).toBe(false);
    expect(isVerbatim('  ', handbook.content)).toBe(false);
  });
});
