import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { analyze, joinAlternatives, indexedText, buildLex, saturation, sparseVector } from './analyzer.js';
import { termHash, termSpace } from './hash.js';

const terms = (text: string, language: string | null = null) => analyze(text, language).terms;

describe('analyze', () => {
  it.each([
    ['en', 'the running of houses', 'a house runs'],
    ['de', 'Die Häuser der Bürger', 'dem Hause des Bürgers'],
    ['fr', "L'étudiante qu'elles cherchaient", 'étudiantes cherchait'],
    ['es', 'las canciones nacionales', 'canción nacional'],
    ['it', "dell'organizzazione", 'organizzazioni'],
    ['ru', 'красивых книгах', 'красивая книга'],
    ['ar', 'الكتب', 'كتب'],
    ['tr', 'kitaplar', 'kitabı kitap'],
  ])('gives inflected words of %s the same term', (language, indexed, asked) => {
    const known = new Set(terms(indexed, language));
    expect(terms(asked, language).some((term) => known.has(term))).toBe(true);
  });

  it('stems by English rules when the language is not known', () => {
    expect(terms('policies')).toEqual(terms('policy', 'en'));
  });

  it('stems words of another script by the rules of that script', () => {
    expect(terms('книгах documents', 'ru')).toEqual([...terms('книга', 'ru'), ...terms('document', 'en')]);
  });

  it('does not stem words of a language without rules', () => {
    expect(terms('dokumenty', 'pl')).toEqual(['dokumenty']);
    expect(terms('документами', 'uk')).toEqual(['документами']);
  });

  it('folds accents, width and ligatures, and drops stop words', () => {
    expect(terms('The ＡＰＩ, naïve café', 'en')).toEqual(terms('api naive cafe', 'en'));
    expect(terms('Straße', 'de')).toEqual(terms('Strasse', 'de'));
  });

  it('keeps figures and their parts', () => {
    expect(terms('In 2024, ISO-9001 costs 3.50', 'en')).toEqual(['2024', 'iso', '9001', 'cost', '3', '50']);
  });

  it.each([
    ['Chinese', '北京大学的学生', '大学', '#大学'],
    ['Japanese', '東京都に住んでいます', '東京', '#東京'],
    ['Thai', 'ประเทศไทยมีอากาศร้อน', 'อากาศ', '#อาก'],
    ['Korean', '서울은 한국의 수도이다', '서울은', '#서울'],
  ])('cuts %s into words and n-grams', (_, text, word, gram) => {
    expect(terms(text)).toContain(word);
    expect(terms(text)).toContain(gram);
  });

  it('cuts terms to 64 characters', () => {
    expect(terms('x'.repeat(5000))).toEqual(['x'.repeat(64)]);
  });

  it('gives the index and the question the same terms for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(terms(text)).toEqual(terms(text.normalize('NFKC')));
        for (const term of terms(text)) expect(term).not.toBe('');
      }),
    );
  });
});

describe('buildLex', () => {
  it('writes positions and saturated impacts of each term', () => {
    const { length, fts, lex } = buildLex({ terms: ['leave', 'day', 'leave'] });
    expect(length).toBe(3);
    expect(fts).toBe(`'leave':1,3 'day':2`);
    const impact = (count: number) => Number(saturation(count, 3, 120).toPrecision(6));
    expect(lex).toBe(
      sparseVector(
        new Map([
          [termHash('leave'), impact(2)],
          [termHash('day'), impact(1)],
        ]),
      ),
    );
  });

  it('quotes characters that would break a literal', () => {
    expect(buildLex({ terms: ["o'clock", '\\'] }).fts).toBe(`'o''clock':1 '\\\\':2`);
    expect(joinAlternatives(["a'b", 'c'])).toBe(`'a''b' | 'c'`);
  });

  it('stays within the limits of Postgres: 255 positions a term, none above 16,383', () => {
    const { fts } = buildLex({
      terms: Array.from({ length: 20_000 }, (_, index) => (index < 300 ? 'often' : `t${index % 5000}`)),
    });
    const places = fts.split(' ').map((lexeme) => (lexeme.split(':')[1] ?? '').split(',').map(Number));
    expect(places[0]).toHaveLength(255);
    expect(Math.max(...places.flat())).toBe(16_383);
  });

  it('stays within the limit of a sparse vector: 16,000 terms', () => {
    const { fts } = buildLex({ terms: Array.from({ length: 20_000 }, (_, index) => `t${index}`) });
    expect(fts.split(' ')).toHaveLength(16_000);
  });

  it('weighs a term less in a longer text, and uses the length of the text itself where the average is unknown', () => {
    expect(saturation(1, 200, 100)).toBeLessThan(saturation(1, 100, 100));
    expect(saturation(1, 77, 0)).toBe(saturation(1, 100, 100));
  });
});

describe('termHash', () => {
  it('stays within the dimensions of the sparse vectors', () => {
    fc.assert(
      fc.property(fc.string(), (term) => {
        expect(termHash(term)).toBeGreaterThanOrEqual(1);
        expect(termHash(term)).toBeLessThanOrEqual(termSpace);
      }),
    );
  });

  it('gives 20,000 words different hashes', () => {
    expect(
      new Set(Array.from({ length: 20_000 }, (_, index) => termHash(`word${index}`))).size,
    ).toBeGreaterThan(19_995);
  });
});

describe('indexedText', () => {
  it('puts title and heading path in front, and the title once', () => {
    const named = { filename: '1.md', content: '25 days' };
    expect(indexedText({ ...named, title: 'Handbook', heading: 'Leave' })).toBe('Handbook\nLeave\n25 days');
    expect(indexedText({ ...named, title: 'Handbook', heading: 'Handbook > Leave' })).toBe(
      'Handbook > Leave\n25 days',
    );
    expect(indexedText({ ...named, title: null, heading: null })).toBe('25 days');
  });

  it('puts words of the filename in front when title and headings lack them', () => {
    const content = '25 days';
    expect(indexedText({ filename: 'HandbookGraz_2026.pdf', title: null, heading: null, content })).toBe(
      'Handbook Graz 2026\n25 days',
    );
    expect(indexedText({ filename: 'handbook-graz.pdf', title: 'Handbook', heading: null, content })).toBe(
      'graz\nHandbook\n25 days',
    );
  });
});
