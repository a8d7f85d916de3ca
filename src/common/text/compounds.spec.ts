import { describe, expect, it } from '@jest/globals';
import { listSplits } from './compounds.js';

describe('listSplits', () => {
  it.each([
    ['de', 'urlaubsantrag', { modifier: 'urlaub', head: 'antrag' }],
    ['de', 'arbeitszeit', { modifier: 'arbeit', head: 'zeit' }],
    ['nl', 'verzekeringspolis', { modifier: 'verzeker', head: 'polis' }],
    ['sv', 'arbetstid', { modifier: 'arbet', head: 'tid' }],
    ['da', 'sygedagpenge', { modifier: 'syg', head: 'dagpeng' }],
  ])('cuts a word of %s: %s', (language, word, split) => {
    expect(listSplits(word, language)).toContainEqual(split);
  });

  it('does not cut short words, nor words of a language without compounds', () => {
    expect(listSplits('antrag', 'de')).toEqual([]);
    expect(listSplits('application', 'en')).toEqual([]);
    expect(listSplits('application', null)).toEqual([]);
  });
});
