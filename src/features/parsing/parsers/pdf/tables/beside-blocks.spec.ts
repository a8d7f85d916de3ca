import { describe, expect, it } from '@jest/globals';
import type { TextItem } from '@llamaindex/liteparse';
import { alignedTables } from './aligned-tables.js';

const item = (text: string, x: number, y: number): TextItem => {
  const words = text
    .split(' ')
    .reduce<{ text: string; x: number; y: number; width: number; height: number }[]>((before, word) => {
      const last = before.at(-1);
      const at = last ? last.x + last.width + 3 : x;
      return [...before, { text: word, x: at, y, width: word.length * 5, height: 8 }];
    }, []);
  const last = words.at(-1);
  return { text, x, y, width: (last?.x ?? 0) + (last?.width ?? 0) - x, height: 8, words };
};
const address = [
  'Bill to',
  'Heron Ropes Ltd',
  '14 Quay Road',
  'Tern Harbour HN4',
  'United Isles',
  'Attn. Mole',
];
const data = [
  ['Invoice no.', '2031-0457'],
  ['Invoice date', '14 March 2031'],
  ['Due date', '13 April 2031'],
  ['Customer no.', '88214'],
  ['Order', 'PX-44'],
];

describe('an address beside the data of an invoice', () => {
  it('is no column of theirs: its lines stand at another distance', () => {
    const items = [
      ...address.map((text, at) => item(text, 50, 100 + at * 9.6)),
      ...data.flatMap(([label = '', value = ''], at) => [
        item(label, 300, 100 + at * 13),
        item(value, 420, 100 + at * 13),
      ]),
    ];
    expect(alignedTables(items).map(({ rows }) => rows)).toEqual([data]);
  });

  it('is a column of theirs where its lines stand on theirs', () => {
    const items = [
      ...address.map((text, at) => item(text, 50, 100 + at * 13)),
      ...data.flatMap(([label = '', value = ''], at) => [
        item(label, 300, 100 + at * 13),
        item(value, 420, 100 + at * 13),
      ]),
    ];
    expect(alignedTables(items)[0]?.rows[1]).toEqual(['Heron Ropes Ltd', 'Invoice date', '14 March 2031']);
  });
});
