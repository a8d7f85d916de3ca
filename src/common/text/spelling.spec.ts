import { describe, expect, it } from '@jest/globals';
import { editDistance } from './spelling.js';

describe('editDistance', () => {
  it.each([
    ['leave', 'leave', 0],
    ['pasword', 'password', 1],
    ['teh', 'the', 1],
    ['parkin', 'parking', 1],
    ['recieve', 'receive', 1],
    ['abcd', 'wxyz', 3],
    ['a', 'abcdef', 3],
  ])('between %s and %s', (left, right, expected) => {
    expect(editDistance(left, right, 2)).toBe(expected);
    expect(editDistance(right, left, 2)).toBe(expected);
  });
});
