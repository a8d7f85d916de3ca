import { describe, expect, it } from '@jest/globals';
import { ClaimReader } from './claim-reader.js';

/** The claims of a text that comes in pieces of a size. */
function readClaims(text: string, size = 1, language: string | null = 'en'): string[] {
  const reader = new ClaimReader(language);
  const claims: string[] = [];
  for (let at = 0; at < text.length; at += size) claims.push(...reader.push(text.slice(at, at + size)));
  return [...claims, ...reader.end()];
}

describe('ClaimReader', () => {
  it.each([
    ['Leave is 25 days [1]. Interns have 20 [2].', ['Leave is 25 days [1]. ', 'Interns have 20 [2].']],
    ['Leave is 25 days. [1] Interns have 20. [2]', ['Leave is 25 days. [1] ', 'Interns have 20. [2]']],
    [
      'Leave [1: "is 25 days. It expires. Soon"]. More [2: "x y"].',
      ['Leave [1: "is 25 days. It expires. Soon"]. ', 'More [2: "x y"].'],
    ],
    ['See Dr. Byron, e.g. in room 2.5 [1]. Or not.', ['See Dr. Byron, e.g. in room 2.5 [1]. ', 'Or not.']],
    [
      'Two ways:\n- One [1]\n- Two. And more [2]\n',
      ['Two ways:\n', '- One [1]\n', '- Two. ', 'And more [2]\n'],
    ],
    ['1. Open it. [1]\n2. Close it. [1]', ['1. Open it. [1]\n', '2. Close it. [1]']],
    ['Run:\n```\na. b\n\nc\n```\nDone [1].', ['Run:\n', '```\na. b\n\nc\n```\n', 'Done [1].']],
    ['| a | b. |\n| - | - |\n| 1. | 2 |\nEnd [1].', ['| a | b. |\n| - | - |\n| 1. | 2 |\n', 'End [1].']],
    ['Is it 25 days? [1]. Or more [2]', ['Is it 25 days? [1]. ', 'Or more [2]']],
    ['年假是25天。[1]病假是10天。[2]', ['年假是25天。[1]', '病假是10天。[2]']],
  ])('cuts %j, in whatever pieces it arrives', (text, claims) => {
    for (const size of [1, 3, 7, 1000]) expect(readClaims(text, size)).toEqual(claims);
  });

  it('keeps ordinals whole in languages that write them with a full stop', () => {
    expect(readClaims('Am 3. Oktober ist frei [1]. Sonst nicht.', 4, 'de')).toEqual([
      'Am 3. Oktober ist frei [1]. ',
      'Sonst nicht.',
    ]);
  });

  it('gives a claim as soon as the next one begins', () => {
    const reader = new ClaimReader('en');
    expect(reader.push('Leave is 25 days [1]. I')).toEqual(['Leave is 25 days [1]. ']);
  });

  it('keeps a text whole that has no sentence end', () => {
    const text = 'word '.repeat(3000);
    expect(readClaims(text, 11).join('')).toBe(text);
  });
});
