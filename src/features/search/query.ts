import { termHash } from '../../common/text/hash.js';
import { detectLanguage } from '../../common/text/language.js';
import { isStopWord, longestWord } from '../../common/text/analyzer.js';
import { tokens } from '../../common/text/segmentation.js';
import { algorithmFor, knownLanguages, scriptOf, stem } from '../../common/text/stemming.js';
import type { QueryTerm } from '../../platform/database/functions.js';

const mostWords = 256;
const shortestFuzzy = 5;

/** A word of the question. Its index term depends on the language of the document that it is looked for in. */
export interface QueryWord {
  text: string;
  /** Times in the question. */
  count: number;
  termIn(language: string | null): string;
}

export interface Question {
  text: string;
  /** ISO 639-1, null when unsure. */
  language: string | null;
  /** In order of appearance, without stop words. */
  words: QueryWord[];
}

export const readQuestion = (text: string): Question => ({
  text,
  language: detectLanguage(text),
  words: wordsOf(text),
});

function wordsOf(question: string): QueryWord[] {
  const words = new Map<string, QueryWord>();
  for (const token of tokens(question.normalize('NFKC').toLowerCase())) {
    if (token.kind === 'word' && isStopWord(token.text)) continue;
    const text = token.text.slice(0, longestWord);
    const known = words.get(`${token.kind} ${text}`);
    if (known) known.count++;
    else if (words.size < mostWords) {
      const script = token.kind === 'word' ? scriptOf(text) : null;
      words.set(`${token.kind} ${text}`, {
        text,
        count: 1,
        termIn: (language) => (script === null ? text : stem(text, algorithmFor(script, language))),
      });
    }
  }
  return [...words.values()];
}

/** Every index term that a word can have, in whatever language a document is: how often each occurs decides which of them count. */
export function queryTerms({ words, language }: Question): QueryTerm[] {
  const terms = new Map<string, QueryTerm>();
  for (const word of words) {
    const likely = word.termIn(language);
    for (const term of new Set([likely, ...knownLanguages.map((each) => word.termIn(each))])) {
      const fuzzy = term === likely && /^\p{L}+$/u.test(word.text) && word.text.length >= shortestFuzzy;
      const known = terms.get(term);
      if (known) known.fuzzy ||= fuzzy;
      else terms.set(term, { term, hash: termHash(term), count: word.count, fuzzy, word: word.text });
    }
  }
  return [...terms.values()];
}
