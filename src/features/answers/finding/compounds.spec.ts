import { describe, expect, it } from '@jest/globals';
import { readAsked } from './asked.js';
import { findParts } from './near-terms.js';

describe('compounds', () => {
  const vocabulary = new Set(['gultig', 'gultigkeitsdau', 'angelschein', 'schein']);
  const parts = (word: string, language: string) =>
    findParts(word, vocabulary, language).map(({ term }) => term);

  it('are about their parts, also where the word itself stands elsewhere', () => {
    expect(parts('gultig', 'de')).toEqual(['gultigkeitsdau']);
    expect(parts('angelschein', 'de')).toEqual(['schein']);
  });

  it('are read only where a language writes them as one word', () => {
    expect(parts('gultig', 'en')).toEqual([]);
  });
});

describe('words that connect', () => {
  it('are nothing that a text must hold', () => {
    const terms = (question: string, language: string) => readAsked(question).termsIn(language);
    expect(terms('Ab wie vielen Schafen braucht man einen Hirtenhund?', 'de')).toEqual([
      'schaf',
      'hirtenhund',
    ]);
    expect(terms('Gilt das auch für meine Ziegen, wenn sie keinen Stall haben?', 'de')).toEqual([
      'zieg',
      'stall',
    ]);
    expect(terms('Est-ce que mes chèvres doivent avoir une étable?', 'fr')).toEqual(['chevr', 'etabl']);
    expect(terms('¿Pueden mis cabras estar sin establo?', 'es')).toEqual(['cabr', 'establ']);
  });
});
