import { describe, expect, it } from '@jest/globals';
import { withRightToLeftTables } from './right-to-left-tables.js';

// as the layout has them: columns from left to right, words of a cell from left to right
const layout = [
  '| מחיר | נמל שירות |',
  '| --- | --- |',
  '| % 5 | עגינה |',
  '| (ליום) 88.30 | מים אחסון |',
].join('\n');
const plain = ['מחירון', 'שירות נמל מחיר', 'עגינה 5 %', 'אחסון מים 88.30 (ליום)', 'הערה'].join('\n');

describe('withRightToLeftTables', () => {
  it('puts the rows of a table in the order in which they are read, the first column at the right', () => {
    expect(withRightToLeftTables(plain, `מחירון\n\n${layout}\n\nהערה`)).toBe(
      [
        'מחירון\n',
        '| שירות נמל | מחיר |',
        '| --- | --- |',
        '| עגינה | 5 % |',
        '| אחסון מים | 88.30 (ליום) |\n',
        'הערה',
      ].join('\n'),
    );
  });

  it('takes the line above rows of numbers for their titles if it has one word for each column', () => {
    const rows = layout.replace('| מחיר | נמל שירות |', '| 12 | גרירה |');
    const text = ['שירות מחיר', 'גרירה 12', 'עגינה 5 %', 'אחסון מים 88.30 (ליום)'].join('\n');
    expect(withRightToLeftTables(text, rows).split('\n').slice(0, 3)).toEqual([
      '| שירות | מחיר |',
      '| --- | --- |',
      '| גרירה | 12 |',
    ]);
    expect(withRightToLeftTables(text.replace('שירות מחיר', 'כל השירותים של הנמל'), rows)).toContain(
      '|  |  |',
    );
  });

  it('leaves the lines where a row is not one of them', () => {
    const torn = plain.replace('עגינה 5 %', 'עגינה\n5 %');
    expect(withRightToLeftTables(torn, layout)).toBe(torn);
  });
});
