import { describe, expect, it } from '@jest/globals';
import { readAsked } from './asked.js';
import { coverage, gatherEvidence } from './evidence.js';
import { findTranslations } from './near-terms.js';

const source = (content: string, language: string) => ({
  content,
  language,
  heading: null,
  title: null,
  filename: 'note.txt',
  page: null,
});
/** How well each sentence of a text covers a question. */
function cover(question: string, content: string, language: string): number[] {
  const evidence = gatherEvidence(readAsked(question), [source(content, language)]);
  return (evidence.sources[0]?.units ?? []).map(({ own }) => coverage(evidence, own));
}

describe('words of another language', () => {
  it('are found in the language of the source, also within a compound', () => {
    const vocabulary = new Set(['fenst', 'dachfenst', 'tur']);
    expect(findTranslations('window', 'en', vocabulary, 'de').map(({ term }) => term)).toEqual([
      'fenst',
      'dachfenst',
    ]);
  });

  it('tell the sentence that a question in German is about', () => {
    const text = 'Birgit paints the walls. The janitor cleans the windows on Mondays.';
    const [walls = 1, windows = 0] = cover('Wer putzt die Fenster?', text, 'en');
    expect(windows).toBeGreaterThan(0.5);
    expect(walls).toBe(0);
  });
});

describe('typing errors', () => {
  it('are not looked for where a text has another form of the word', () => {
    const [sauce = 1, frozen = 0] = cover(
      'can I freeze it?',
      'The sauce is free of nuts. It can be frozen for months.',
      'en',
    );
    expect(frozen).toBeGreaterThan(0.5);
    expect(sauce).toBe(0);
  });
});
