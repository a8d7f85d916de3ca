import { describe, expect, it } from '@jest/globals';
import type { TextItem } from '@llamaindex/liteparse';
import { splitAtGutters } from './gutter.js';
import { withoutProseTables } from '../tables/prose-tables.js';

const line = (text: string, x: number, y: number): TextItem => ({
  text,
  x,
  y,
  width: text.length * 5,
  height: 10,
});
const column = (x: number, text: string) =>
  Array.from({ length: 10 }, (_unused, index) => {
    const words = text.split(' ');
    let at = x;
    const boxes = words.map((word) => {
      const box = { text: word, x: at, y: index * 14, width: word.length * 5, height: 10 };
      at += box.width + 3;
      return box;
    });
    return { ...line(text, x, index * 14), width: at - 3 - x, words: boxes };
  });

describe('columns of text', () => {
  it('are separated, so that no table is found across them', () => {
    const [left, right] = [
      column(50, 'the seals are renewed when'),
      column(220, 'they drip and once each year'),
    ];
    expect(splitAtGutters([...left, ...right])).toEqual([left, right]);
  });

  it('are not found where the cells beside a column are short', () => {
    const table = [...column(50, 'the seals of hall two'), ...column(220, '12')];
    expect(splitAtGutters(table)).toEqual([table]);
  });
});

describe('rows of several cells', () => {
  const rows = (shift: (index: number) => number) =>
    Array.from({ length: 10 }, (_unused, index) =>
      ['118.20', '36.00', '82.20', '291.80', '77.10'].map((cell, place) =>
        line(cell, 220 + place * 60 + shift(index), index * 14),
      ),
    ).flat();
  const labels = column(50, 'the seals of hall two');

  it('are no column of text, as many words as they have', () => {
    const table = [...labels, ...rows(() => 0)];
    expect(splitAtGutters(table)).toEqual([table]);
  });

  it('are lines of text if no gap stands below another one', () => {
    const text = rows((index) => index * 6);
    expect(splitAtGutters([...labels, ...text])).toEqual([labels, text]);
  });
});

describe('tables of running text', () => {
  const prose =
    'The pumps of the hall are looked at once a month and their seals are renewed when they drip or when a year has passed since then.';

  it('become paragraphs, column by column', () => {
    expect(withoutProseTables(`| a | b |\n|---|---|\n| ${prose} | ${prose} |`)).toBe(
      `a ${prose}\n\nb ${prose}`,
    );
    expect(withoutProseTables('| alone | x |\n|---|---|')).toBe('alone\n\nx');
  });

  it('stay where their cells are short, or where rules made them', () => {
    const short = '| Part | Pieces |\n|---|---|\n| Seal | 12 |';
    const ours = `| a | b |\n| --- | --- |\n| ${prose} | ${prose} |`;
    expect(withoutProseTables(short)).toBe(short);
    expect(withoutProseTables(ours)).toBe(ours);
  });
});
