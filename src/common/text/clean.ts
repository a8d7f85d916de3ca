/** Drops NUL and lone surrogates, which text columns and JSON readers refuse. */
export const cleanText = (text: string): string => text.replace(/\0|\p{Surrogate}/gu, '');

const visible = /[^\s\u200b-\u200f\u2060-\u2064\ufeff]/;

/** Removes white space and zero-width marks at both ends. */
export function trimInvisible(text: string): string {
  const start = text.search(visible);
  return start < 0
    ? ''
    : text.slice(start, text.length - trimEnd(text, (letter) => !visible.test(letter)).length);
}

/**
 * The longest end of a text whose characters are all of one kind. A pattern ending in `+$` would try again at
 * each of them.
 */
export function trimEnd(text: string, isOne: (character: string) => boolean): string {
  let start = text.length;
  while (start > 0 && isOne(text.charAt(start - 1))) start--;
  return text.slice(start);
}

/** Folds every run of white space to one space and trims both ends. */
export const foldSpace = (text: string): string => text.replace(/[\s\u200b\ufeff]+/gu, ' ').trim();
