import { segmentersFor } from './segmenters.js';
const unspacedScript =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー々\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Hangul}]/u;
const run =
  /(?<thai>[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+)|(?<cjk>[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー々]+)|(?<hangul>\p{Script=Hangul}+)|(?<word>(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー々\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Hangul}])[\p{L}\p{M}\p{N}])+(?:['’][\p{L}]+)*)/gu;

/** True when (a part of) a text is in a script without spaces between words. */
export const isUnspaced = (text: string): boolean => unspacedScript.test(text);

interface Token {
  /**
   * `word`: between spaces, lower case, not stemmed. `term`: a word of an unspaced script, or one of its
   * n-grams marked with `#`; it is indexed unchanged.
   */
  kind: 'word' | 'term';
  text: string;
  /** Start of its run in the text. */
  at: number;
}

const segmenterFor = segmentersFor('word');

function* grams(text: string, size: number, at: number): Generator<Token> {
  const characters = Array.from(text);
  if (characters.length < size) yield { kind: 'term', text: `#${text}`, at };
  for (let start = 0; start + size <= characters.length; start++)
    yield { kind: 'term', text: `#${characters.slice(start, start + size).join('')}`, at };
}

function* readWords(text: string, locale: string, at: number): Generator<Token> {
  for (const part of segmenterFor(locale).segment(text))
    if (part.isWordLike) yield { kind: 'term', text: part.segment, at };
}

/** Chinese and Japanese: a single character has a meaning too. */
function* ideographic(text: string, locale: string, at: number): Generator<Token> {
  yield* readWords(text, locale, at);
  yield* grams(text, 1, at);
  if (text.length > 1) yield* grams(text, 2, at);
}

// Elided articles and pronouns (l'homme, dell'anno) and the English possessive are dropped.
const elided = /^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|un|all|dall|dell|nell|sull|gl)$/u;
function* spacedTokens(word: string, at: number): Generator<Token> {
  const parts = word.split(/['’]/);
  for (const [index, part] of parts.entries()) {
    if (index > 0 && part === 's') continue;
    if (index < parts.length - 1 && elided.test(part)) continue;
    yield { kind: 'word', text: part, at };
  }
}

const japanese = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;

/**
 * Cuts NFKC lower-case text into words; unspaced scripts by dictionary, with character n-grams in addition (1
 * and 2; for Thai and similar scripts 3).
 */
export function* tokens(text: string): Generator<Token> {
  const locale = japanese.test(text) ? 'ja' : 'zh';
  for (const { groups, index } of text.matchAll(run)) {
    if (groups?.['word']) yield* spacedTokens(groups['word'], index);
    else if (groups?.['cjk']) yield* ideographic(groups['cjk'], locale, index);
    else if (groups?.['thai']) {
      yield* readWords(groups['thai'], 'th', index);
      yield* grams(groups['thai'], 3, index);
    } else if (groups?.['hangul']) {
      yield { kind: 'term', text: groups['hangul'], at: index };
      yield* grams(groups['hangul'], 2, index);
    }
  }
}
