import { analyze } from '../../../common/text/analyzer.js';
import { fold } from '../../../common/text/stemming.js';
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

// Kinds of UTF-16 units, kept by unit: unknown, no part of a word, and these.
const outside = 1;
const joining = 2;
const mark = 3;
const letter = 4;
const half = 5;
const kinds = new Uint8Array(0x10000);
/** By unit: what it becomes in a term; 0 where that depends on others. */
const folded = new Uint16Array(0x10000);
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
  if (first.length === 1 && plainLetter.test(first)) folded[unit] = first.charCodeAt(0);
  kinds[unit] = kind;
  return kind;
}

const getKind = (text: string, at: number): number => {
  const unit = text.charCodeAt(at);
  return at < text.length ? (kinds[unit] as number) || lookUp(unit) : outside;
};

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

  /** Whether a word of letters may have one of the terms. */
  has(text: string, start: number, end: number): boolean {
    const first = folded[text.charCodeAt(start)] as number;
    if (!this.firsts.has(first)) return false;
    const next = folded[text.charCodeAt(start + 1)] as number;
    return end - start <= maxShort || this.pairs.has(first) || this.pairs.has((first << 16) | second(next));
  }
}

/**
 * The words of a text, in order, but for those that cannot have a wanted term. The question asks for few
 * words of a text, and their beginnings tell most others apart.
 */
function* wordsIn(text: string, wanted: Beginnings): Generator<string> {
  for (let start = 0; start < text.length;) {
    let end = start;
    let isPlain = true;
    let isJoined = false;
    for (let kind = getKind(text, end); kind !== outside; kind = getKind(text, ++end)) {
      if (kind === half) {
        yield* text.slice(start).match(words) ?? [];
        return;
      }
      if (kind === mark && isJoined) break;
      if (kind === joining) {
        if (end === start || getKind(text, end + 1) !== letter) break;
        isJoined = true;
      }
      if (folded[text.charCodeAt(end)] === 0) isPlain = false;
    }
    if (end > start && (!isPlain || wanted.has(text, start, end))) yield text.slice(start, end);
    start = Math.max(end, start + 1);
  }
}

/**
 * Languages whose stemmers may change how a word begins: Irish
 * mutations, `binden` to `p` in Turkish, a double consonant in Finnish.
 */
const changesBeginnings = new Set<string | null>(['ga', 'tr', 'fi']);

/** What one question asks for in the texts of one language. */
class Wanted {
  private readonly terms: Set<string>;
  private readonly beginnings: Beginnings;
  /** Parts of words that the question asks for: the texts of one question repeat each other's words. */
  private readonly parts = new Map<string, string[]>();

  constructor(
    asked: Asked,
    private readonly language: string | null,
  ) {
    this.terms = new Set(asked.termsIn(language).filter((term) => !term.startsWith('#')));
    this.beginnings = new Beginnings(this.terms);
  }

  wordsIn(text: string): Iterable<string> {
    return changesBeginnings.has(this.language) ? (text.match(words) ?? []) : wordsIn(text, this.beginnings);
  }

  /** The word if it is asked for, and those of its parts that are. */
  partsOf(word: string): string[] {
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
  const wanted = readWanted(asked, language);
  const found = new Set<string>();
  for (const word of wanted.wordsIn(content.slice(0, maxCharacters))) {
    if (found.size >= maxHighlights) break;
    for (const part of wanted.partsOf(word)) found.add(part);
  }
  return [...found].slice(0, maxHighlights);
}
