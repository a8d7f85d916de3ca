import { analyze } from '../../../common/text/analyzer.js';
import { WordCache } from '../../../common/text/word-cache.js';
import type { Asked } from './asked.js';

const maxHighlights = 24;
const maxCharacters = 20_000;
const maxRemembered = 30_000;

const inWord = /[-'’]/u;
/** Terms of single words, by language: texts repeat their words, and each other's. */
const termsOfWords = new Map<string | null, WordCache<string[]>>();

function listTerms(word: string, language: string | null): string[] {
  let ofLanguage = termsOfWords.get(language);
  if (!ofLanguage) termsOfWords.set(language, (ofLanguage = new WordCache(maxRemembered)));
  return ofLanguage.of(word, (unknown) => analyze(unknown, language).terms);
}

/** The words of a text that the question asks for, verbatim, each once and in order. */
export function highlightsIn(content: string, asked: Asked, language: string | null): string[] {
  const terms = new Set(asked.termsIn(language).filter((term) => !term.startsWith('#')));
  const text = content.slice(0, maxCharacters);
  const found = new Set<string>();
  const seen = new Set<string>();
  for (const [word] of text.matchAll(/[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu)) {
    if (found.size >= maxHighlights) break;
    if (seen.has(word)) continue;
    seen.add(word);
    for (const part of inWord.test(word) ? [word, ...word.split(inWord)] : [word])
      if (part !== '' && listTerms(part, language).some((term) => terms.has(term))) found.add(part);
  }
  return [...found].slice(0, maxHighlights);
}
