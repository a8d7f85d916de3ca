import { describe, expect, it } from '@jest/globals';
import type { ParsedPage } from '@llamaindex/liteparse';
import { gridTables } from './grid-tables.js';

const word = (text: string, x: number, y: number) => ({ text, x, y, width: text.length * 5, height: 10 });
const across = (y: number, from = 0, to = 300) => ({ x1: from, y1: y, x2: to, y2: y });
const down = (x: number, from = 0, to = 80) => ({ x1: x, y1: from, x2: x, y2: to });
const rowsOf = (textItems: unknown[], lines: unknown[], shapes: unknown[] = []) =>
  gridTables({ textItems, vectorGraphics: { lines, shapes } } as unknown as ParsedPage).map(
    ({ rows }) => rows,
  );

const sides = [across(0), across(20), across(40), across(60), across(80), down(0), down(300)];
const head = [word('Part', 10, 5), word('2024', 110, 5), word('2025', 210, 5)];
const inner = [down(100), down(200)];

describe('tables in grids', () => {
  it('are read cell by cell, also where cells are empty', () => {
    const body = [word('Seal', 10, 25), word('3', 210, 25), word('Hose', 10, 45), word('7', 110, 45)];
    expect(rowsOf([...head, ...body], [...sides, ...inner])).toEqual([
      [
        ['Part', '2024', '2025'],
        ['Seal', '', '3'],
        ['Hose', '7', ''],
      ],
    ]);
  });

  it('are read above a note over all columns that sets its date apart', () => {
    const lines = [
      ...[0, 20, 40, 60].map((y) => across(y, 0, 400)),
      ...[0, 400].map((x) => down(x, 0, 60)),
      ...[100, 200, 300].map((x) => down(x, 0, 40)),
    ];
    const items = [
      word('Part', 10, 5),
      word('2030', 110, 5),
      word('2031', 210, 5),
      word('2032', 310, 5),
      word('Seal', 10, 25),
      word('1', 110, 25),
      word('2', 210, 25),
      word('3', 310, 25),
      word('Source: the store', 10, 45),
      word('14 May', 330, 45),
    ];
    expect(rowsOf(items, lines)).toEqual([
      [
        ['Part', '2030', '2031', '2032'],
        ['Seal', '1', '2', '3'],
      ],
    ]);
  });

  it('read text that is turned within a cell line by line', () => {
    const upwards = (text: string, x: number, y: number) => ({
      text,
      x,
      y: y - text.length * 5,
      width: 8,
      height: text.length * 5,
      rotation: 270,
    });
    const tall = [across(0), across(80), across(100), down(0, 0, 100), down(100, 0, 100), down(200, 0, 100)];
    const cells = [upwards('second', 120, 70), upwards('First', 110, 75), upwards('line', 110, 45)];
    const body = [word('Part', 10, 40), word('Seal', 10, 85), word('3', 110, 85)];
    expect(
      rowsOf(
        [...cells, ...body],
        tall.map((rule) => (rule.y1 === rule.y2 ? { ...rule, x2: 200 } : rule)),
      ),
    ).toEqual([
      [
        ['Part', 'First line second'],
        ['Seal', '3'],
      ],
    ]);
  });

  it('repeat the text of merged cells, and keep a row over all columns as one cell', () => {
    const lines = [
      ...sides.filter(({ y1, y2 }) => y1 !== y2 || y1 !== 40),
      across(40, 100),
      down(100, 0, 60),
      down(200, 0, 60),
    ];
    const body = [
      word('Seal', 10, 35),
      word('1', 110, 25),
      word('2', 210, 25),
      word('3', 110, 45),
      word('4', 210, 45),
    ];
    expect(
      rowsOf(
        [...head, ...body, word('Hall 2', 10, 65)],
        [...lines, across(100), down(0, 80, 100), down(100, 80, 100), down(200, 80, 100), down(300, 80, 100)],
      ),
    ).toEqual([[['Part', '2024', '2025'], ['Seal', '1', '2'], ['Seal', '3', '4'], ['Hall 2']]]);
  });

  it('leave titles and notes in the frame to the page', () => {
    const lines = [...sides, down(100, 20, 60), down(200, 20, 60)];
    const texts = [
      word('Stock of parts', 10, 5),
      word('Part', 10, 25),
      word('2024', 110, 25),
      word('Seal', 10, 45),
      word('3', 110, 45),
      word('Source: stores', 10, 65),
    ];
    expect(rowsOf(texts, lines)).toEqual([
      [
        ['Part', '2024'],
        ['Seal', '3'],
      ],
    ]);
  });

  it('are not found where rules divide only some columns or frame running text', () => {
    const wide = [25, 45, 65].flatMap((y) => [word('Seal', 10, y), word('3', 110, y), word('4', 210, y)]);
    expect(rowsOf([...head, ...wide], sides)).toEqual([]);
    expect(rowsOf([word('Note', 10, 5)], [across(0), across(80), down(0), down(300)])).toEqual([]);
  });

  it('count space between cells that are boxes of their own as a border', () => {
    const box = (x: number, y: number) => ({
      bbox: { x, y, width: 90, height: 16 },
      stroke: true,
      fill: false,
      hasCurve: false,
    });
    const boxes = [0, 20].flatMap((y) => [box(0, y), box(98, y)]);
    const texts = [word('Part', 10, 3), word('Place', 110, 3), word('Seal', 10, 23), word('Shelf', 110, 23)];
    const bridge = [across(18, 0, 188), down(94, 0, 36)];
    expect(rowsOf(texts, bridge, boxes).flat()).toContainEqual(['Seal', 'Shelf']);
  });
});
