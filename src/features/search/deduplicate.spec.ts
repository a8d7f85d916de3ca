import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { copiesLast } from './deduplicate.js';
import { Utf8Text } from './utf8-text.js';

const words = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
/** Each sentence once, by the rules of Unicode. */
const folded = (text: string): string =>
  [...new Set(text.split(/[.!?。！？\n]+/u).map(words))].filter(Boolean).join(' ') || text;

const pieces = fc.constantFrom(
  'Leave',
  'leave',
  ' ',
  '. ',
  '!',
  '\n',
  '—',
  '年假',
  '。',
  'ﬁ',
  'fi',
  'é',
  'é',
  'ΟΔΟΣ',
  'İ',
  '😀',
  '½',
  '25',
);

describe('copiesLast', () => {
  it('treats texts with the same letters and digits as copies, comparing each sentence once', () => {
    const text = fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 12 }), (contents) => {
        const ranking = contents.map((content, id) => ({ id, text: Utf8Text.from(content) }));
        const firsts = new Map(
          contents.toReversed().map((content, at) => [folded(content), contents.length - 1 - at]),
        );
        const isFirst = (id: number) => firsts.get(folded(contents[id] ?? '')) === id;
        const ids = contents.map((_, id) => id);
        expect(copiesLast(ranking).map(({ id }) => id)).toEqual([
          ...ids.filter(isFirst),
          ...ids.filter((id) => !isFirst(id)),
        ]);
      }),
      { numRuns: 500 },
    );
  });

  it('reads a capital i with a dot alike in texts with and without signs outside the letters', () => {
    const [first, second] = copiesLast([
      { content: 'İzmir' },
      { content: 'Ankara' },
      { content: 'İzmir 😀' },
    ]);
    expect([first?.content, second?.content]).toEqual(['İzmir', 'Ankara']);
  });

  it('treats a text that repeats itself as a copy of the single text', () => {
    const [, second] = copiesLast([
      { content: 'One rule. Another rule. One rule.' },
      { content: 'one rule another rule' },
      { content: 'One rule. Another one.' },
    ]);
    expect(second?.content).toBe('One rule. Another one.');
  });
});
