import { describe, expect, it } from '@jest/globals';
import { listTranslations } from './translations.js';

describe('translations', () => {
  it.each([
    ['fenst', 'de', 'en', 'window'],
    ['repariert', 'de', 'en', 'repair'],
    ['rent', 'en', 'de', 'miet'],
    ['cost', 'en', 'fr', 'frais'],
  ])('of %s (%s) into %s are among them: %s', (term, from, to, expected) => {
    expect(listTranslations(term, from, to)).toContain(expected);
  });

  it('are made between two known languages only', () => {
    expect(listTranslations('fenst', 'de', 'de')).toEqual([]);
    expect(listTranslations('fenst', null, 'en')).toEqual([]);
    expect(listTranslations('window', 'en', 'fi')).toEqual([]);
    expect(listTranslations('zebra', 'en', 'de')).toEqual([]);
  });
});
