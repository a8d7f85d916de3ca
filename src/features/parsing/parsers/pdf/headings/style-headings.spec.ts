import { describe, expect, it } from '@jest/globals';
import type { WordedPiece } from '../markdown/mends.js';
import { withStyleHeadings } from './style-headings.js';

const prose = [
  'The pumps of the hall are looked at once a month, and their seals',
  'are renewed when they drip. Each seal that was renewed is written',
  'down with its date.',
];
const [body, slanted] = ['ABCDEF+Advent1', 'ABCDEF+Advent2'];

/** Lines below one another; a number is a gap in points. */
function page(rows: readonly (string | readonly [text: string, face: string] | number)[]): {
  markdown: string;
  pieces: WordedPiece[];
} {
  const pieces: WordedPiece[] = [];
  let y = 50;
  for (const row of rows) {
    if (typeof row === 'number') {
      y += row;
      continue;
    }
    const [text, face] = typeof row === 'string' ? [row, body] : row;
    pieces.push({ text, face, x: 50, y, width: text.length * 5, height: 10 });
    y += 12;
  }
  return { markdown: pieces.map(({ text }) => text).join(' '), pieces };
}

const headings = (pages: ReturnType<typeof page>[]): (string[] | null)[] =>
  withStyleHeadings(pages).map(({ markdown }) => markdown.match(/^#+ .*/gm));

describe('withStyleHeadings', () => {
  it('heads paragraphs by lines in a typeface that heads text throughout the document', () => {
    const one = page([...prose, 8, ['Seals of the pumps', slanted], ...prose, 8, ['Oil', slanted], ...prose]);
    const two = page([...prose, 8, ['2.1 Bearings', slanted], ...prose]);
    expect(headings([one, two])).toEqual([['## Seals of the pumps', '## Oil'], ['### 2.1 Bearings']]);
  });

  it('heads nothing by a typeface that stands in the text', () => {
    const quoted = [...prose, ['Only when they drip, as the maker of the', slanted] as const, ...prose];
    const one = page([...quoted, 8, ['Seals of the pumps', slanted], ...prose]);
    expect(headings([one, page(quoted)])).toEqual([null, null]);
  });

  it('heads paragraphs by short lines between blank lines, in the typeface of the text', () => {
    const own = (title: string): ReturnType<typeof page> => page([...prose, 12, title, 12, ...prose]);
    expect(headings([own('Seals of the pumps'), own('Oil of the bearings')])).toEqual([
      ['## Seals of the pumps'],
      ['## Oil of the bearings'],
    ]);
    expect(headings([own('Yours sincerely,'), own('at the end of the hall')])).toEqual([null, null]);
  });

  it('heads nothing by the running heads of pages', () => {
    const own = (number: number): ReturnType<typeof page> =>
      page([[`Care of pumps, page ${number}`, slanted], 8, ...prose]);
    expect(headings([own(1), own(2), own(3)])).toEqual([null, null, null]);
  });

  it('takes the marks off labels that stand several times on a page', () => {
    const { pieces } = page([...prose, 40, 'Flow', 40, 'Flow']);
    const markdown = `## Seals\n\n${prose.join(' ')}\n\n## Flow\n\n## Flow`;
    expect(withStyleHeadings([{ markdown, pieces }])[0]?.markdown).toBe(
      `## Seals\n\n${prose.join(' ')}\n\nFlow\n\nFlow`,
    );
  });
});
