import snowball, { type Stemmer } from 'snowball-stemmers';
import { WordCache } from './word-cache.js';

export type Script = 'latin' | 'cyrillic' | 'arabic' | 'armenian' | 'tamil' | 'other';

/**
 * Snowball's algorithm by script and ISO 639-1 code; null for languages without one, since the rules of
 * another language would only do harm.
 */
const algorithms: Record<Script, Record<string, string | null>> = {
  latin: {
    ca: 'catalan',
    cs: 'czech',
    da: 'danish',
    de: 'german',
    en: 'english',
    es: 'spanish',
    eu: 'basque',
    fi: 'finnish',
    fr: 'french',
    ga: 'irish',
    hu: 'hungarian',
    it: 'italian',
    nb: 'norwegian',
    nl: 'dutch',
    nn: 'norwegian',
    no: 'norwegian',
    pt: 'portuguese',
    ro: 'romanian',
    sl: 'slovene',
    sv: 'swedish',
    tr: 'turkish',
    et: null,
    hr: null,
    id: null,
    is: null,
    lt: null,
    lv: null,
    pl: null,
    sk: null,
    sq: null,
    vi: null,
  },
  cyrillic: { ru: 'russian', be: null, bg: null, kk: null, mk: null, sr: null, uk: null },
  arabic: { ar: 'arabic', fa: null, ur: null },
  armenian: { hy: 'armenian' },
  tamil: { ta: 'tamil' },
  other: {},
};

/** Languages with rules of their own, with or without a stemmer. */
export const knownLanguages: readonly string[] = Object.values(algorithms).flatMap((languages) =>
  Object.keys(languages),
);

/** The language for words of a script when the document's own language is unknown or uses another script. */
const usual: Record<Script, string | null> = {
  latin: 'en',
  cyrillic: 'ru',
  arabic: 'ar',
  armenian: 'hy',
  tamil: 'ta',
  other: null,
};

export function detectScript(word: string): Script {
  if (/\p{Script=Latin}/u.test(word)) return 'latin';
  if (/\p{Script=Cyrillic}/u.test(word)) return 'cyrillic';
  if (/\p{Script=Arabic}/u.test(word)) return 'arabic';
  if (/\p{Script=Armenian}/u.test(word)) return 'armenian';
  return /\p{Script=Tamil}/u.test(word) ? 'tamil' : 'other';
}

const stemmers = new Map<string, Stemmer>();
function getStemmer(algorithm: string): Stemmer {
  const known = stemmers.get(algorithm);
  if (known) return known;
  const made = snowball.newStemmer(algorithm);
  stemmers.set(algorithm, made);
  return made;
}

/**
 * Snowball's algorithm for a word of that script in a document of that language (ISO 639-1, null when
 * unknown); null when none fits.
 */
export function algorithmFor(script: Script, language: string | null): string | null {
  const own = language === null ? undefined : algorithms[script][language];
  return own === undefined ? (algorithms[script][usual[script] ?? ''] ?? null) : own;
}

const letters: Record<string, string> = {
  ß: 'ss',
  ø: 'o',
  æ: 'ae',
  œ: 'oe',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  ى: 'ي',
  ة: 'ه',
  ـ: '',
};

const foldedScripts =
  /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Arabic}\p{Script=Hebrew}]/u;

/** Whether `fold` drops the accents of a text: it has a letter of a script where they do not make another one. */
export const isFolded = (text: string): boolean => foldedScripts.test(text);

/** Drops accents and the like, in scripts where an accent does not make another letter. */
export function fold(word: string): string {
  if (/^[a-z0-9]*$/.test(word) || !isFolded(word)) return word;
  return word
    .normalize('NFD')
    .replace(/\p{Mn}+/gu, '')
    .replace(/[ßøæœłđðþıىةـ]/g, (letter) => letters[letter] ?? letter)
    .normalize('NFC');
}

const maxRemembered = 25_000;
const remembered = new Map<string, WordCache<string>>();

/** @param word one lower-case NFKC word */
export function stem(word: string, algorithm: string | null): string {
  if (algorithm === null || /\d/.test(word)) return fold(word);
  let ofAlgorithm = remembered.get(algorithm);
  if (!ofAlgorithm) remembered.set(algorithm, (ofAlgorithm = new WordCache(maxRemembered)));
  return ofAlgorithm.of(word, (unknown) => fold(getStemmer(algorithm).stem(unknown)) || fold(unknown));
}
