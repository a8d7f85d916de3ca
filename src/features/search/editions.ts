import { datesIn } from '../../common/text/dates.js';
import { WordCache } from '../../common/text/word-cache.js';

interface Edition {
  /** Absolute support, 0 … 1. */
  score: number;
  filename: string;
  document_id: string;
  title: string | null;
  heading: string | null;
  content: string;
  metadata: Record<string, unknown>;
}

const years = /(?<![\p{L}\p{N}])(?:19|20)\d\d(?![\p{L}\p{N}])/gu;
const editionMarks =
  /(?<![\p{L}\p{N}])(?:v|ver|version|rev|revision|edition|ausgabe|fassung|stand|issue|édition)[\s._-]*(?:no|nr)?[\s._-]*\d+(?:\.\d+)*(?![\p{L}\p{N}])/gu;
/** Words of a passage that say from when on it holds. */
const validity =
  /(?:valid|effective|in force|as of|edition of|version of|updated|revised|gültig ab|stand|fassung vom|in kraft|en vigueur|applicable)[^.\n]{0,30}$/u;
const dateFields = ['effective_date', 'valid_from', 'date', 'published', 'updated', 'version_date', 'year'];
/** Characters at the beginning of a passage where documents state their date. */
const looked = 300;
/** Minimum share of the best support: a passage below it is not another edition of the same rule. */
const minShare = 0.8;
/** A name with fewer letters does not tell the subject of a document. */
const minLetters = 6;

const plain = (text: string | null): string => (text ?? '').normalize('NFKC').toLowerCase();

/**
 * The latest date of a text as a number that grows with time; a year counts as its first day. 0 without one.
 */
function readDate(text: string): number {
  const full = datesIn(text).flatMap(({ terms }) => terms.filter((term) => /^@\d{4}-/.test(term)));
  const named = [...text.matchAll(years)].map(([year]) => `@${year}`);
  return Math.max(0, ...[...full, ...named].map(readNumber));
}

function readNumber(term: string): number {
  const [year = 0, month = 1, day = 1] = term.slice(1).split('-').map(Number);
  return year * 10_000 + month * 100 + day;
}

/**
 * The date of a passage: from its document's metadata, title and filename, its heading, or words at its
 * beginning.
 */
function estimateAge({ metadata, title, filename, heading, content }: Edition): number {
  for (const field of dateFields) {
    const value = metadata[field];
    const date = typeof value === 'string' || typeof value === 'number' ? readDate(plain(String(value))) : 0;
    if (date > 0) return date;
  }
  const named =
    readDate(plain(title)) || readDate(plain(heading)) || readDate(plain(filename).replace(/[_]/gu, ' '));
  if (named > 0) return named;
  const start = plain(content).slice(0, looked);
  const said = datesIn(start).find(({ start: at }) => validity.test(start.slice(Math.max(0, at - 40), at)));
  return said ? readNumber(said.terms.find((term) => /^@\d{4}-/.test(term)) ?? '@0') : 0;
}

const maxNames = 10_000;
const undatedNames = new WordCache<string>(maxNames);

/** A name without dates and numbers of editions. */
const undated = (name: string): string => undatedNames.of(name, withoutDates);

function withoutDates(name: string): string {
  const cut = datesIn(name).reduceRight(
    (text, { start, end }) => text.slice(0, start) + text.slice(end),
    name,
  );
  return cut
    .replace(editionMarks, ' ')
    .replace(years, ' ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** The common subject of editions of one rule; null when the name is too short. */
function findSubject({ title, heading, filename }: Edition): string | null {
  const name = undated(plain(title ?? filename.replace(/\.[\p{L}\p{N}]{1,8}$/u, '')));
  if (name.replace(/[^\p{L}]/gu, '').length < minLetters) return null;
  const last = (heading ?? '').split(' > ').at(-1) ?? '';
  return `${name}\n${undated(plain(last))}`;
}

/** True when a question names a time and therefore does not ask for the newest edition. */
export function namesTime(question: string): boolean {
  const text = plain(question);
  return (
    datesIn(text).length > 0 ||
    /(?<!\p{N})(?:19|20)\d\d(?!\p{N})/u.test(text) ||
    /(?<!\p{L})(?:former|formerly|previous|previously|earlier|old|older|oldest|original|originally|before|history|used to|früher\w*|vorherige\w*|alte[nr]?|ehemals|bisher\w*|vor|ancien\w*|avant|précédent\w*)(?!\p{L})/u.test(
      text,
    )
  );
}

/**
 * Puts newer editions of one rule before older ones: passages of different documents whose names differ only
 * in dates and edition numbers exchange their places. Others keep theirs.
 * @param ranking best first
 */
export function newestFirst<T extends Edition>(ranking: T[]): T[] {
  const groups = new Map<string, number[]>();
  for (const [place, hit] of ranking.entries()) {
    const subject = findSubject(hit);
    if (subject === null) continue;
    groups.set(subject, [...(groups.get(subject) ?? []), place]);
  }
  const ordered = [...ranking];
  for (const all of groups.values()) {
    const best = Math.max(...all.map((place) => ranking[place]?.score ?? 0));
    const places = all.filter((place) => (ranking[place]?.score ?? 0) >= minShare * best);
    const hits = places.flatMap((place) => ranking[place] ?? []);
    if (new Set(hits.map(({ document_id }) => document_id)).size < 2) continue;
    const aged = hits.map((hit) => ({ hit, age: estimateAge(hit) }));
    if (aged.some(({ age }) => age === 0)) continue;
    aged.sort((left, right) => right.age - left.age);
    for (const [index, place] of places.entries()) {
      const next = aged[index];
      if (next) ordered[place] = next.hit;
    }
  }
  return ordered;
}
