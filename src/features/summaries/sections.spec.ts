import { describe, expect, it } from '@jest/globals';
import { estimateTokens } from '../../common/tokens.js';
import type { ChunkRow } from '../../platform/database/functions.js';
import { splitParts, pieces, splitSections, type Section } from './sections.js';

const chunk = (ordinal: number, content: string, heading: string | null = null): ChunkRow => ({
  id: String(ordinal),
  ordinal,
  content,
  heading,
  page: null,
  page_end: null,
  place: null,
});
async function* each<T>(items: T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('splitSections', () => {
  it('joins the chunks of a heading and removes text that neighbours share', async () => {
    const sections = await all(
      splitSections(
        each([
          chunk(0, 'Leave is granted to everyone. It has to be asked for in time.', 'Leave'),
          chunk(1, 'It has to be asked for in time. The form is in the office.', 'Leave'),
          chunk(2, 'Trains go second class.', 'Travel'),
        ]),
      ),
    );
    expect(sections).toEqual([
      {
        heading: 'Leave',
        text: 'Leave is granted to everyone. It has to be asked for in time. The form is in the office.',
      },
      { heading: 'Travel', text: 'Trains go second class.' },
    ]);
  });
});

describe('splitParts', () => {
  const sections: Section[] = Array.from({ length: 30 }, (_, index) => ({
    heading: `H${index}`,
    text: `Text ${index}. ${'word '.repeat(100)}`,
  }));

  it('packs sections in order, none lost, none over the limit', async () => {
    const parts = await all(splitParts(each(sections), 500));
    const text = parts.map((part) => part.text).join('\n');
    expect(parts.map(({ index }) => index)).toEqual(parts.map((_, index) => index));
    expect(parts.every((part) => estimateTokens(part.text) <= 520)).toBe(true);
    expect([...text.matchAll(/Text (\d+)\./gu)].map(([, number]) => Number(number))).toEqual(
      sections.map((_, index) => index),
    );
  });

  it('makes one part of a short document', async () => {
    expect(await all(splitParts(each(sections.slice(0, 3)), 8000))).toHaveLength(1);
  });
});

describe('pieces', () => {
  it.each(['line of text\n'.repeat(500), 'x'.repeat(5000), '字。'.repeat(900)])(
    'cuts what is too long and loses nothing',
    (text) => {
      const cut = pieces(text, 200);
      expect(cut.join('')).toBe(text);
      expect(cut.every((piece) => estimateTokens(piece) <= 200)).toBe(true);
    },
  );
});
