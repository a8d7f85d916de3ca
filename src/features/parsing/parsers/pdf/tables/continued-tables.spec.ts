import { describe, expect, it } from '@jest/globals';
import { withContinuedHeads } from './continued-tables.js';

const rule = '| --- | --- |';

describe('withContinuedHeads', () => {
  it('repeats the head of a table that goes on, over several pages', () => {
    const pages = [
      `# Stock\n\n| Part | Pieces |\n${rule}\n| Seal | 250 |`,
      `| Cable | 30 |\n${rule}\n| Valve | 12 |`,
      `| Hose | 3 |\n${rule}\n| Pump | 1 |\n\nThe end.`,
    ];
    expect(withContinuedHeads(pages)).toEqual([
      pages[0],
      `| Part | Pieces |\n${rule}\n| Cable | 30 |\n| Valve | 12 |`,
      `| Part | Pieces |\n${rule}\n| Hose | 3 |\n| Pump | 1 |\n\nThe end.`,
    ]);
  });

  it('sees through a logo at the end of a page and at the top of the next one', () => {
    const stock = `| Part | Pieces |\n${rule}\n| Seal | 250 |\n\n[Figure: Logo of the firm]`;
    const [, next] = withContinuedHeads([stock, `[Figure: Logo of the firm]\n\n| Cable | 30 |\n${rule}`]);
    expect(next).toBe(`[Figure: Logo of the firm]\n\n| Part | Pieces |\n${rule}\n| Cable | 30 |`);
  });

  it('leaves tables with a head of their own, with other columns, and after other text', () => {
    const stock = `| Part | Pieces |\n${rule}\n| Seal | 250 |`;
    const others = [
      `| Part | Pieces |\n${rule}\n| Cable | 30 |`,
      `| Keeper | Store |\n${rule}\n| Ada | North |`,
      `| Cable | 30 | Reel |\n| --- | --- | --- |\n| Valve | 12 | Shelf |`,
      `More text.\n\n| Cable | 30 |\n${rule}\n| Valve | 12 |`,
    ];
    for (const other of others) expect(withContinuedHeads([stock, other])).toEqual([stock, other]);
    expect(withContinuedHeads([`${stock}\n\nThe end.`, `| 2 | 30 |\n${rule}`])[1]).toBe(
      `| 2 | 30 |\n${rule}`,
    );
  });
});
