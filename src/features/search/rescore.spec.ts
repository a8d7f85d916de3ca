import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isUnspaced } from '../../common/text/segmentation.js';
import { plainUnits } from './plain-units.js';
import { gramScores } from './rescore.js';
import { Utf8Text } from './utf8-text.js';

const scoresOf = (question: string, texts: string[]): number[] =>
  gramScores(
    question,
    texts.map((text) => ({ before: '', text: Utf8Text.from(text) })),
  );

const best = (question: string, texts: string[]) => {
  const scores = scoresOf(question, texts);
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

  it('ignores case, accents and punctuation', () => {
    const [plain, marked] = scoresOf('cafe policy', ['cafe policy', 'CAFÉ — policy!']);
    expect(marked).toBeCloseTo(plain ?? Number.NaN);
  });

  it('is 0 where nothing is shared, and empty for no texts', () => {
    expect(scoresOf('zzzz', texts)).toEqual([0, 0, 0]);
    expect(scoresOf('anything', [])).toEqual([]);
    expect(scoresOf('', texts)).toEqual([0, 0, 0]);
  });

  it('counts the grams that a map of all of them counts', () => {
    const word = fc.constantFrom(
      'leave',
      'Häuser',
      'running',
      '员工',
      '年假',
      '10kg',
      'naïve',
      'ρήμα',
      'é',
      'ﷺ',
      '½',
      'الإجازة',
      'كِتَابٌ',
      'e\u0301te\u0301',
      'ΟΔΟΣ',
      '…',
      '😀',
      'on -- leave,  running.',
    );
    const texts = fc.array(
      fc.array(word, { maxLength: 30 }).map((words) => words.join(' ')),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(texts, fc.array(word, { maxLength: 8 }), word, (contents, asked, before) => {
        const question = asked.join(' ');
        const own = gramScores(
          question,
          contents.map((content) => ({ before, text: Utf8Text.from(content) })),
        );
        const expected = scoresByMaps(
          question,
          contents.map((content) => `${before}\n${content}`),
        );
        for (const [at, score] of expected.entries()) expect(own[at]).toBeCloseTo(score, 9);
      }),
      { numRuns: 300 },
    );
  });

  it('counts the same in texts of any length', () => {
    const sentence = 'The leave,  of a naïve كِتَابٌ -- ﷺ in the Häuser. ';
    const contents = [1, 300, 2, 900, 3].map((times) => sentence.repeat(times));
    for (const before of ['', 'leave of absence']) {
      const own = gramScores(
        'the leave of naïve running كِتَابٌ',
        contents.map((content) => ({ before, text: Utf8Text.from(content) })),
      );
      const expected = scoresByMaps(
        'the leave of naïve running كِتَابٌ',
        contents.map((content) => `${before}\n${content}`),
      );
      for (const [at, score] of expected.entries()) expect(own[at]).toBeCloseTo(score, 9);
    }
  });

  it('compares as many characters of a question as fit into its tree', () => {
    const characters = Array.from({ length: 600 }, (_, at) => String.fromCharCode(0x4e00 + at)).join('');
    const scores = scoresOf(characters, [characters, characters.slice(0, 100), characters.slice(400)]);
    expect(scores[1]).toBeGreaterThan(0);
    expect(scores[2]).toBe(0);
    expect(scores[0]).toBeGreaterThan(scores[1] ?? NaN);
  });
});

/** The same scores from maps of strings. */
function scoresByMaps(question: string, texts: string[]): number[] {
  const [shortest, longest, weight] = isUnspaced(question) ? [2, 4, 0.2] : [3, 6, 0.08];
  const gramsOf = (text: string): { grams: Map<string, number>; length: number } => {
    const plain = String.fromCharCode(...plainUnits(text));
    const grams = new Map<string, number>();
    for (let size = shortest; size <= longest; size++)
      for (let at = 0; at + size <= plain.length; at++) {
        const gram = plain.slice(at, at + size);
        grams.set(gram, (grams.get(gram) ?? 0) + 1);
      }
    return { grams, length: plain.length };
  };
  const asked = gramsOf(question).grams;
  const pool = texts.map(gramsOf);
  const average = pool.reduce((sum, { length }) => sum + length, 0) / Math.max(1, pool.length);
  return pool.map(({ grams, length }) => {
    let score = 0;
    for (const [gram, count] of asked) {
      const own = grams.get(gram) ?? 0;
      const df = pool.filter((other) => other.grams.has(gram)).length;
      const idf = Math.log(1 + (pool.length - df + 0.5) / (df + 0.5));
      const norm = 1.2 * (0.25 + (0.75 * length) / average);
      if (own > 0) score += count * idf * (own / (own + norm));
    }
    return weight * score;
  });
}
