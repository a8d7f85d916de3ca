import { describe, expect, it } from '@jest/globals';
import type { PagePiece } from '../../shared/placed-text.js';
import { withoutFurniture } from './furniture.js';

const piece = (text: string, x: number, y: number): PagePiece => ({
  text,
  x,
  y,
  width: text.length * 5,
  height: 10,
});
const body = (page: number) => piece(`Text of page ${page}.`, 50, 400);

/** Pages with a head before or behind their number, `gap` points apart. */
function pagesWith(
  heads: string[],
  gap: number,
  firstNumber = 7,
): { texts: string[]; pieces: PagePiece[][] } {
  const numbers = heads.map((_head, page) => firstNumber + page);
  return {
    texts: heads.map((head, page) => `## ${head} ${numbers[page]}\n\nText of page ${page}.`),
    pieces: heads.map((head, page) => [
      piece(head, 50, 20),
      piece(String(numbers[page]), 50 + head.length * 5 + gap, 20),
      body(page),
    ]),
  };
}

describe('running heads beside page numbers', () => {
  it('are kept once where a separate number beside them increases', () => {
    const { texts, pieces } = pagesWith(['Yearly report', 'Yearly report', 'Yearly report'], 200);
    expect(withoutFurniture(texts, pieces)).toEqual([
      'Yearly report 7\n\nText of page 0.',
      'Text of page 1.',
      'Text of page 2.',
    ]);
  });

  it('are also found when they name chapters', () => {
    const { texts, pieces } = pagesWith(['Valves', 'Valves', 'Pumps', 'Pumps'], 5);
    expect(withoutFurniture(texts, pieces).join('\n')).not.toMatch(/Valves 8|Pumps 10|#/);
  });

  it('are not confused with numbered headings such as "Exhibit 1"', () => {
    const { texts, pieces } = pagesWith(['Exhibit', 'Exhibit', 'Exhibit', 'Exhibit'], 5, 1);
    expect(withoutFurniture(texts, pieces)).toEqual(texts);
  });

  it('keep numbers that do not increase from page to page', () => {
    const { texts, pieces } = pagesWith(['Total', 'Total', 'Total'], 200);
    const sums = [120, 80, 45];
    const own = pieces.map((line, page) =>
      line.map((one, at) => (at === 1 ? { ...one, text: `${sums[page]}` } : one)),
    );
    const written = texts.map((text, page) => text.replace(/\d+/, `${sums[page]}`));
    expect(withoutFurniture(written, own)).toEqual(written);
  });
});
