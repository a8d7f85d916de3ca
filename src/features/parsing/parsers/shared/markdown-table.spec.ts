import { describe, expect, it } from '@jest/globals';
import { markdownTable } from './markdown-table.js';

describe('markdownTable', () => {
  it('takes the first row as the header', () => {
    expect(
      markdownTable([
        ['Name', 'Days'],
        ['Ada', '25'],
      ]),
    ).toBe('| Name | Days |\n| --- | --- |\n| Ada | 25 |');
  });

  it('keeps a cell on one line and its pipes out of the structure', () => {
    expect(markdownTable([['a|b', 'c\r\n d\n\ne']])).toBe('| a\\|b | c d e |\n| --- | --- |');
  });

  it('widens the header to the widest row and leaves short rows short', () => {
    expect(markdownTable([['a'], ['1', '2', '3'], []])).toBe(
      '| a |  |  |\n| --- | --- | --- |\n| 1 | 2 | 3 |\n|  |',
    );
  });

  it('gives an empty text for no rows', () => {
    expect(markdownTable([])).toBe('');
    expect(markdownTable([[], []])).toBe('');
  });

  it('stays small when one row is wide and many are short', () => {
    const rows = [Array.from({ length: 16_384 }, () => 'x'), ...Array.from({ length: 100_000 }, () => ['y'])];
    expect(markdownTable(rows).length).toBeLessThan(1_000_000);
  });

  it('takes linear time over a cell of blanks', () => {
    const started = Date.now();
    expect(markdownTable([[`a${' '.repeat(1_000_000)}b`]]).length).toBeGreaterThan(1_000_000);
    expect(Date.now() - started).toBeLessThan(2_000);
  });
});
