import { describe, expect, it } from '@jest/globals';
import type { NeighbouringChunk } from '../../platform/database/functions.js';
import type { SearchHit } from '../search/search.service.js';
import { groupSections, joinHits, outlineBelow, outlineReach, withSections } from './sections.js';

let start = 0;
const chunk = (ordinal: number, content: string, heading = 'Leave'): NeighbouringChunk => {
  start += content.length + 2;
  return {
    document_id: 'd',
    version: 1,
    ordinal,
    content,
    heading,
    page: 1,
    start: start - content.length,
    end: start,
  };
};
const hit = ({ document_id, version, ordinal, content, heading }: NeighbouringChunk): SearchHit => ({
  id: String(ordinal),
  content,
  score: 1,
  rank: 1,
  cosine: null,
  window: null,
  margin: 1,
  of_another: false,
  filename: 'handbook.md',
  document_set: 'hr',
  document_id,
  version,
  ordinal,
  page: 1,
  page_end: 1,
  heading,
  title: null,
  media_type: 'text/markdown',
  language: 'en',
  created_at: '',
  metadata: {},
});

const widened = (chunks: NeighbouringChunk[], ...places: number[]): string[] =>
  withSections(
    places.flatMap((at) => (chunks[at] ? [hit(chunks[at])] : [])),
    chunks,
  ).map(({ content }) => content);

describe('withSections', () => {
  it('takes the text under the same heading, and nothing else', () => {
    const chunks = [
      chunk(0, 'Before.', 'Intro'),
      chunk(1, 'One.'),
      chunk(2, 'Two.'),
      chunk(3, 'Pay.', 'Pay'),
    ];
    expect(widened(chunks, 2)).toEqual(['One.\n\nTwo.']);
    expect(widened(chunks, 3)).toEqual(['Pay.']);
  });

  it('takes no text twice', () => {
    const chunks = [chunk(0, 'Zero.'), chunk(1, 'One.'), chunk(2, 'Two.'), chunk(3, 'Three.')];
    expect(widened(chunks, 3, 0)).toEqual(['One.\n\nTwo.\n\nThree.', 'Zero.']);
  });

  it('stops where a section is long, but not in the middle of a list or a table', () => {
    const prose = [chunk(0, 'word '.repeat(400)), chunk(1, 'word '.repeat(400))];
    expect(widened(prose, 0)).toEqual([prose[0]?.content]);
    const items = (from: number) =>
      Array.from({ length: 80 }, (_, at) => `- item number ${from + at}`).join('\n');
    const list = [chunk(0, items(0)), chunk(1, items(80)), chunk(2, items(160))];
    const [whole = ''] = widened(list, 1);
    expect(whole.match(/^- item/gmu)).toHaveLength(240);
  });

  it('keeps a hit whose document has changed since', () => {
    expect(withSections([hit(chunk(7, 'Old.'))], [])).toMatchObject([{ content: 'Old.' }]);
  });
});

const joinedHits = (chunks: NeighbouringChunk[], ...places: number[]): string[] => {
  const hits = places.flatMap((at) => (chunks[at] ? [hit(chunks[at])] : []));
  const groups = Map.groupBy(hits, (_, at) => groupSections(hits)[at]);
  return [...groups.values()].map((members) =>
    members[0] && members.length > 1
      ? joinHits(members[0], members, chunks).content
      : (members[0]?.content ?? ''),
  );
};

describe('hits that stand side by side', () => {
  const chunks = [
    chunk(0, 'Use a long one.', 'Passwords'),
    chunk(1, 'Never share it.', 'Passwords'),
    chunk(2, 'Lock the screen.', 'Passwords'),
    chunk(3, 'Ask for a badge.', 'Doors'),
  ];

  it('are one result in the order of the text, at the place of the best', () => {
    expect(joinedHits(chunks, 1, 3, 0)).toEqual(['Use a long one.\n\nNever share it.', 'Ask for a badge.']);
  });

  it('stay apart over a gap, over headings, and in other documents', () => {
    expect(joinedHits(chunks, 0, 2, 3)).toEqual(['Use a long one.', 'Lock the screen.', 'Ask for a badge.']);
    const other = { ...chunk(1, 'Never share it.', 'Passwords'), document_id: 'e' };
    const [first] = chunks;
    expect(groupSections(first ? [hit(first), hit(other)] : [])).toEqual([0, 1]);
  });

  it('stay apart where one result would be long', () => {
    const long = [chunk(0, 'word '.repeat(180)), chunk(1, 'word '.repeat(180))];
    expect(groupSections(long.map(hit))).toEqual([0, 1]);
  });

  it('are never joined when only one of them is about another code', () => {
    const hits = chunks.slice(0, 2).map(hit);
    expect(groupSections(hits)).toEqual([0, 0]);
    expect(groupSections(hits.map((one, at) => ({ ...one, of_another: at === 1 })))).toEqual([0, 1]);
  });

  it('keep their best scores', () => {
    const [low, high] = chunks.slice(0, 2).map(hit);
    if (!low || !high) throw new Error('no hits');
    const joined = joinHits(
      { ...low, score: 0.2 },
      [
        { ...low, score: 0.2 },
        { ...high, score: 0.7 },
      ],
      chunks,
    );
    expect(joined).toMatchObject({ ordinal: 0, score: 0.7, merged: [{ ordinal: 0 }, { ordinal: 1 }] });
  });
});

describe('outlineBelow', () => {
  const below = (chunks: NeighbouringChunk[]): string | null =>
    chunks[0] ? outlineBelow(hit(chunks[0]), chunks) : null;

  it('names the subsections of a section, once each', () => {
    const chunks = [
      chunk(0, 'The levels are:', 'Data'),
      chunk(1, 'Few people.', 'Data > Restricted'),
      chunk(2, 'Keys.', 'Data > Restricted > Examples'),
      chunk(3, 'All people.', 'Data > Public'),
      chunk(4, 'Another matter.', 'Deletion'),
    ];
    expect(below(chunks)).toBe('### Restricted\n### Public');
    expect(below(chunks.slice(0, 4))).toBe('### Restricted\n### Public');
  });

  it('names none where there is one only, or where not all are known', () => {
    expect(below([chunk(0, 'See:', 'Data'), chunk(1, 'Few.', 'Data > Restricted')])).toBeNull();
    const many = Array.from({ length: outlineReach + 1 }, (_, at) =>
      chunk(at, 'Text.', at === 0 ? 'Data' : `Data > Part ${at}`),
    );
    expect(below(many)).toBeNull();
  });
});
