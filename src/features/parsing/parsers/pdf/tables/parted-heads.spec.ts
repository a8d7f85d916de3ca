import { describe, expect, it } from '@jest/globals';
import type { PageTable } from './page-table.js';
import { joinPartedHeads } from './parted-heads.js';

const table = (top: number, bottom: number, rows: string[][], left = 50): PageTable => ({
  rows,
  left,
  right: 500,
  top,
  bottom,
  items: new Set(),
});
const head = [
  ['', 'Plan', 'Plan'],
  ['Berth', '2030', 'Costs'],
];
const figures = [
  ['North', '118.20', '36.00'],
  ['South', '82.10', '41.50'],
];

describe('joinPartedHeads', () => {
  it('joins a head with the figures below it', () => {
    const [joined, ...others] = joinPartedHeads([table(126, 160, figures), table(80, 104, head)]);
    expect(joined).toMatchObject({ rows: [...head, ...figures], top: 80, bottom: 160 });
    expect(others).toEqual([]);
  });

  it('joins rows of figures with those of the same columns right above them', () => {
    const above = table(80, 120, [head[1] ?? [], ...figures]);
    const [joined, ...others] = joinPartedHeads([above, table(126, 160, figures)]);
    expect(joined?.rows).toEqual([head[1], ...figures, ...figures]);
    expect(others).toEqual([]);
    expect(joinPartedHeads([above, table(150, 184, figures)])).toHaveLength(2);
  });

  it.each([
    ['far from the figures', table(20, 44, head)],
    ['of other columns', table(80, 104, [['Berth', 'Plan']])],
    ['beside other columns of the page', table(80, 104, head, 400)],
    ['with figures of its own', table(80, 104, [['West', '12.00', '7.50']])],
  ])('leaves a table %s alone', (_name, above) => {
    const below = table(126, 160, figures);
    expect(joinPartedHeads([above, below])).toEqual([above, below]);
  });

  it('joins no words with words', () => {
    const tables = [
      table(80, 104, head),
      table(126, 160, [
        ['North', 'open', 'Staff'],
        ['South', 'shut', 'Staff'],
      ]),
    ];
    expect(joinPartedHeads(tables)).toEqual(tables);
  });
});
