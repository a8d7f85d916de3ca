import { describe, expect, it } from '@jest/globals';
import type { TextItem } from '@llamaindex/liteparse';
import { alignedTables } from './aligned-tables.js';

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

  it('keeps rows together that stand far apart if their cells keep to their columns', () => {
    const far = [
      ...row(100, ['Pos.', 50], ['Part', 90], ['Pieces', 200], ['Price', 280]),
      ...row(135, ['1', 50], ['Ball valve', 90], ['12', 220], ['84.95', 280]),
      ...row(174, ['2', 50], ['Seal', 90], ['250', 215], ['719.40', 275]),
    ];
    expect(findRows(far)).toEqual([
      [
        ['Pos.', 'Part', 'Pieces', 'Price'],
        ['1', 'Ball valve', '12', '84.95'],
        ['2', 'Seal', '250', '719.40'],
      ],
    ]);
    const words = far.filter(({ text }) => !/^\d/.test(text));
    expect(findRows([...words, ...row(135, ['a', 50]), ...row(174, ['b', 50])])).toEqual([]);
  });

  it('repeats a heading over the columns that it stands above, and leaves a caption out', () => {
    const above = [item('Table 3: The store', 50, 72), item('Stock at the quays', 152, 86)];
    const [table] = alignedTables([...above, ...head, ...body]);
    expect(table?.rows.slice(0, 2)).toEqual([
      ['Part', 'Stock at the quays', 'Stock at the quays'],
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
      ['Type', 'A', 'B', 'C', 'DN'],
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

  const amounts = [
    ['Harbour', '410.00', '12.5'],
    ['Quay one', '118.20', '3.0'],
    ['Night shift', '36.00', '1.5'],
    ['Day shift', '82.20', '1.5'],
    ['Workshop', '291.80', '9.5'],
    ['Paint', '77.10', '2.0'],
    ['Dock', '1,040.00', '31.0'],
  ] as const;
  const indents = [50, 60, 72, 72, 60, 84, 50];

  it('keeps labels that are indented by their rank beside columns of numbers', () => {
    const items = amounts.flatMap(([label, cost, hours], index) =>
      row(100 + index * 14, [label, indents[index] ?? 50], [cost, 240 - cost.length * 5], [hours, 300]),
    );
    expect(findRows(items)[0]).toEqual(amounts);
  });

  it('leaves out the dots that lead from a label to its values, and keeps dots that stand for no value', () => {
    const items = amounts.flatMap(([label, cost], index) => [
      ...row(100 + index * 14, [label, 50], [cost, 240 - cost.length * 5], ['...', 300]),
      item('. . . . . . . .', 50 + label.length * 5 + 8, 103 + index * 14),
    ]);
    expect(findRows(items)[0]).toEqual(amounts.map(([label, cost]) => [label, cost, '...']));
  });

  it('takes dots before page numbers for a table of contents', () => {
    const items = amounts.flatMap(([label], index) => [
      ...row(100 + index * 14, [label, 50], [`${index + 3}`, 300]),
      item('. . . . . . . .', 50 + label.length * 5 + 8, 100 + index * 14),
    ]);
    expect(findRows(items)).toEqual([]);
  });

  it('takes a sign of currency or percent in a column of its own for a part of its amount', () => {
    const rows = [
      ['Cranes', '178', '14.1'],
      ['Harbour pilots', '3,423', '2.5'],
      ['Docks', '1,136', '8.7'],
      ['Total', '4,737', '25.3'],
    ] as const;
    const items = [
      ...row(86, ['Jan 26, 2031', 160], ['Share of costs', 255]),
      ...rows.flatMap(([label, amount, share], index) => [
        ...row(
          100 + index * 14,
          [label, 50],
          [amount, 220 - amount.length * 5],
          [share, 300 - share.length * 5],
        ),
        ...(index % 3 === 0 ? [item('€', 155, 100 + index * 14)] : []),
        item('%', 312, 100 + index * 14),
      ]),
    ];
    expect(findRows(items)[0]).toEqual([
      ['', 'Jan 26, 2031', 'Share of costs'],
      ['Cranes', '€ 178', '14.1 %'],
      ['Harbour pilots', '3,423', '2.5 %'],
      ['Docks', '1,136', '8.7 %'],
      ['Total', '€ 4,737', '25.3 %'],
    ]);
  });

  it('joins a number and the label that it counts, which are two pieces of one column', () => {
    const items = amounts.flatMap(([label, cost, hours], index) =>
      index % 3 === 0
        ? row(100 + index * 14, [label, 50], [cost, 240 - cost.length * 5], [hours, 300])
        : row(100 + index * 14, [`${index}.`, 50], [label, 70], [cost, 240 - cost.length * 5], [hours, 300]),
    );
    expect(findRows(items)[0]?.slice(0, 2)).toEqual([amounts[0], ['1. Quay one', '118.20', '3.0']]);
  });

  it('takes no table from text in columns whose lines stand at other heights', () => {
    const left = [
      'The seals of a pump are',
      'renewed when they begin to drip',
      'or when a year has gone by',
      'since the day they came in',
      'from the works in which they',
      'had been cut, checked and packed',
      'by hand for the harbour office',
    ];
    const right = ['17 docks.example/2031', 'Notes of the harbour office', 'docks.example/rules'];
    const items = left.flatMap((text, index) => [
      item(text, 50, 100 + index * 12),
      item(`${index + 1}`, 260, 105 + index * 12),
      item(right[index % 3] ?? '', 275, 105 + index * 12),
    ]);
    expect(findRows(items)).toEqual([]);
  });

  it('takes no table from a few stretched lines', () => {
    const items = [
      ...row(
        100,
        ['Estimated with the figures', 50],
        ['of the harbour office', 210],
        ['for all the docks', 370],
      ),
      ...row(
        112,
        ['in the Yearbook', 50],
        ['of Docks and Offices, second', 210],
        ['edition (London, 2031', 370],
      ),
      ...row(124, ['Part 4 of 9)', 50], ['The book is', 210], ['out of print since May', 370]),
    ];
    expect(findRows(items)).toEqual([]);
  });
});
