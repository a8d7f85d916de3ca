import { WordCache } from './word-cache.js';

const extension = /\.[\p{L}\p{N}]{1,8}$/u;
const humps = /(?<=\p{Ll})(?=\p{Lu})/gu;
const between = /[^\p{L}\p{N}]+/u;
/** A long mixture of letters and digits is a key and not a word. */
const key = /^(?=.*\p{L})(?=.*\p{N}).{8,}$/u;
const telling = /\p{L}{3}|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/**
 * The words of a filename without its extension, split at punctuation and camelCase. Empty for a name that
 * consists of numbers or identifiers.
 */
export const filenameWords = (filename: string): readonly string[] => remembered.of(filename, readWords);

/** A search reads the names of a hundred passages, many of one document. */
const remembered = new WordCache<readonly string[]>(1000);

function readWords(filename: string): string[] {
  const words = filename
    .replace(extension, '')
    .replace(humps, ' ')
    .split(between)
    .filter((word) => word !== '' && !key.test(word));
  return words.some((word) => telling.test(word)) ? words : [];
}
