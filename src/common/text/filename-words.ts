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
export function filenameWords(filename: string): string[] {
  const words = filename
    .replace(extension, '')
    .replace(humps, ' ')
    .split(between)
    .filter((word) => word !== '' && !key.test(word));
  return words.some((word) => telling.test(word)) ? words : [];
}
