import { describe, expect, it } from '@jest/globals';
import { splitStacked } from './stacked-tables.js';

describe('splitStacked', () => {
  it('parts a grid where a row over all columns is followed by other titles', () => {
    const rows = [
      ['Serial', 'PX-4', 'Place', 'Hall'],
      ['Built', '2019', 'Maker', 'Norden'],
      ['Inspections'],
      ['Date', 'By', 'Result', 'Next'],
      ['04.02.', 'Brandt', 'passed', '2026'],
    ];
    expect(splitStacked(rows)).toEqual([
      { title: null, rows: rows.slice(0, 2) },
      { title: 'Inspections', rows: rows.slice(3) },
    ]);
  });

  it('parts a grid where cells are merged otherwise, without the columns that only repeat', () => {
    expect(
      splitStacked([
        ['Year', 'Make', 'Model'],
        ['2016', 'Volta', 'Kestrel'],
        ['Part', 'Part', 'Price'],
        ['Seal', 'Seal', '12.50'],
      ]),
    ).toEqual([
      {
        title: null,
        rows: [
          ['Year', 'Make', 'Model'],
          ['2016', 'Volta', 'Kestrel'],
        ],
      },
      {
        title: null,
        rows: [
          ['Part', 'Price'],
          ['Seal', '12.50'],
        ],
      },
    ]);
  });

  it('keeps groups of rows with the same columns together', () => {
    const rows = [
      ['Item', 'Stock', 'Price'],
      ['Fruit'],
      ['Pear', '7', '1.20'],
      ['Roots'],
      ['Beet', '3', '0.80'],
    ];
    expect(splitStacked(rows)).toEqual([{ title: null, rows }]);
  });
});
