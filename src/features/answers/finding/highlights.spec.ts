import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { analyze } from '../../../common/text/analyzer.js';
import { knownLanguages } from '../../../common/text/stemming.js';
import { readAsked } from './asked.js';
import { highlightsIn } from './highlights.js';

/** The same by analysing every word. */
function highlightsByAnalysis(content: string, question: string, language: string | null): string[] {
  const terms = new Set(
    readAsked(question)
      .termsIn(language)
      .filter((term) => !term.startsWith('#')),
  );
  const words = Array.from(content.matchAll(/[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu), ([word]) => word);
  const parts = words.flatMap((word) => (/[-'’]/u.test(word) ? [word, ...word.split(/[-'’]/u)] : [word]));
  return [
    ...new Set(
      parts.filter((part) => part !== '' && analyze(part, language).terms.some((term) => terms.has(term))),
    ),
  ];
}

const words =
  'dying lies tie Die skies news Äpfel aerger Ärger größer Straße œuvre eaux l’homme yeux maan oor армия яблоко ёлка ύδωρ ΟΔΟΣ self-employed e-mail x1 10kg Ａｂｃ ﬁnance ĳs İstanbul bhfuil fhear binden bin 年假 员工 😀 naïve naïve мои i a é بيت والبيت'.split(
    ' ',
  );

describe('highlightsIn', () => {
  it('finds in every language the words that analysis finds', () => {
    const text = fc.array(fc.constantFrom(...words, '’', '-', ',', '´'), { maxLength: 12 });
    fc.assert(
      fc.property(
        text,
        fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 4 }),
        fc.constantFrom(null, ...knownLanguages),
        fc.constantFrom(' ', '', '-'),
        (content, question, language, between) => {
          const [shown, asked] = [content.join(between), question.join(' ')];
          expect(highlightsIn(shown, readAsked(asked), language)).toEqual(
            highlightsByAnalysis(shown, asked, language),
          );
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('finds in every language the long words that analysis finds', () => {
    const stems = [
      'contra',
      'contri',
      'canon',
      'azing',
      'doodd',
      'bučin',
      'ammut',
      'þjóðf',
      'контро',
      'конти',
      'albüm',
    ];
    const ends = [
      '',
      's',
      'ing',
      'ingly',
      'tions',
      'ation',
      'en',
      'erne',
      'ungen',
      'lichkeit',
      'ených',
      'ами',
      'ость',
    ];
    const word = fc.tuple(fc.constantFrom(...stems), fc.constantFrom(...ends), fc.constantFrom(...ends));
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 3, maxLength: 8 }),
        fc.array(word, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(null, ...knownLanguages),
        (content, question, language) => {
          const [shown, asked] = [content, question].map((words) =>
            words.map((parts) => parts.join('')).join(' '),
          ) as [string, string];
          expect(highlightsIn(shown, readAsked(asked), language)).toEqual(
            highlightsByAnalysis(shown, asked, language),
          );
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('finds words that share only their beginning', () => {
    const asked = readAsked('Who dies or lies?');
    expect(highlightsIn('He was dying, she lies, and a tie lay there.', asked, 'en')).toEqual([
      'dying',
      'lies',
    ]);
  });

  it('tells short words apart that begin alike', () => {
    const content = 'Do they lie or did they die? Dies war, die or dy.';
    expect(highlightsIn(content, readAsked('Who dies?'), 'en')).toEqual(['die', 'Dies']);
  });
});
