import type { TextItem } from '@llamaindex/liteparse';
import { describe, expect, it } from '@jest/globals';
import { joinTurnedLetters } from '../markdown/mends.js';
import { mayHoldShifted } from './shifted.js';

/** A line of two words of which the second one stands 3 points higher. */
const makeLine = (rotation: number): TextItem => ({
  text: 'Area km2',
  x: 50,
  y: 100,
  width: 40,
  height: 10,
  rotation,
  words: [
    { text: 'Area', x: 50, y: 100, width: 20, height: 10 },
    { text: 'km2', x: 72, y: 97, width: 18, height: 13 },
  ],
});

describe('signs of superscripts in a PDF', () => {
  it('are words of one line at different heights', () => {
    expect(mayHoldShifted([makeLine(0)])).toBe(true);
  });

  it('are not seen in lines that run up the page, whose words stand above one another', () => {
    expect(mayHoldShifted([makeLine(90)])).toBe(false);
  });
});

describe('a number that is narrower than others of its font', () => {
  const number = (text: string, width: number): TextItem => ({
    text,
    x: 50,
    y: 100,
    width,
    height: 10,
    fontName: 'Sans',
    fontSize: 10,
    words: [{ text, x: 50, y: 100, width, height: 10 }],
  });

  it('may have a raised digit', () => {
    expect(mayHoldShifted([number('75', 12), number('4102', 22)])).toBe(true);
    expect(mayHoldShifted([number('75', 12), number('4,10', 21), number('1,250', 24.8)])).toBe(true);
  });

  it('has none if all of its digits are as wide', () => {
    expect(
      mayHoldShifted([number('75', 12), number('4102', 24), number('4,10', 21), number('7,50', 21)]),
    ).toBe(false);
  });
});

describe('letters of a line that runs up or down the page', () => {
  const line = (text: string, step: number) =>
    Array.from(text).flatMap((letter, at) =>
      letter === ' ' ? [] : [{ text: letter, x: 50, y: 100 + at * step, width: 12, height: 6 }],
    );

  it('are words, parted by their gaps', () => {
    expect(joinTurnedLetters({ text: 'Sei te zwei', words: line('Seite zwei', 6) })).toBe('Seite zwei');
    expect(joinTurnedLetters({ text: 'Sei te zwei', words: line('Seite zwei', -6) })).toBe('Seite zwei');
    expect(joinTurnedLetters({ text: 'whole words' })).toBe('whole words');
  });
});
