import { expect, it } from '@jest/globals';
import { WordCache } from './word-cache.js';

it('works a word out once, and again only when many others came after it', () => {
  const cache = new WordCache<string>(3);
  const made: string[] = [];
  const ask = (word: string) =>
    cache.of(word, (each) => {
      made.push(each);
      return each.toUpperCase();
    });
  for (const word of ['a', 'b', 'a', 'c', 'd', 'a', 'b']) expect(ask(word)).toBe(word.toUpperCase());
  expect(made).toEqual(['a', 'b', 'c', 'd']);
  for (const word of ['e', 'f', 'g', 'h', 'i', 'j']) ask(word);
  ask('a');
  expect(made.filter((word) => word === 'a')).toHaveLength(2);
});
