import { analyze } from '../../../common/text/analyzer.js';
import { fold } from '../../../common/text/stemming.js';
import { WordCache } from '../../../common/text/word-cache.js';
import type { Asked } from './asked.js';

const maxHighlights = 24;
const maxCharacters = 20_000;
/** Words of a language that are young; as many old ones are kept beside them. */
const maxRemembered = 10_000;

const inWord = /[-'’]/u;
/**
 * Terms of single words, by language: texts repeat their words, and each other's. The only term of a word is kept
 * without a list around it, which takes several times the memory.
 */
const termsOfWords = new Map<string | null, WordCache<string | string[]>>();

function listTerms(word: string, language: string | null): string[] {
  let ofLanguage = termsOfWords.get(language);
  if (!ofLanguage) termsOfWords.set(language, (ofLanguage = new WordCache(maxRemembered)));
  const known = ofLanguage.of(word, (unknown) => {
    const { terms } = analyze(unknown, language);
    return terms.length === 1 ? (terms[0] ?? '') : terms;
  });
  return typeof known === 'string' ? [known] : known;
}

// Kinds of UTF-16 units: unknown, no part of a word, and these.
const outside = 1;
const joining = 2;
const mark = 3;
const letter = 4;
const half = 5;
const kindBits = 0x7;
/**
 * By unit: its kind, and in the upper half what it becomes in a term; 0 there where that depends on others.
 */
const facts = new Uint32Array(0x10000);
// in these scripts a word of letters is one term, and stemming changes its end
const plainLetter = /^(?=\p{L})[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]/u;

function lookUp(unit: number): number {
  const character = String.fromCharCode(unit);
  let kind = outside;
  if (/\p{Surrogate}/u.test(character)) kind = half;
  else if (/[\p{L}\p{N}]/u.test(character)) kind = letter;
  else if (/\p{M}/u.test(character)) kind = mark;
  else if (inWord.test(character)) kind = joining;
  const first = plainLetter.test(character) ? fold(character.normalize('NFKC').toLowerCase()) : '';
  const folded = first.length === 1 && plainLetter.test(first) ? first.charCodeAt(0) : 0;
  return (facts[unit] = ((folded << 16) | kind) >>> 0);
}

const getFacts = (text: string, at: number): number => {
  const unit = text.charCodeAt(at);
  return at < text.length ? (facts[unit] as number) || lookUp(unit) : outside;
};

const foldedAt = (text: string, at: number): number => getFacts(text, at) >>> 16;

const words = /[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu;

/** Words up to this length may lose all but their first letter. */
const maxShort = 4;
/** Shorter words may change their third letter: `doodden` becomes `dod`. */
const minThird = 8;
// `dying` becomes `die`
const asTerm = (unit: number): number => (unit === yLetter ? iLetter : unit);
const yLetter = 'y'.charCodeAt(0);
const iLetter = 'i'.charCodeAt(0);

/** How the terms of a question begin. */
class Beginnings {
  private readonly firsts = new Set<number>();
  /** 1 where one of `firsts` has this low byte: most words begin otherwise. */
  private readonly lowBytes = new Uint8Array(0x100);
  /** By the first two letters of terms: the third, 0 for a term that has none. Terms of one letter stand by that. */
  private readonly thirds = new Map<number, Set<number>>();

  constructor(terms: Iterable<string>) {
    for (const term of terms) {
      const first = term.charCodeAt(0);
      this.firsts.add(first);
      this.lowBytes[first & 0xff] = 1;
      const start = term.length === 1 ? first : (first << 16) | asTerm(term.charCodeAt(1));
      const thirds = this.thirds.get(start) ?? new Set();
      this.thirds.set(start, thirds.add(term.length < 3 ? 0 : asTerm(term.charCodeAt(2))));
    }
  }

  /** True when a word of letters may have one of the terms. */
  has(text: string, start: number, end: number): boolean {
    const first = foldedAt(text, start);
    if (this.lowBytes[first & 0xff] === 0 || !this.firsts.has(first)) return false;
    if (end - start <= maxShort || this.thirds.has(first)) return true;
    const thirds = this.thirds.get((first << 16) | asTerm(foldedAt(text, start + 1)));
    if (thirds === undefined || end - start < minThird) return thirds !== undefined;
    return thirds.has(asTerm(foldedAt(text, start + 2))) || thirds.has(0);
  }
}

/**
 * Languages whose stemmers may change how a word begins: Irish
 * mutations, `binden` to `p` in Turkish, a double consonant in Finnish.
 */
const changesBeginnings = new Set<string | null>(['ga', 'tr', 'fi']);

const none: string[] = [];
/** Facts above this have a letter that becomes one by itself. */
const maxKind = 0xffff;

/** Where the plain letters from `start` on end: most words have no others. */
function endOfLetters(text: string, start: number): number {
  let end = start;
  while (end < text.length && (facts[text.charCodeAt(end)] as number) > maxKind) end++;
  return end;
}

/** Goes on with a word that has more than plain letters; null when it has characters of two units. */
function readWord(text: string, start: number, from: number): { end: number; isPlain: boolean } | null {
  let end = from;
  let isPlain = true;
  let isJoined = false;
  for (let fact = getFacts(text, end); (fact & kindBits) !== outside; fact = getFacts(text, ++end)) {
    const kind = fact & kindBits;
    if (kind === half) return null;
    if (kind === mark && isJoined) break;
    if (kind === joining) {
      if (end === start || (getFacts(text, end + 1) & kindBits) !== letter) break;
      isJoined = true;
    }
    if (fact <= maxKind) isPlain = false;
  }
  return { end, isPlain };
}

/** The letters of a short word, a byte each; 0 for other words. */
function numberOf(text: string, start: number, end: number): number {
  if (end - start > maxShort) return 0;
  let number = 0;
  for (let at = start; at < end; at++) {
    const unit = text.charCodeAt(at);
    if (unit > maxLatin) return 0;
    number = (number << 8) | unit;
  }
  return number >>> 0;
}

/** Places for short words that have no wanted term; a power of two. */
const rejectedPlaces = 512;
const maxLatin = 0xff;

/** The terms of one question in the texts of one language. */
class Wanted {
  private readonly terms: Set<string>;
  private readonly beginnings: Beginnings;
  /** Parts of words that the question asks for: the texts of one question repeat each other's words. */
  private readonly parts = new Map<string, string[]>();
  /** Short words without any such part, as numbers; each where its number leads. */
  private readonly rejected = new Uint32Array(rejectedPlaces);

  constructor(
    asked: Asked,
    private readonly language: string | null,
  ) {
    this.terms = new Set(asked.termsIn(language).filter((term) => !term.startsWith('#')));
    this.beginnings = new Beginnings(this.terms);
  }

  /** The wanted words of a text and wanted parts of words, in order. */
  *wordsIn(text: string): Generator<string> {
    if (changesBeginnings.has(this.language)) {
      for (const word of text.match(words) ?? []) yield* this.partsOf(word);
      return;
    }
    for (let start = 0; start < text.length;) {
      const end = endOfLetters(text, start);
      if ((getFacts(text, end) & kindBits) === outside) {
        const parts = this.partsBetween(text, start, end, true);
        if (parts.length > 0) yield* parts;
        start = end + 1;
        continue;
      }
      const word = readWord(text, start, end);
      if (word === null) {
        for (const rest of text.slice(start).match(words) ?? []) yield* this.partsOf(rest);
        return;
      }
      yield* this.partsBetween(text, start, word.end, word.isPlain);
      start = Math.max(word.end, start + 1);
    }
  }

  /** @param isPlain true when each letter of the word is known by itself to become one in a term */
  private partsBetween(text: string, start: number, end: number, isPlain: boolean): string[] {
    if (end === start || (isPlain && !this.beginnings.has(text, start, end))) return none;
    const number = isPlain ? numberOf(text, start, end) : 0;
    const place = (Math.imul(number, 0x9e3779b1) >>> 16) & (rejectedPlaces - 1);
    if (number !== 0 && this.rejected[place] === number) return none;
    const parts = this.partsOf(text.slice(start, end));
    if (number !== 0 && parts.length === 0) this.rejected[place] = number;
    return parts;
  }

  /** The word if it is asked for, and those of its parts that are. */
  private partsOf(word: string): string[] {
    const known = this.parts.get(word);
    if (known) return known;
    const parts = inWord.test(word) ? [word, ...word.split(inWord)] : [word];
    const made = parts.filter(
      (part) => part !== '' && listTerms(part, this.language).some((term) => this.terms.has(term)),
    );
    this.parts.set(word, made);
    return made;
  }
}

const known = new WeakMap<Asked, Map<string | null, Wanted>>();

function readWanted(asked: Asked, language: string | null): Wanted {
  const byLanguage = known.get(asked) ?? new Map<string | null, Wanted>();
  known.set(asked, byLanguage);
  const wanted = byLanguage.get(language) ?? new Wanted(asked, language);
  byLanguage.set(language, wanted);
  return wanted;
}

/** The words of a text that the question asks for, verbatim, each once and in order. */
export function highlightsIn(content: string, asked: Asked, language: string | null): string[] {
  const found = new Set<string>();
  for (const word of readWanted(asked, language).wordsIn(content.slice(0, maxCharacters))) {
    found.add(word);
    if (found.size >= maxHighlights) break;
  }
  return [...found];
}
