/** Drops what no text column and no JSON reader takes: NUL and lone surrogates. */
export const cleanText = (text: string): string => text.replace(/\0|\p{Surrogate}/gu, '');

/** Without white space and zero-width marks at both ends. */
export const trimInvisible = (text: string): string =>
  text.replace(/^[\s\u200b-\u200f\u2060-\u2064\ufeff]+|[\s\u200b-\u200f\u2060-\u2064\ufeff]+$/gu, '');

/** Every run of white space as one space; none at the ends. */
export const foldSpace = (text: string): string => text.replace(/[\s\u200b\ufeff]+/gu, ' ').trim();
