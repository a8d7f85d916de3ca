const extension = /\.[\p{L}\p{N}]{1,8}$/u;
const humps = /(?<=\p{Ll})(?=\p{Lu})/gu;
const between = /[^\p{L}\p{N}]+/u;
/** Letters and digits mixed at length are a key and not a word. */
const key = /^(?=.*\p{L})(?=.*\p{N}).{8,}$/u;
const telling = /\p{L}{3}|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/**
 * What a filename says of its document: its words without the extension, split at punctuation and camelCase. Empty for a name that only
 * numbers or identifies.
 */
export function filenameWords(filename: string): string[] {
  const words = filename
    .replace(extension, '')
    .replace(humps, ' ')
    .split(between)
    .filter((word) => word !== '' && !key.test(word));
  return words.some((word) => telling.test(word)) ? words : [];
}
