import { describe, expect, it } from '@jest/globals';
import { splitBeside } from './beside-tables.js';

describe('splitBeside', () => {
  it('takes tables apart whose first title comes again', () => {
    const rows = [
      ['Fish', 'Crates', 'Price', 'Fish', 'Crates', 'Price'],
      ['Cod', '12', '48.10', 'Hake', '7', '31.95'],
      ['Ling', '30', '22.40', '', '', ''],
    ];
    expect(splitBeside(rows)).toEqual([
      [
        ['Fish', 'Crates', 'Price'],
        ['Cod', '12', '48.10'],
        ['Ling', '30', '22.40'],
      ],
      [
        ['Fish', 'Crates', 'Price'],
        ['Hake', '7', '31.95'],
      ],
    ]);
  });

  it('tells by labels beside numbers where the other titles differ', () => {
    const rows = [
      ['Fish', 'Crates', 'Fish', 'Price'],
      ['Cod', '12', 'Hake', '31.95'],
      ['Ling', '30', 'Sole', '88.20'],
    ];
    expect(splitBeside(rows)).toHaveLength(2);
    expect(splitBeside(rows.map((row) => row.map((cell) => (cell === 'Hake' ? '17' : cell))))).toEqual([
      rows.map((row) => row.map((cell) => (cell === 'Hake' ? '17' : cell))),
    ]);
  });

  it('keeps columns together that titles over them compare, merged titles, and forms', () => {
    const compared = [
      ['Old scale', 'Old scale', 'New scale', 'New scale'],
      ['Grade', 'Meaning', 'Grade', 'Meaning'],
      ['1', 'calm', 'A', 'smooth'],
    ];
    const merged = [
      ['Dues', 'Dues', 'Fees', 'Fees'],
      ['4', '5', '6', '7'],
    ];
    const form = [
      ['Ship:', 'Heron', 'Ship:', 'Tern'],
      ['Port:', '12', 'Port:', '13'],
    ];
    for (const rows of [compared, merged, form]) expect(splitBeside(rows)).toEqual([rows]);
  });
});
