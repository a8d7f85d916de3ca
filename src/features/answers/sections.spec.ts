import { describe, expect, it } from '@jest/globals';
import type { NeighbouringChunk } from '../../platform/database/functions.js';
import type { SearchHit } from '../search/search.service.js';
import { withSections } from './sections.js';

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
  it('takes what stands under the same heading, and nothing else', () => {
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

  it('keeps a hit whose document has changed', () => {
    expect(withSections([hit(chunk(7, 'Old.'))], [])).toMatchObject([{ content: 'Old.' }]);
  });
});
