import { describe, expect, it } from '@jest/globals';
import { splitsOf } from './compounds.js';

describe('splitsOf', () => {
  it.each([
    ['de', 'urlaubsantrag', { modifier: 'urlaub', head: 'antrag' }],
    ['de', 'arbeitszeit', { modifier: 'arbeit', head: 'zeit' }],
    ['nl', 'verzekeringspolis', { modifier: 'verzeker', head: 'polis' }],
    ['sv', 'arbetstid', { modifier: 'arbet', head: 'tid' }],
    ['da', 'sygedagpenge', { modifier: 'syg', head: 'dagpeng' }],
  ])('cuts a word of %s: %s', (language, word, split) => {
    expect(splitsOf(word, language)).toContainEqual(split);
  });

  it('cuts no short word and none of a language without compounds', () => {
    expect(splitsOf('antrag', 'de')).toEqual([]);
    expect(splitsOf('application', 'en')).toEqual([]);
    expect(splitsOf('application', null)).toEqual([]);
  });
});
