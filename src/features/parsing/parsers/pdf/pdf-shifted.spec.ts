import type { TextItem } from '@llamaindex/liteparse';
import { describe, expect, it } from '@jest/globals';
import { mayHoldShifted } from './pdf-shifted.js';

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
