import { describe, expect, it } from '@jest/globals';
import { Reader, type Reading, type ReadPassage } from '../../../platform/reader/reader.js';
import type { Source } from '../sources.js';
import { readAsked } from './asked.js';
import { gatherEvidence } from './evidence.js';
import { matchUnits } from './matching.js';
import { PassageFinder } from './passage-finder.js';

/** Knows English, finds no answer by reading, and finds texts with a word similar. */
class WordMatcher extends Reader {
  readonly available = true;
  readonly seen: string[] = [];

  constructor(private readonly word: string) {
    super();
  }

  async read(_question: string, passages: ReadPassage[]): Promise<Reading[]> {
    return passages.map(() => ({ start: 0, end: 0, margin: -15, relevance: -5, begins: [] }));
  }
  knows(language: string | null): boolean {
    return language === null || language === 'en';
  }
  async match(_question: string, texts: string[]): Promise<number[]> {
    this.seen.push(...texts);
    return texts.map((text) => (text.includes(this.word) ? 0.7 : 0.1));
  }
}

const source = (content: string, language = 'en', heading: string | null = null): Source => ({
  content,
  language,
  heading,
  title: null,
  filename: 'file.txt',
  page: null,
});
const question = 'How many vacation days do I get?';
const match = (reader: Reader, sources: Source[], asked = question) =>
  matchUnits(reader, gatherEvidence(readAsked(asked), sources), sources, [...sources.keys()]);

describe('matchUnits', () => {
  it('compares each sentence below its heading, by the offset of the sentence', async () => {
    const reader = new WordMatcher('annual');
    const content = 'Lunch is free. Everyone has 27 days of annual leave.';
    const found = await match(reader, [source(content, 'en', 'Handbook > Leave')]);
    expect(reader.seen).toEqual(['Leave: Lunch is free.', 'Leave: Everyone has 27 days of annual leave.']);
    expect([...(found.get(0) ?? [])]).toEqual([
      [0, 0.1],
      [15, 0.7],
    ]);
  });

  it('leaves out languages that the matcher does not know', async () => {
    const reader = new WordMatcher('Urlaub');
    const german = source('Alle haben 27 Tage Urlaub.', 'de');
    expect((await match(reader, [german])).size).toBe(0);
    expect((await match(reader, [source('A holiday.')], 'Wie viele Urlaubstage haben wir?')).size).toBe(0);
    expect(reader.seen).toEqual([]);
  });

  it('compares a bounded number of units', async () => {
    const reader = new WordMatcher('x');
    const long = source('One sentence follows another here. '.repeat(200));
    await match(reader, Array<Source>(5).fill(long));
    expect(reader.seen.length).toBeLessThanOrEqual(48);
  });
});

describe('a finder with a matcher', () => {
  it('takes the sentence that means the same in other words', async () => {
    const sources = [
      source('The canteen opens at eight. Every day has its own soup.'),
      source('Badges are made at the gate. Everyone has 27 days of annual leave. Phones are replaced.'),
    ];
    const { order, extract } = await new PassageFinder(new WordMatcher('annual')).find(question, sources);
    expect(order[0]).toBe(1);
    expect(extract?.answer).toContain('27 days of annual leave');
  });

  it('needs more support for a later question of a conversation', async () => {
    const finder = new PassageFinder(new WordMatcher('annual'));
    const passage = source('Every employee has 27 days of annual leave in a year.', 'en', 'Leave');
    const answered = { alone: 0, later: 0 };
    for (let cosine = 0.7; cosine < 1; cosine += 0.002) {
      const sources = [{ ...passage, cosine }];
      const alone = await finder.find(question, sources);
      const later = await finder.find(question, sources, { inConversation: true });
      answered.alone += Number(alone.answered);
      answered.later += Number(later.answered);
    }
    expect(answered.later).toBeGreaterThan(0);
    expect(answered.later).toBeLessThan(answered.alone);
  });
});
