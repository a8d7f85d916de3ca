import { describe, expect, it } from '@jest/globals';
import { showsNothing } from './format-sections.js';

describe('showsNothing', () => {
  it.each([
    [';;;', [5, -5, 0, null], []],
    [';;', [5, -5, 0], [null]],
    ['0;-0;;@', [0], [5, -5, null]],
    ['0.00;;', [-5, 0], [5, null]],
    ['0.00;', [-5], [5, 0]],
    ['#,##0;[Red]-#,##0; ;', [0, null], [5, -5]],
    ['_-* #,##0_-;-* #,##0_-;_-* "-"_-;_-@_-', [], [5, -5, 0, null]],
    ['"a;b"0', [], [5, -5, 0, null]],
    ['[<10];0', [], [5, 50]],
    ['#', [0], [5, null]],
    ['" "', [5, -5, 0], [null]],
    ['General', [], [5, -5, 0, null]],
    ['', [], [0, null]],
  ])('tells what %j hides', (code, hidden, shown) => {
    expect(hidden.filter((value) => !showsNothing(code, value))).toEqual([]);
    expect(shown.filter((value) => showsNothing(code, value))).toEqual([]);
  });
});
