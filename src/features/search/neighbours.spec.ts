import { describe, expect, it } from '@jest/globals';
import type { NeighbouringChunk } from '../../platform/database/functions.js';
import { joined, withNeighbours } from './neighbours.js';

const text =
  'One chunk ends here. The next begins, and goes on. Then comes the last.\n\nA paragraph of its own.';
const cut = (ordinal: number, start: number, end: number, header = ''): NeighbouringChunk => ({
  document_id: 'd',
  version: 1,
  ordinal,
  content: header + text.slice(start, end),
  page: ordinal + 1,
  heading: null,
  start,
  end,
});

describe('joined', () => {
  it('says what neighbours share once', () => {
    expect(joined([cut(0, 0, 36), cut(1, 21, 71), cut(2, 73, 97)])).toBe(text);
  });

  it('puts the header of a table before its rows once', () => {
    const table = 'name | phone\nAda | 1\nGrace | 2\nJean | 3';
    const header = 'name | phone\n';
    const rows = (ordinal: number, start: number, end: number) => ({
      ...cut(ordinal, 0, 0),
      content: header + table.slice(start, end),
      start,
      end,
    });
    expect(
      joined([
        { ...cut(0, 0, 0), content: table.slice(0, 20), start: 0, end: 20 },
        rows(1, 21, 30),
        rows(2, 31, 39),
      ]),
    ).toBe(table);
  });

  it('keeps both texts where the offsets are wrong about what is shared', () => {
    expect(joined([cut(0, 0, 20), { ...cut(1, 21, 37), start: 10 }])).toBe(
      'One chunk ends here.\n\nThe next begins,',
    );
  });
});

describe('withNeighbours', () => {
  const chunks = [cut(0, 0, 20), cut(1, 21, 50), cut(2, 51, 71), cut(4, 73, 97)];
  const hit = (ordinal: number) => ({
    id: String(ordinal),
    document_id: 'd',
    version: 1,
    ordinal,
    content: `chunk ${ordinal}`,
  });

  it('reaches as far as asked, and over no gap', () => {
    const [first, second, last] = withNeighbours([hit(0), hit(1), hit(4)], chunks, 1);
    expect(first?.merged?.map(({ ordinal }) => ordinal)).toEqual([0, 1]);
    expect(second?.merged?.map(({ ordinal }) => ordinal)).toEqual([0, 1, 2]);
    expect(second?.content.replaceAll('\n', ' ')).toBe(text.slice(0, 71));
    expect(last).toEqual(hit(4));
  });

  it('leaves a hit alone whose version is gone', () => {
    expect(withNeighbours([{ ...hit(1), version: 2 }], chunks, 1)).toEqual([{ ...hit(1), version: 2 }]);
  });
});
