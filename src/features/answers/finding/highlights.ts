import { analyze } from '../../../common/text/analyzer.js';
import { fold } from '../../../common/text/stemming.js';
import { WordCache } from '../../../common/text/word-cache.js';
import type { Asked } from './asked.js';

const maxHighlights = 24;
const maxCharacters = 20_000;
const maxRemembered = 30_000;

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
// `dying` becomes `die`
const second = (unit: number): number => (unit === yLetter ? iLetter : unit);
const yLetter = 'y'.charCodeAt(0);
const iLetter = 'i'.charCodeAt(0);

/** How the terms of a question begin. */
class Beginnings {
  private readonly firsts = new Set<number>();
  private readonly pairs = new Set<number>();

  constructor(terms: Iterable<string>) {
    for (const term of terms) {
      const first = term.charCodeAt(0);
      this.firsts.add(first);
      this.pairs.add(term.length === 1 ? first : (first << 16) | second(term.charCodeAt(1)));
    }
  }

  /** True when a word of letters may have one of the terms. */
  has(text: string, start: number, end: number): boolean {
    const first = foldedAt(text, start);
    if (!this.firsts.has(first)) return false;
    const next = foldedAt(text, start + 1);
    return end - start <= maxShort || this.pairs.has(first) || this.pairs.has((first << 16) | second(next));
  }
}

/**
 * Languages whose stemmers may change how a word begins: Irish
 * mutations, `binden` to `p` in Turkish, a double consonant in Finnish.
 */
const changesBeginnings = new Set<string | null>(['ga', 'tr', 'fi']);

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
      let end = start;
      let isPlain = true;
      let isJoined = false;
      let isShort = true;
      // the letters of a short word, a byte each
      let number = 0;
      for (let fact = getFacts(text, end); (fact & kindBits) !== outside; fact = getFacts(text, ++end)) {
        const kind = fact & kindBits;
        if (kind === half) {
          for (const word of text.slice(start).match(words) ?? []) yield* this.partsOf(word);
          return;
        }
        if (kind === mark && isJoined) break;
        if (kind === joining) {
          if (end === start || (getFacts(text, end + 1) & kindBits) !== letter) break;
          isJoined = true;
        }
        if (fact >>> 16 === 0) isPlain = false;
        const unit = text.charCodeAt(end);
        number = (number << 8) | unit;
        if (unit > maxLatin || end - start >= maxShort) isShort = false;
      }
      if (end > start && (!isPlain || this.beginnings.has(text, start, end)))
        yield* this.partsBetween(text, start, end, isPlain && isShort ? number : 0);
      start = Math.max(end, start + 1);
    }
  }

  /** @param number of the word; 0 for a long one */
  private partsBetween(text: string, start: number, end: number, number: number): string[] {
    const place = (Math.imul(number, 0x9e3779b1) >>> 16) & (rejectedPlaces - 1);
    if (number !== 0 && this.rejected[place] === number >>> 0) return [];
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
