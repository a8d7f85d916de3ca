import { describe, expect, it } from '@jest/globals';
import { findPieces, placeText } from './placed-text.js';

const listTexts = (markdown: string, pieces: string[]): (string | null)[] =>
  findPieces(
    markdown,
    pieces.map((text) => ({ text })),
  ).map((place) => place && markdown.slice(place.start, place.end));

describe('findPieces', () => {
  it('finds lines that were joined, marked or divided', () => {
    expect(
      listTexts('# Terms\n\nThe manufacturer **keeps** parts.', [
        'Terms',
        'The manufac-',
        'turer keeps parts.',
      ]),
    ).toEqual(['Terms', 'The manufac', 'turer **keeps** parts']);
  });

  it('finds the cells of a table column by column', () => {
    const table = '| a1 | b1 |\n| --- | --- |\n| a2 | b2 |';
    expect(listTexts(table, ['a1', 'a2', 'b1', 'b2'])).toEqual(['a1', 'a2', 'b1', 'b2']);
  });

  it('leaves out what is not there', () => {
    expect(listTexts('one two', ['three', 'two'])).toEqual([null, 'two']);
  });

  it('takes linear time', () => {
    const pieces = Array.from({ length: 20_000 }, () => 'aa');
    const start = performance.now();
    findPieces(
      'a'.repeat(200_000),
      pieces.map((text) => ({ text })),
    );
    findPieces(
      'b '.repeat(100_000),
      pieces.map((text) => ({ text })),
    );
    expect(performance.now() - start).toBeLessThan(3000);
  });
});

describe('placeText', () => {
  it('gives offsets and boxes in the order of the Markdown', () => {
    const box = { x: 1.04, y: 2, width: 30, height: 10 };
    expect(
      placeText('one two', [
        { text: 'two', ...box },
        { text: 'one', ...box },
      ]),
    ).toEqual([
      [0, 3, 1, 2, 30, 10],
      [4, 7, 1, 2, 30, 10],
    ]);
  });
});
