import { describe, expect, it } from '@jest/globals';
import type { FoundChunk } from '../../platform/database/functions.js';
import { proximity } from './proximity.js';
import { planQuery } from './query-plan.js';
import { readQuestion } from './query.js';

const plan = (question: string, dfs: Record<string, number>) =>
  planQuery(readQuestion(question), {
    chunks: 100,
    average_length: 10,
    languages: [{ language: 'en', chunks: 100, average_length: 10 }],
    terms: Object.entries(dfs).map(([term, df]) => ({ term, source: term, df, similarity: 1 })),
  });
const chunk = (matched: Record<string, number[]>): FoundChunk =>
  ({ language: 'en', length: 10, matched }) as unknown as FoundChunk;

describe('proximity', () => {
  const asked = plan('parental leave', { parent: 5, leav: 20 });
  const of = (matched: Record<string, number[]>): number => proximity(asked, chunk(matched));

  it('grows as two words come closer, at their closest place and in either order', () => {
    expect(of({ parent: [1], leav: [2] })).toBeGreaterThan(of({ parent: [1], leav: [3] }));
    expect(of({ parent: [1], leav: [3] })).toBeCloseTo(of({ parent: [1], leav: [2] }) / 4);
    expect(of({ parent: [5], leav: [4, 9] })).toBeCloseTo(of({ parent: [1], leav: [2] }));
  });

  it('counts a pair once, however often it stands together', () => {
    expect(of({ parent: [1, 10], leav: [2, 11] })).toBeCloseTo(of({ parent: [1], leav: [2] }));
  });

  it('is zero for words that stand alone or far apart', () => {
    expect(of({ parent: [1, 2, 3] })).toBe(0);
    expect(of({ parent: [1], leav: [10] })).toBe(0);
  });

  it('costs little for a question of one stem in hundreds of spellings', () => {
    const accents = Array.from({ length: 15 }, (_, at) => String.fromCodePoint(0x300 + at));
    const spellings = accents.flatMap((a) => accents.map((b) => `wa${a}lk${b}ing`));
    const many = plan(spellings.join(' '), { walk: 5 });
    expect(many.words.length).toBeGreaterThan(100);
    const before = process.cpuUsage();
    for (let time = 0; time < 5; time++)
      proximity(many, chunk({ walk: Array.from({ length: 250 }, (_, at) => at + 1) }));
    const { user, system } = process.cpuUsage(before);
    expect(user + system).toBeLessThan(400_000);
  });
});
