import { describe, expect, it } from '@jest/globals';
import type { ParsedPage, TextItem } from '@llamaindex/liteparse';
import { insertTables } from './insert-tables.js';
import { ruledTables } from './ruled-tables.js';

const height = 10;
const word = (text: string, x: number, y: number) => ({ text, x, y, width: text.length * 5, height });
const line = (y: number, from: number, to: number) => ({
  x1: from,
  y1: y,
  x2: to,
  y2: y,
  stroke: true,
  fill: false,
});
const upright = (x: number, from: number, to: number) => ({ ...line(0, x, x), y1: from, y2: to });
const makePage = (textItems: unknown[], lines: unknown[]) =>
  ({ textItems, vectorGraphics: { lines, shapes: [] } }) as unknown as ParsedPage;

const cells = [
  word('Model', 100, 105),
  word('Speed', 200, 105),
  word('Weight', 300, 105),
  word('Ada', 100, 125),
  word('12', 200, 125),
  word('3.5', 300, 125),
  word('Bela with a', 100, 140),
  word('7', 200, 140),
  word('long name', 100, 150.5),
  word('Cora', 100, 165),
  word('9', 200, 165),
  word('4.1', 300, 165),
];
const rules = [line(100, 95, 360), line(120, 95, 360), line(180, 95, 360)];

describe('ruledTables', () => {
  it('reads a table with a ruled head, lines of one cell together', () => {
    expect(ruledTables(makePage(cells, rules)).map(({ rows }) => rows)).toEqual([
      [
        ['Model', 'Speed', 'Weight'],
        ['Ada', '12', '3.5'],
        ['Bela with a long name', '7', ''],
        ['Cora', '9', '4.1'],
      ],
    ]);
  });

  it('reads the rows above the first rule and below the last one, and no text beyond them', () => {
    const texts = [
      word('Running text goes on from side to side of the page', 100, 85),
      word('Speed', 200, 105),
      word('Model', 100, 105),
      ...cells.slice(3),
      word('All', 100, 184),
      word('28', 200, 184),
      word('A note below the table that fills its line', 100, 200),
    ];
    const inside = [line(120, 95, 360), line(180, 95, 360)];
    const page = { ...makePage(texts, inside), height: 800 };
    const [table] = ruledTables(page);
    expect(table?.rows[0]).toEqual(['Model', 'Speed', '']);
    expect(table?.rows.at(-1)).toEqual(['All', '28', '']);
    expect(table?.items.size).toBe(texts.length - 2);
  });

  it('reads the text between two rules as a row where each row is ruled', () => {
    const ruled = [100, 120, 137, 162.5, 180].map((y) => line(y, 95, 360));
    expect(ruledTables(makePage(cells, ruled))[0]?.rows).toContainEqual(['Bela with a long name', '7', '']);
  });

  it('parts rows of numbers where only groups of them are ruled or set apart', () => {
    const figures = (label: string, y: number, ...numbers: string[]) => [
      word(label, 100, y),
      ...numbers.map((number, at) => word(number, 200 + at * 100, y)),
    ];
    const groups = [
      ...figures('Depot', 105, 'Speed', 'Weight'),
      ...figures('North', 125, '12', '3.5'),
      ...figures('Quay', 137, '9', '4.1'),
      ...figures('Yard', 149, '7', '2.6'),
      ...figures('South', 175, '8', '1.9'),
      ...figures('Lock', 187, '5', '2.2'),
      ...figures('Pier', 199, '6', '2.8'),
    ];
    const [table] = ruledTables(
      makePage(groups, [line(100, 95, 360), line(120, 95, 360), line(215, 95, 360)]),
    );
    expect(table?.rows).toHaveLength(7);
    expect(table?.rows).toContainEqual(['Quay', '9', '4.1']);
  });

  it('tells columns by figures where titles run over them, and leaves text above the table out', () => {
    const text = (y: number) => word('A sentence that goes on from side to side above the table', 100, y);
    const titles = [
      word('Depot', 100, 165),
      word('Speed', 190, 165),
      word('Weight of goods on all days', 232, 165),
      word('in tons and pieces', 232, 177),
    ];
    const figures = Array.from({ length: 7 }, (_unused, row) => {
      const y = 190 + row * 12;
      return [
        word(`Depot ${row}`, 100, y),
        ...[190, 240, 290, 340].map((x, at) => word(`${row + 1}${at}.5`, x, y)),
      ];
    });
    const rules = [100, 150, 187, 275].map((y) => line(y, 95, 395));
    const page = makePage([text(110), text(125), ...titles, ...figures.flat()], rules);
    const [table] = ruledTables(page);
    expect(table?.top).toBe(150);
    expect(table?.rows.slice(-7)).toEqual(figures.map((own) => own.map((item) => item.text)));
  });

  it('finds no table in text between two rules, nor in two columns of it', () => {
    const prose = Array.from({ length: 12 }, (_unused, row) =>
      Array.from({ length: 10 }, (_other, place) => word('words', 100 + place * 26, 105 + row * 12)),
    ).flat();
    expect(ruledTables(makePage(prose, [line(100, 95, 360), line(260, 95, 360)]))).toEqual([]);
    const columns = prose.map((item) => (item.x > 225 ? { ...item, x: item.x + 20 } : item));
    expect(ruledTables(makePage(columns, [line(100, 95, 400), line(260, 95, 400)]))).toEqual([]);
  });

  it('leaves grids to the layout', () => {
    expect(ruledTables(makePage(cells, [...rules, upright(190, 100, 180)]))).toEqual([]);
  });
});

describe('insertTables', () => {
  it('puts numbers beside texts as a list', () => {
    const place = { left: 0, right: 90, top: 0, bottom: 20, items: new Set<TextItem>() };
    const rows = [
      ['1.', 'Oak | Elm, 2019'],
      ['2.', 'Birch, 2021'],
    ];
    expect(insertTables('', [], [{ ...place, rows }])).toBe('1. Oak | Elm, 2019\n2. Birch, 2021');
  });

  it('puts a table below the text above it', () => {
    const rest = [word('Before the table.', 100, 80), word('After the table.', 100, 200)];
    const rows = [['a'], ['1']];
    const table = { rows, items: new Set<TextItem>(), left: 95, right: 360, top: 100, bottom: 180 };
    const markdown = '| a |\n| --- |\n| 1 |';
    expect(insertTables('Before the table.\n\nAfter the table.', rest, [table])).toBe(
      `Before the table.\n\n${markdown}\n\nAfter the table.`,
    );
    expect(insertTables('After the table.', rest.slice(1), [table])).toBe(`${markdown}\n\nAfter the table.`);
  });
});
