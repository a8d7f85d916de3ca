import { describe, expect, it } from '@jest/globals';
import type { TextItem } from '@llamaindex/liteparse';
import { alignedTables } from './aligned-tables.js';

const height = 10;
/** Words 5 points a letter wide, from a left edge or up to a right one. */
const item = (text: string, x: number, y: number, side: 'left' | 'right' = 'left'): TextItem => {
  const width = text.length * 5 - (text.split(' ').length - 1) * 2;
  let at = side === 'left' ? x : x - width;
  const start = at;
  const words = text.split(' ').map((word) => {
    const box = { text: word, x: at, y, width: word.length * 5, height };
    at += box.width + 3;
    return box;
  });
  return { text, x: start, y, width, height, words };
};
const numbers = (y: number, label: string, ...cells: [string, number][]): TextItem[] => [
  item(label, 50, y),
  ...cells.map(([text, right]) => item(text, right, y, 'right')),
];
const rowsOf = (...items: TextItem[][]): string[][] => alignedTables(items.flat())[0]?.rows ?? [];

const four = (y: number, label: string): TextItem[] =>
  numbers(y, label, [`1${y}.50`, 200], [`2${y}.5`, 260], [`3${y}.75`, 340], [`4${y}.2`, 400]);
const body = [...four(130, 'Hawser'), ...four(145, 'Fender'), ...four(160, 'Winch')];

describe('the head of columns of numbers', () => {
  it('repeats titles over several columns, told by the titles below them that come again', () => {
    const groups = [item('Quay North', 165, 100), item('South', 305, 100)];
    const leaves = [
      item('Cargo', 50, 115),
      ...numbers(115, '', ['Tons', 200], ['Fee', 260], ['Tons', 340], ['Fee', 400]).slice(1),
    ];
    expect(rowsOf([...groups, ...leaves, ...body]).slice(0, 3)).toEqual([
      ['Cargo', 'Quay North', 'Quay North', 'South', 'South'],
      ['Cargo', 'Tons', 'Fee', 'Tons', 'Fee'],
      ['Hawser', '1130.50', '2130.5', '3130.75', '4130.2'],
    ]);
  });

  it('joins the lines of each title, also where some titles have one line only', () => {
    const head = [
      item('Mean of', 200, 88, 'right'),
      item('Cargo', 50, 100),
      item('all', 200, 100, 'right'),
      item('Fee', 260, 100, 'right'),
      item('Dues', 340, 100, 'right'),
      item('Net', 400, 100, 'right'),
      item('weights', 200, 112, 'right'),
      item('paid', 340, 112, 'right'),
    ];
    expect(rowsOf([...head, ...body])[0]).toEqual([
      'Cargo',
      'Mean of all weights',
      'Fee',
      'Dues paid',
      'Net',
    ]);
  });

  it('leaves out a line over all columns, and does not take the name of a group of rows into the head', () => {
    const items = [
      item('Dues of the inner and the outer harbour in the year', 60, 85),
      ...numbers(100, 'Cargo', ['2031', 200], ['2032', 260], ['2033', 340], ['2034', 400]),
      item('Ropes', 50, 115),
    ];
    expect(rowsOf([...items, ...body]).slice(0, 2)).toEqual([
      ['Cargo', '2031', '2032', '2033', '2034'],
      ['Ropes', '', '', '', ''],
    ]);
  });
});

describe('columns of numbers that stand near one another', () => {
  const tight = (y: number, ...cells: [string, number][]): TextItem[] => [
    item('Rope', 50, y),
    { ...item('', 0, y), words: cells.flatMap(([text, right]) => item(text, right, y, 'right').words ?? []) },
  ];

  it('are parted where the gap between them is narrower than a blank', () => {
    const rows = rowsOf(
      tight(100, ['1,204.50', 150], ['98,310.2', 192]),
      tight(115, ['33.10', 150], ['7,120.0', 192]),
      tight(130, ['98,120.7', 150], ['4.25', 192]),
      tight(145, ['5.75', 150], ['12,400.0', 192]),
    );
    expect(rows[0]).toEqual(['Rope', '1,204.50', '98,310.2']);
  });

  it('keep the rows of a statement apart, and a first row without a label below its titles', () => {
    const rows = rowsOf(
      [
        item('Day', 50, 100),
        item('Entry', 110, 100),
        item('Out', 260, 100, 'right'),
        item('In', 330, 100, 'right'),
      ],
      [item('Balance before the month', 110, 114), item('1,204.77', 330, 114, 'right')],
      [item('03.03.', 50, 128), item('Harbour dues', 110, 128), item('84.00', 260, 128, 'right')],
      [item('05.03.', 50, 142), item('Wages of the crew', 110, 142), item('2,713.74', 330, 142, 'right')],
      [item('Balance', 110, 156), item('3,834.51', 330, 156, 'right')],
    );
    expect(rows).toEqual([
      ['Day', 'Entry', 'Out', 'In'],
      ['', 'Balance before the month', '', '1,204.77'],
      ['03.03.', 'Harbour dues', '84.00', ''],
      ['05.03.', 'Wages of the crew', '', '2,713.74'],
      ['', 'Balance', '', '3,834.51'],
    ]);
  });

  it('are one where the gap is the same on each line, as between a date and its time', () => {
    const rows = rowsOf(
      ...[100, 115, 130, 145].map((y) => [
        item('Ferry', 50, y),
        item(`0${y % 9}.11. 08:${y % 50}`, 120, y),
        item('12.50', 260, y, 'right'),
      ]),
    );
    expect(rows[0]?.length).toBe(3);
  });
});
