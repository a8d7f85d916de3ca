import { hasCompounds } from '../../../common/text/compounds.js';
import { listDerived } from '../../../common/text/derivation.js';
import { listTranslations } from '../../../common/text/translations.js';

const minLength = 4;
const minPartLength = 5;
const typoLikeness = 0.8;
const partLikeness = 0.6;
const derivedLikeness = 0.8;
const translatedLikeness = 0.8;

/** True when two words differ by one letter added, left out, changed or swapped with its neighbour. */
function isOneEditApart(left: string, right: string): boolean {
  if (Math.abs(left.length - right.length) > 1) return false;
  let start = 0;
  while (start < left.length && left[start] === right[start]) start++;
  const rest = (word: string, from: number) => word.slice(from);
  if (left.length === right.length) {
    const changed = rest(left, start + 1) === rest(right, start + 1);
    const swapped =
      left[start] === right[start + 1] &&
      left[start + 1] === right[start] &&
      rest(left, start + 2) === rest(right, start + 2);
    return changed || swapped;
  }
  return left.length > right.length
    ? rest(left, start + 1) === rest(right, start)
    : rest(left, start) === rest(right, start + 1);
}

/**
 * Terms of the sources that can replace a word that none of them contains: a typing error, or a part of a
 * compound.
 * Words with digits are exact and never replaced.
 */
export function findNear(word: string, vocabulary: Set<string>): { term: string; likeness: number }[] {
  if (word.length < minLength || /[\p{N}#]/u.test(word)) return [];
  const found: { term: string; likeness: number }[] = [];
  for (const term of vocabulary) {
    if (term.length < minLength || /\p{N}/u.test(term)) continue;
    if (isOneEditApart(word, term)) found.push({ term, likeness: typoLikeness });
    else if (isPart(word, term) || isPart(term, word)) found.push({ term, likeness: partLikeness });
  }
  return found;
}

/**
 * Terms that share a part with a word: `vacation days` and `vacation` are one word and a part of it where
 * compounds are written together, so that the word says the same though it is known itself.
 * @param language of the vocabulary, ISO 639-1, null when unknown
 */
export function findParts(
  word: string,
  vocabulary: Set<string>,
  language: string | null,
): { term: string; likeness: number }[] {
  if (!hasCompounds(language) || word.length < minLength || /[\p{N}#]/u.test(word)) return [];
  const found: { term: string; likeness: number }[] = [];
  for (const term of vocabulary)
    if (isPart(word, term) || isPart(term, word)) found.push({ term, likeness: partLikeness });
  return found;
}

/** Verbs for a noun of the sources and nouns for a verb: `Lieferung` for `geliefert`. */
export const findDerivations = (
  word: string,
  vocabulary: Set<string>,
  language: string | null,
): { term: string; likeness: number }[] =>
  listDerived(word, language)
    .filter((term) => vocabulary.has(term))
    .map((term) => ({ term, likeness: derivedLikeness }));

/** Terms of the sources that say a word of the question in their own language, alone or in a compound. */
export const findTranslations = (
  word: string,
  from: string | null,
  vocabulary: Set<string>,
  language: string | null,
): { term: string; likeness: number }[] =>
  listTranslations(word, from, language).flatMap((term) => [
    ...(vocabulary.has(term) ? [{ term, likeness: translatedLikeness }] : []),
    ...findDerivations(term, vocabulary, language),
    ...findParts(term, vocabulary, language),
  ]);

const isPart = (part: string, whole: string): boolean =>
  part.length >= minPartLength &&
  part.length < whole.length &&
  (whole.startsWith(part) || whole.endsWith(part));
