import { describe, expect, it } from '@jest/globals';
import type { Source } from '../sources.js';
import { ClaimChecker } from './claim-checker.js';

const source = (content: string, page: number | null = null): Source => ({
  content,
  page,
  title: null,
  filename: 'handbook.md',
  heading: null,
  language: 'en',
});
const handbook = source('Every employee has 25 days of leave.\nUnused days expire at the end\nof March.', 3);
const travel = source('Trains are booked in second class. Flights need **approval** by the “board”.', 7);
const sources = [handbook, travel];

const check = (text: string) => new ClaimChecker(sources).check(text);

describe('ClaimChecker', () => {
  it('moves words that the model copied from the marker into the citation', () => {
    expect(check('Staff get 25 days [1: "25 days of leave"].')).toMatchObject({
      text: 'Staff get 25 days [1].',
      standing: 'verified',
      citations: [{ marker: '[1]', result: 0, quote: '25 days of leave', page: 3, verified: true }],
    });
  });

  it('finds words that were copied with other quotation marks, and quotes them as in the source', () => {
    expect(check('It needs a yes [2: "flights need approval by the \'board"].').standing).toBe('unverified');
    expect(check('It needs a yes [2: «flights need approval by the "board»].').citations).toMatchObject([
      { quote: 'Flights need **approval** by the “board', verified: true },
    ]);
    expect(
      check('Both [1: "Every employee … expire at the end of March"].').citations.map(({ quote }) => quote),
    ).toEqual(['Every employee', 'expire at the end\nof March']);
  });

  it.each([
    'Staff get 25 days [1].',
    'Flights must be approved [2].',
    'It says "Unused days expire at the end of March" [1].',
    'Die Angestellten haben 25 Tage [1: "25 days of leave"].',
    'Yes [1: "25 days of leave"].',
  ])('verifies %j', (text) => {
    expect(check(text)).toMatchObject({ text: text.replace(/: ".*"\]/u, ']'), standing: 'verified' });
  });

  it.each([
    ['another number than the source', 'Staff get 30 days of leave [1].'],
    ['another number beside words of the source', 'Staff get 30 days [1: "25 days of leave"].'],
    ['words that the source does not have', 'It says "Every employee has 40 days" [1].'],
    ['copied words that are made up', 'Leave is 25 days [1: "leave of twenty-five days"].'],
    ['nothing that the source says', 'The moon is made of cheese [2].'],
  ])('marks a claim with %s', (_, text) => {
    const { text: shown, standing } = check(text);
    expect(standing).toBe('unverified');
    expect(shown).toMatch(/\[\d\] \(unverified\)\.$/u);
  });

  it('returns the statement as unverified when the source does not support it', () => {
    expect(check('The moon is made of cheese [2].').citations).toEqual([
      { marker: '[2]', result: 1, quote: 'The moon is made of cheese', page: 7, verified: false },
    ]);
  });

  it('finds the source of a claim that names none', () => {
    expect(check('Unused days of leave expire at the end of March.')).toMatchObject({
      text: 'Unused days of leave expire at the end of March [1].',
      standing: 'verified',
      citations: [{ marker: '[1]', quote: 'Unused days expire at the end\nof March.' }],
    });
    expect(check('The canteen opens at noon.')).toMatchObject({ standing: 'unsupported', citations: [] });
    expect(check('Every employee has 35 days of leave.')).toMatchObject({ standing: 'unsupported' });
  });

  it('does not treat headings, lead-ins and reported gaps as claims', () => {
    for (const text of ['## Leave\n', 'There are two ways:\n', 'Yes. ', '---\n'])
      expect(check(text).standing).toBe('leading');
    expect(check('MISSING: the leave of interns.')).toMatchObject({
      text: 'the leave of interns.',
      standing: 'gap',
    });
  });

  it('drops markers that name no source', () => {
    const checker = new ClaimChecker(sources, 1);
    expect(checker.check('Leave is 25 days [2][1].')).toMatchObject({ text: 'Leave is 25 days [1].' });
    expect([...checker.dropped]).toEqual(['[2]']);
  });

  it('takes numbers from several sources that are named together', () => {
    const ages = [source('Adults pay 12 euros.'), source('Children pay 6 euros.')];
    expect(new ClaimChecker(ages).check('Adults pay 12 and children 6 euros [1][2].').standing).toBe(
      'verified',
    );
  });

  it('cites the same words once', () => {
    const checker = new ClaimChecker(sources);
    const all = ['25 days of leave [1]. ', 'So 25 days of leave [1].'].flatMap(
      (text) => checker.check(text).citations,
    );
    expect(all).toHaveLength(1);
  });
});
