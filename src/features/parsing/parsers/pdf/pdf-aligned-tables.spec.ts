import { describe, expect, it } from '@jest/globals';
import type { TextItem } from '@llamaindex/liteparse';
import { alignedTables } from './pdf-aligned-tables.js';

const height = 10;
const item = (text: string, x: number, y: number): TextItem => {
  let at = x;
  const words = text.split(' ').map((word) => {
    const box = { text: word, x: at, y, width: word.length * 5, height };
    at += box.width + 3;
    return box;
  });
  return { text, x, y, width: at - 3 - x, height, words };
};
const row = (y: number, ...cells: [string, number][]): TextItem[] =>
  cells.map(([text, x]) => item(text, x, y));
const findRows = (items: TextItem[]) => alignedTables(items).map(({ rows }) => rows);

const head = row(100, ['Part', 50], ['Pieces', 150], ['Place', 230]);
const body = [
  ...row(114, ['Ball valve', 50], ['12', 170], ['Shelf A', 230]),
  ...row(128, ['Seal', 50], ['250', 165], ['Drawer 7', 230]),
  ...row(142, ['Cable', 50], ['Reel 2', 230]),
  ...row(156, ['Long hose', 50], ['3', 175], ['Yard', 230]),
];

describe('alignedTables', () => {
  it('finds columns by the strips between them that stay empty, and leaves missing cells empty', () => {
    expect(findRows([...head, ...body])).toEqual([
      [
        ['Part', 'Pieces', 'Place'],
        ['Ball valve', '12', 'Shelf A'],
        ['Seal', '250', 'Drawer 7'],
        ['Cable', '', 'Reel 2'],
        ['Long hose', '3', 'Yard'],
      ],
    ]);
  });

  it('repeats a heading over the columns that it stands above, and leaves a caption out', () => {
    const above = [item('Table 3: The store', 50, 72), item('Stock at the quays', 152, 86)];
    const [table] = alignedTables([...above, ...head, ...body]);
    expect(table?.rows.slice(0, 2)).toEqual([
      ['', 'Stock at the quays', 'Stock at the quays'],
      ['Part', 'Pieces', 'Place'],
    ]);
    expect(table?.items.has(above[0] as TextItem)).toBe(false);
  });

  it('joins the lines of a cell beside which the others are centred, also where the last one is a number', () => {
    const statement = [0, 62].flatMap((down) => [
      ...row(100 + down, ['1 May', 50], ['Rent', 110], ['850.00', 250]),
      item('Card payment at the harbour', 110, 117 + down),
      ...row(128 + down, ['2 May', 50], ['kiosk with a long reference', 110], ['43.18', 255]),
      item('99182', 110, 139 + down),
    ]);
    expect(findRows(statement)[0]?.slice(1, 3)).toEqual([
      ['2 May', 'Card payment at the harbour kiosk with a long reference 99182', '43.18'],
      ['1 May', 'Rent', '850.00'],
    ]);
  });

  it('keeps a title over several columns apart from those below it, beside titles centred between the two', () => {
    const sizes = [
      item('Dimensions in mm', 150, 86),
      ...row(92, ['Type', 50], ['DN', 270]),
      ...row(98, ['A', 155], ['B', 190], ['C', 225]),
      ...[114, 128, 142].flatMap((y) =>
        row(y, [`KX-${y}`, 50], ['220', 150], ['145', 185], ['310', 220], ['32', 270]),
      ),
    ];
    expect(findRows(sizes)[0]?.slice(0, 2)).toEqual([
      ['Type', 'Dimensions in mm', 'Dimensions in mm', 'Dimensions in mm', 'DN'],
      ['', 'A', 'B', 'C', ''],
    ]);
  });

  it('joins the lines of a cell that was too long for its column', () => {
    const lines = [
      ...row(100, ['Store', 50], ['Keeper', 200]),
      ...row(118, ['Store of the north', 50], ['Audit', 200]),
      ...row(130, ['quay and its yard', 50]),
      ...row(148, ['South quay', 50], ['Budget', 200]),
      ...row(166, ['East quay', 50], ['Nobody', 200]),
    ];
    expect(findRows(lines)[0]?.[1]).toEqual(['Store of the north quay and its yard', 'Audit']);
  });

  it('finds no table in columns of text, lists, tables of contents and forms', () => {
    const sentence = 'the store keeps valves seals and cables for all';
    const columns = Array.from({ length: 6 }, (_, line) =>
      row(100 + line * 12, [sentence, 50], [sentence, 330]),
    ).flat();
    const list = Array.from({ length: 5 }, (_, line) =>
      row(100 + line * 12, [`${line + 1}.`, 50], ['Close the valve', 75]),
    ).flat();
    const contents = Array.from({ length: 5 }, (_, line) =>
      row(100 + line * 12, ['Valves .........', 50], [`${line + 7}`, 300]),
    ).flat();
    const form = ['Name:', 'Street:', 'Town:', 'Phone:'].flatMap((label, line) =>
      row(100 + line * 14, [label, 50], ['Ada', 150]),
    );
    for (const items of [columns, list, contents, form]) expect(findRows(items)).toEqual([]);
  });

  it('does not cut figures at changes of font', () => {
    const cut = body.map((piece) =>
      piece.text === '250'
        ? {
            ...piece,
            words: [
              { text: '25', x: 165, y: 128, width: 10, height },
              { text: '.0', x: 175, y: 128, width: 8, height },
            ],
          }
        : piece,
    );
    expect(findRows([...head, ...cut])[0]?.[2]).toEqual(['Seal', '25.0', 'Drawer 7']);
  });
});
