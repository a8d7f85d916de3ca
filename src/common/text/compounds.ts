import { algorithmFor, detectScript, stem } from './stemming.js';

/** Languages that write compounds as one word, and the letters that may join their parts. */
const links: Record<string, string[]> = {
  de: ['s', 'es', 'n', 'en', 'er', 'e'],
  nl: ['s', 'en', 'e'],
  sv: ['s', 'e', 'o'],
  da: ['s', 'e'],
  no: ['s', 'e'],
  nb: ['s', 'e'],
  nn: ['s', 'e'],
};
const minLength = 8;
const minModifier = 3;
const minHead = 3;

export const hasCompounds = (language: string | null): boolean =>
  language !== null && Object.hasOwn(links, language);

/** A word cut in two: index terms of its parts. */
export interface Split {
  modifier: string;
  head: string;
}

/**
 * Every way to cut a word into a modifier and a head; the collection decides which parts are words.
 * @param word lower case
 */
export function listSplits(word: string, language: string | null): Split[] {
  if (language === null || !hasCompounds(language) || word.length < minLength || !/^\p{L}+$/u.test(word))
    return [];
  const algorithm = algorithmFor(detectScript(word), language);
  const splits = new Map<string, Split>();
  for (let at = minModifier; at <= word.length - minHead; at++) {
    const head = stem(word.slice(at), algorithm);
    for (const link of ['', ...(links[language] ?? [])]) {
      const left = word.slice(0, at);
      if (!left.endsWith(link) || left.length - link.length < minModifier) continue;
      const modifier = stem(left.slice(0, left.length - link.length), algorithm);
      splits.set(`${modifier} ${head}`, { modifier, head });
    }
  }
  return [...splits.values()];
}
