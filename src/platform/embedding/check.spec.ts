import { describe, expect, it } from '@jest/globals';
import { unitVector, checkVectors } from './check.js';

const item = (index: number | undefined, embedding: unknown) => ({ index, embedding });

describe('checking an embeddings answer', () => {
  it('brings vectors to unit length', () => {
    expect(unitVector([3, 4], 2)).toEqual([0.6, 0.8]);
  });

  it('puts reordered vectors back by their index, and takes the order where there is none', () => {
    expect(checkVectors({ data: [item(1, [0, 1]), item(0, [1, 0])] }, 2, 2)).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(checkVectors({ data: [item(undefined, [0, 1]), item(undefined, [1, 0])] }, 2, 2)).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  it.each<[string, unknown]>([
    ['no object', 'text'],
    ['null', null],
    ['no data', {}],
    ['data that is no list', { data: { 0: 1 } }],
    ['too few vectors', { data: [item(0, [1, 0])] }],
    ['too many vectors', { data: [item(0, [1, 0]), item(1, [1, 0]), item(2, [1, 0])] }],
    ['the same index twice', { data: [item(0, [1, 0]), item(0, [1, 0])] }],
    ['an index out of range', { data: [item(0, [1, 0]), item(2, [1, 0])] }],
    ['an index that is no number', { data: [item(0, [1, 0]), { index: 'b', embedding: [1, 0] }] }],
    ['another dimension', { data: [item(0, [1, 0]), item(1, [1, 0, 0])] }],
    ['a missing value', { data: [item(0, [1, 0]), item(1, [1, null])] }],
    ['infinity', { data: [item(0, [1, 0]), item(1, [1, Infinity])] }],
    ['values whose squares overflow', { data: [item(0, [1, 0]), item(1, [1e200, 1e200])] }],
    ['a zero vector', { data: [item(0, [1, 0]), item(1, [0, 0])] }],
    ['base64', { data: [item(0, [1, 0]), item(1, 'AACAPwAAAAA=')] }],
    ['an empty item', { data: [item(0, [1, 0]), null] }],
  ])('refuses %s', (_what, answer) => {
    expect(() => checkVectors(answer, 2, 2)).toThrow(/upstream_invalid/);
  });
});
