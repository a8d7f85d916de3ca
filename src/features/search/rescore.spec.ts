import { describe, expect, it } from '@jest/globals';
import { gramScores } from './rescore.js';

const best = (question: string, texts: string[]) => {
  const scores = gramScores(question, texts);
  return texts[scores.indexOf(Math.max(...scores))];
};

describe('gramScores', () => {
  const texts = [
    'The boundary layer becomes turbulent.',
    'Heat conduction in composite slabs.',
    'Der Urlaubsanspruch beträgt 25 Tage.',
  ];

  it('forgives a typing error', () => {
    expect(best('bondary layr turbulnce', texts)).toBe(texts[0]);
  });

  it('finds a part of a compound', () => {
    expect(best('Anspruch auf Urlaub', texts)).toBe(texts[2]);
  });

  it('prefers the phrase to its scattered words', () => {
    const scattered = 'Time is what a shared system takes from each.';
    const phrase = 'A time sharing system.';
    expect(best('time sharing system', [scattered, phrase])).toBe(phrase);
  });

  it('is blind to case, accents and punctuation', () => {
    const [plain, marked] = gramScores('cafe policy', ['cafe policy', 'CAFÉ — policy!']);
    expect(marked).toBeCloseTo(plain ?? Number.NaN);
  });

  it('is 0 for what shares nothing, and nothing for no texts', () => {
    expect(gramScores('zzzz', texts)).toEqual([0, 0, 0]);
    expect(gramScores('anything', [])).toEqual([]);
    expect(gramScores('', texts)).toEqual([0, 0, 0]);
  });
});
