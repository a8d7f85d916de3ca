/** Drops what no text column and no JSON reader takes: NUL and lone surrogates. */
export const cleanText = (text: string): string => text.replace(/\0|\p{Surrogate}/gu, '');

const visible = /[^\s\u200b-\u200f\u2060-\u2064\ufeff]/;

/** Without white space and zero-width marks at both ends. */
export function trimInvisible(text: string): string {
  const start = text.search(visible);
  return start < 0
    ? ''
    : text.slice(start, text.length - endOf(text, (letter) => !visible.test(letter)).length);
}

/** The longest end of a text of which each character is one of a kind. An expression with `+$` would try again from each of them. */
export function endOf(text: string, isOne: (character: string) => boolean): string {
  let start = text.length;
  while (start > 0 && isOne(text.charAt(start - 1))) start--;
  return text.slice(start);
}

/** Every run of white space as one space; none at the ends. */
export const foldSpace = (text: string): string => text.replace(/[\s\u200b\ufeff]+/gu, ' ').trim();
