import { describe, expect, it } from '@jest/globals';
import { mergesRows } from './merged-rows.js';

const tables = [
  {
    rows: [
      ['Work', 'Hours', 'Amount'],
      ['Mend the pump', '2.5', '£120.00'],
      ['New seal', '', '£36.50'],
    ],
    left: 0,
    right: 100,
    top: 0,
    bottom: 50,
    items: new Set<never>(),
  },
];

describe('mergesRows', () => {
  it('finds figures of two rows in one cell', () => {
    const markdown =
      '| Work | Hours | Amount |\n|---|---|---|\n| Mend the pump New seal | 2.5 | £120.00 £36.50 |';
    expect(mergesRows(markdown, tables)).toBe(true);
  });

  it('finds nothing where each figure has its cell, or figures stand beside one another', () => {
    const apart = '| Mend the pump | 2.5 | £120.00 |\n| New seal | | £36.50 |';
    expect(mergesRows(apart, tables)).toBe(false);
    expect(mergesRows('| Mend the pump | 2.5 £120.00 |', tables)).toBe(false);
  });
});
