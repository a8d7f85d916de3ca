import { createRequire } from 'node:module';

/** Decides for a hyphen at a line end: it belongs to the word, or it only divides it. */
export type KeepsHyphen = (before: string, after: string) => boolean;

/** Words that begin compounds in English although a line may also end after them. */
const compoundStarts = new Set(
  'long short high low well self half mid cross full part time cost price user real state third first second two three four five six seven eight nine ten multi semi quasi pre post anti pro pan all ever over under up on off in out by near far new old large small single double triple dual open close hard soft heavy light low deep wide narrow fast slow early late right left top bottom back front side end life work data risk quality customer water air oil gas heat fire energy power carbon tax duty sugar smoke world country company industry market science evidence rule value task goal decision problem non ex vice co e x t k'.split(
    ' ',
  ),
);
/** Words that end compounds. */
const compoundEnds = new Set(
  'based free related driven dependent specific like wide made sized level style scale oriented friendly term old known defined class quality performance speed proof resistant safe ready only owned funded paid aware led fold fed built grown looking reaching standing running making saving being time year day hour minute month week step phase party person point line side end effective efficient intensive sensitive compliant certified approved tested mounted operated controlled powered cooled heated'.split(
    ' ',
  ),
);

const languages = new Set(['en', 'de', 'fr', 'es', 'it', 'nl', 'pt', 'da', 'sv', 'pl', 'cs', 'fi', 'hu']);

/**
 * Decides by the document's own words, by codes, by the places where the language allows to divide a word
 * (Liang's patterns), and by words that form compounds.
 * @param lines of the document in order, for its vocabulary
 */
export function hyphenRule(lines: Iterable<string>, language: string | null): KeepsHyphen {
  const words = countVocabulary(lines);
  const dividesAt = dividerFor(language ?? 'en');
  return (before, after) => {
    if (/\d/.test(before) || /^\d/.test(after)) return true;
    const [left, right] = [before.toLowerCase(), after.toLowerCase()];
    const joined = words.get(left.replaceAll('-', '') + right) ?? 0;
    const kept = words.get(`${left}-${right}`) ?? 0;
    if (joined !== kept) return kept > joined;
    const last = before.split('-').at(-1) ?? before;
    if (last.length === 1) return true;
    if (/^\p{Lu}/u.test(after) && !/^\p{Lu}+$/u.test(before)) return true;
    if (/^\p{Lu}{1,3}$/u.test(last)) return true;
    if (compoundStarts.has(last.toLowerCase()) && words.has(right)) return true;
    if (compoundEnds.has(right) && (words.has(last.toLowerCase()) || compoundStarts.has(last.toLowerCase())))
      return true;
    return !dividesAt(last, after);
  };
}

/** Words and hyphenated words, in lower case, with their numbers; the parts of divided words are left out. */
function countVocabulary(lines: Iterable<string>): Map<string, number> {
  const words = new Map<string, number>();
  let divided = false;
  for (const line of lines) {
    const found = line.toLowerCase().match(/[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*/gu) ?? [];
    const ends = /[-\u2010\u00ad]\s*$/.test(line);
    for (const word of found.slice(divided ? 1 : 0, ends ? -1 : undefined))
      words.set(word, (words.get(word) ?? 0) + 1);
    divided = ends;
  }
  return words;
}

type Hyphenate = (word: string, options: { hyphenChar: string; minWordLength: number }) => string;

/**
 * Tells if a language allows to divide a word between two
 * parts; any place is allowed where the language is unknown.
 */
function dividerFor(language: string): (before: string, after: string) => boolean {
  if (!languages.has(language)) return () => true;
  const require = createRequire(import.meta.url);
  const { hyphenateSync } = require(`hyphen/${language}`) as { hyphenateSync: Hyphenate };
  return (before, after) => {
    if (before.length > 40 || after.length > 40) return true;
    const parts = hyphenateSync(before + after, { hyphenChar: '\u00ad', minWordLength: 4 }).split('\u00ad');
    let at = 0;
    return parts.some((part) => (at += part.length) === before.length);
  };
}
