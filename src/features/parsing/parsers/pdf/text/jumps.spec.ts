import { describe, expect, it } from '@jest/globals';
import type { TextItem } from '@llamaindex/liteparse';
import { splitJumps } from './jumps.js';

type Place = [text: string, x: number, y: number];

const piece = (text: string, ...places: Place[]): TextItem => {
  const words = places.map(([word, x, y]) => ({ text: word, x, y, width: word.length * 5, height: 10 }));
  const [x, y] = [Math.min(...words.map((word) => word.x)), Math.min(...words.map((word) => word.y))];
  const right = Math.max(...words.map((word) => word.x + word.width));
  return { text, x, y, width: right - x, height: 10, words };
};
const texts = (items: TextItem[]) => items.map(({ text, x, y }) => [text, x, y]);

describe('splitJumps', () => {
  it('gives the end of a number back to its number if it was put before the next line of another column', () => {
    const amount = piece('12', ['12', 300, 100]);
    const mixed = piece('.50 the seals', ['.50', 310, 100], ['the', 50, 112], ['seals', 70, 112]);
    expect(texts(splitJumps([mixed, amount]))).toEqual([
      ['12.50', 300, 100],
      ['the seals', 50, 112],
    ]);
  });

  it('parts labels that were drawn one after another in different lines', () => {
    const labels = piece('41 34', ['41', 50, 100], ['34', 80, 160]);
    expect(texts(splitJumps([labels]))).toEqual([
      ['41', 50, 100],
      ['34', 80, 160],
    ]);
  });

  it('keeps pieces whose words follow one another, and raised marks and accents', () => {
    const items = [
      piece('two words', ['two', 50, 100], ['words', 70, 100]),
      piece('sum 3', ['sum', 50, 120], ['3', 66, 114]),
      piece('Karlovic \u00b4', ['Karlovic', 50, 140], ['\u00b4', 72, 138]),
    ];
    expect(splitJumps(items)).toBe(items);
  });
});
