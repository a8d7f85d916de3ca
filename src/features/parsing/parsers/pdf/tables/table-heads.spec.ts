import { describe, expect, it } from '@jest/globals';
import { withoutFalseHeads } from './table-heads.js';

const rule = (columns: number): string => `|${' --- |'.repeat(columns)}`;

describe('withoutFalseHeads', () => {
  it('gives tables of labels and values an empty head', () => {
    const table = `| Flow | 12 m³/h |\n${rule(2)}\n| Weight | EUR 18 |\n| Class | – 5 |`;
    expect(withoutFalseHeads(`Data:\n\n${table}\n\nEnd.`)).toBe(
      `Data:\n\n|  |  |\n${rule(2)}\n| Flow | 12 m³/h |\n| Weight | EUR 18 |\n| Class | – 5 |\n\nEnd.`,
    );
    const pairs = `| Serial | PX-44 | Place | Hall |\n${rule(4)}\n| Built | spring | Maker | Norden |`;
    expect(withoutFalseHeads(pairs)).toBe(
      `|  |  |  |  |\n${rule(4)}\n| Serial | PX-44 | Place | Hall |\n| Built | spring | Maker | Norden |`,
    );
  });

  it('gives rows of numbers an empty head, but not columns that days name', () => {
    const table = `| Mole | 6:02 | 6:32 |\n${rule(3)}\n| Quay | 6:14 | 6:44 |`;
    expect(withoutFalseHeads(table)).toBe(
      `|  |  |  |\n${rule(3)}\n| Mole | 6:02 | 6:32 |\n| Quay | 6:14 | 6:44 |`,
    );
    const days = `| EUR million | 31.12.2031 | 31.12.2030 |\n${rule(3)}\n| Cranes | 6.1 | 5.9 |`;
    expect(withoutFalseHeads(days)).toBe(days);
  });

  it('keeps heads that name their columns', () => {
    for (const table of [
      `| Item | 2025 |\n${rule(2)}\n| Seal | 12 |`,
      `| Indicator | Weight in 2006 |\n${rule(2)}\n| Growth | 12 |`,
      `| Item | Price |\n${rule(2)}\n| Seal | 12 |`,
      `| Name | Q1 | Name | Q2 |\n${rule(4)}\n| Ada | 3 | Ada | 4 |`,
      `| Room | 12 |\n${rule(2)}\n| Hall 3 | 14 |`,
    ])
      expect(withoutFalseHeads(table)).toBe(table);
  });
});
