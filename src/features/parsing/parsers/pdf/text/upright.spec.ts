import { describe, expect, it } from '@jest/globals';
import { parseWith } from '../../../../../../test/office-files.js';
import { buildDrawnPdf } from '../../../../../../test/pdf.js';
import { parse } from '../pdf.js';
import { turnBack, turnOf } from './upright.js';

const rows = [
  ['Harbour', 'Docks', 'Cranes', 'Staff'],
  ['Northern quay', '12', '7', '48'],
  ['Southern quay', '9', '4', '31'],
  ['Old basin', '3', '1', '11'],
  ['Yacht basin', '5', '2', '17'],
];

/** The table with its text upwards (270) or downwards (90) on an upright page. */
const turned = (turn: 90 | 270): Buffer => {
  const matrix = turn === 270 ? '0 1 -1 0' : '0 -1 1 0';
  const place = (row: number, column: number): string =>
    turn === 270 ? `${100 + row * 16} ${100 + column * 130}` : `${400 - row * 16} ${700 - column * 130}`;
  const content = rows.flatMap((row, at) =>
    row.map((cell, column) => `BT /F1 10 Tf ${matrix} ${place(at, column)} Tm (${cell}) Tj ET`),
  );
  return buildDrawnPdf({ content: content.join('\n') });
};

describe('pages whose text is turned', () => {
  it.each([90, 270] as const)(
    'are read upright, and their text is found where it stands (%d)',
    async (turn) => {
      const [part] = (await parseWith(parse, turned(turn))).parts;
      const cells = part?.markdown
        .split('\n')
        .filter((line) => /^\|.*\w/.test(line))
        .map((line) => line.slice(2, -2).split(' | '));
      expect(cells).toEqual(rows);
      expect(part?.size).toEqual([595, 842]);
      const boxes = part?.places ?? [];
      const tall = boxes.filter(([, , , , width, height]) => height > width * 2);
      expect(tall.length).toBeGreaterThanOrEqual(rows.length);
      for (const [, , x, y, width, height] of boxes) {
        expect(x).toBeGreaterThan(80);
        expect(x + width).toBeLessThan(420);
        expect(y).toBeGreaterThan(130);
        expect(y + height).toBeLessThan(760);
      }
    },
  );
});

describe('turnOf', () => {
  const text = 'words enough to tell how the text of a page is turned';

  it('needs most of the letters in one direction, and enough of them', () => {
    expect(turnOf([{ text, rotation: 270 }])).toBe(270);
    expect(turnOf([{ text, rotation: -90 }])).toBe(270);
    expect(turnOf([{ text, rotation: 90 }, { text }])).toBeNull();
    expect(turnOf([{ text: 'Fig. 3', rotation: 90 }])).toBeNull();
    expect(turnOf([{ text, rotation: 45 }])).toBeNull();
  });
});

describe('turnBack', () => {
  it('gives places on the page as it is', () => {
    const piece = { text: 'Staff', x: 10, y: 20, width: 30, height: 8 };
    expect(turnBack(piece, 90, [595, 842])).toMatchObject({ x: 567, y: 10, width: 8, height: 30 });
    expect(turnBack(piece, 180, [595, 842])).toMatchObject({ x: 555, y: 814, width: 30, height: 8 });
    expect(turnBack(piece, 270, [595, 842])).toMatchObject({ x: 20, y: 802, width: 8, height: 30 });
  });
});
