import { describe, expect, it } from '@jest/globals';
import { analyze } from '../../common/text/analyzer.js';
import type { FoundChunk, WeighedTerm } from '../../platform/database/functions.js';
import { readQuestion } from './query.js';
import { keywordScore, planQuery, type QueryPlan } from './query-plan.js';
import {
  builtInScale,
  coverage,
  isAnswered,
  computeMargin,
  onBuiltInScale,
  computeSupport,
} from './support.js';

/**
 * A plan over a scope of one language in which each of `dfs` is known, and `near` words stand in for others.
 */
function plan(
  question: string,
  dfs: Record<string, number>,
  more: { chunks?: number; language?: string; near?: WeighedTerm[] } = {},
): QueryPlan {
  const { chunks = 1000, language = 'en', near = [] } = more;
  const terms = Object.entries(dfs).map(([term, df]) => ({ term, source: term, df, similarity: 1 }));
  const languages = [{ language, chunks, average_length: 10 }];
  return planQuery(readQuestion(question), {
    chunks,
    average_length: 10,
    languages,
    terms: [...terms, ...near],
  });
}

function chunk(content: string, language = 'en'): FoundChunk {
  const { terms } = analyze(content, language);
  const matched: Record<string, number[]> = {};
  for (const [index, term] of terms.entries()) (matched[term] ??= []).push(index + 1);
  return {
    id: '',
    document_id: '',
    version: 1,
    ordinal: 0,
    content,
    heading: null,
    page: null,
    page_end: null,
    filename: '',
    document_set: '',
    media_type: '',
    language,
    title: null,
    metadata: {},
    created_at: '',
    length: terms.length,
    matched,
    keyword: null,
    vector: null,
  };
}

describe('coverage', () => {
  const known = plan('How many days of parental leave are there?', {
    day: 100,
    parent: 10,
    leav: 50,
    mani: 200,
  });

  it('is 1 for a chunk with every significant word, and 0 for one without any', () => {
    expect(coverage(known, chunk('Parental leave: twelve days.'))).toBe(1);
    expect(coverage(known, chunk('The printers stand in the cellar. How many?'))).toBe(0);
  });

  it('counts a rare word for more than a common one', () => {
    expect(coverage(known, chunk('parental'))).toBeGreaterThan(coverage(known, chunk('days')));
  });

  it('falls with every word that is not in the scope', () => {
    const asked = plan('capital of Mongolia', { capit: 20 });
    expect(coverage(asked, chunk('capital expenses'))).toBeLessThan(0.4);
  });

  it('counts a similar word only in part', () => {
    const near = [{ term: 'turbul', source: 'turbulanz', df: 5, similarity: 0.55 }];
    const asked = plan('turbulanz', {}, { near });
    expect(coverage(asked, chunk('turbulence'))).toBeCloseTo(0.8 * 0.55);
  });

  it('counts Chinese by words and Korean by n-grams', () => {
    const chinese = plan('员工的年假', { 员工: 5, 年假: 5, '#员工': 5 }, { language: 'zh' });
    expect(coverage(chinese, chunk('员工年假二十五天', 'zh'))).toBe(1);
    const korean = plan('휴가는', { 휴가는: 1, '#휴가': 10, '#가는': 10 }, { language: 'ko' });
    expect(coverage(korean, chunk('휴가를', 'ko'))).toBeCloseTo(0.5);
  });

  it('is not zero for a question of function words', () => {
    expect(coverage(plan('who is who', { who: 3 }), chunk('Who is who in the house'))).toBe(1);
  });

  it('works for a scope of a single chunk', () => {
    const one = plan('parking fee', { park: 1, fee: 1 }, { chunks: 1 });
    expect(coverage(one, chunk('The parking fee is 3 euros.'))).toBe(1);
    expect(coverage(plan('parking fee', { park: 1 }, { chunks: 1 }), chunk('No parking.'))).toBeLessThan(0.5);
  });
});

describe('keywordScore', () => {
  it('counts a word only by its stem in the language of the chunk', () => {
    const asked = plan('Häuser', { haus: 3, hauser: 2 }, { language: 'de' });
    expect(keywordScore(asked, chunk('Das Haus.', 'de'))).toBeGreaterThan(0);
    expect(keywordScore(asked, { ...chunk('Haus'), language: 'fi', matched: { haus: [1] } })).toBe(0);
  });
});

describe('computeSupport', () => {
  const asked = plan('leave', { leav: 5 });
  const found = { ...chunk('Leave.'), vector: 0.4 };

  it('is coverage, cosine, or both by the weight of the legs', () => {
    expect(computeSupport('keyword', asked, found, 0.5)).toBe(1);
    expect(computeSupport('vector', asked, found, 0.5)).toBe(0.4);
    expect(computeSupport('hybrid', asked, found, 0.25)).toBeCloseTo(0.75 + 0.25 * 0.4);
  });

  it('stays within 0 … 1', () => {
    expect(computeSupport('vector', asked, { ...found, vector: -0.2 }, 0.5)).toBe(0);
    expect(computeSupport('vector', asked, { ...found, vector: 1.0000001 }, 0.5)).toBe(1);
    expect(computeSupport('vector', asked, { ...found, vector: null }, 0.5)).toBe(0);
  });
});

describe('computeMargin', () => {
  const asked = plan('annual leave', { annual: 5, leav: 5 });
  const all = chunk('Annual leave.');
  const none = chunk('Parking.');
  const yardstick = { alpha: 0.5, scale: { unrelated: 0.75, answering: 0.85 } };
  const at = (found: FoundChunk, vector: number | null) => ({ ...found, vector });

  it('reads a cosine on the scale of its model', () => {
    expect(computeMargin('vector', asked, at(none, 0.81), yardstick)).toBeGreaterThan(0);
    expect(computeMargin('vector', asked, at(none, 0.78), yardstick)).toBeLessThan(0);
    expect(
      computeMargin('vector', asked, at(none, 0.45), {
        ...yardstick,
        scale: { unrelated: 0.1, answering: 0.5 },
      }),
    ).toBeGreaterThan(0);
  });

  it('weighs both legs in a hybrid search, and words alone where the space has no vector yet', () => {
    expect(computeMargin('hybrid', asked, at(all, 0.8), yardstick)).toBeGreaterThan(0);
    expect(computeMargin('hybrid', asked, at(none, 0.9), yardstick)).toBeGreaterThan(0);
    expect(computeMargin('hybrid', asked, at(none, 0.82), yardstick)).toBeLessThan(0);
    expect(computeMargin('hybrid', asked, at(all, 0.6), yardstick)).toBeLessThan(0.1);
    expect(computeMargin('hybrid', asked, at(all, null), yardstick)).toBeGreaterThan(0.5);
    expect(computeMargin('hybrid', asked, at(none, 0.9), { ...yardstick, alpha: 0.1 })).toBeLessThan(0);
  });

  it('is the distance of the support from a configured threshold, whatever the model', () => {
    for (const mode of ['keyword', 'vector', 'hybrid'] as const)
      for (const threshold of [0, 0.3, 0.6, 1]) {
        const found = at(all, 0.6);
        const margin = computeMargin(mode, asked, found, { ...yardstick, threshold });
        expect([mode, margin >= 0]).toEqual([mode, computeSupport(mode, asked, found, 0.5) >= threshold]);
      }
  });
});

describe('isAnswered', () => {
  const margins = (...values: number[]) => values.map((margin) => ({ margin }));

  it('asks for one supporting hit among the first three', () => {
    expect(isAnswered(margins(-0.1, -0.2, 0))).toBe(true);
    expect(isAnswered(margins(-0.1, -0.2, -0.3, 0.8))).toBe(false);
    expect(isAnswered([])).toBe(false);
  });
});

describe('a cosine on the scale of the built-in model', () => {
  const { unrelated, answering } = builtInScale;

  it('gives one meaning to the scores of all models', () => {
    const other = { unrelated: 0.1, answering: 0.5 };
    expect(onBuiltInScale(0.1, other)).toBeCloseTo(unrelated);
    expect(onBuiltInScale(0.5, other)).toBeCloseTo(answering);
    expect(onBuiltInScale(0.45, other)).toBeGreaterThan(onBuiltInScale(0.3, other));
  });

  it('does not change for the built-in model, even when it is measured again', () => {
    expect(onBuiltInScale(0.9, { unrelated: 0.812, answering: 0.844 })).toBe(0.9);
  });

  it('limits how far a narrow scale is stretched', () => {
    const narrow = { unrelated: 0.3, answering: 0.33 };
    expect(onBuiltInScale(-0.2, narrow)).toBeCloseTo(2 * unrelated - answering);
    expect(onBuiltInScale(0.9, narrow)).toBeCloseTo(2 * answering - unrelated);
  });
});
