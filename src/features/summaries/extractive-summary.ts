import { analyze } from '../../common/text/analyzer.js';
import { foldSpace } from '../../common/text/clean.js';
import { makeInert } from '../../common/text/inert.js';
import { splitPassages, type Passage } from '../../common/text/passages.js';
import type { Section } from './sections.js';

/** A sentence that may become part of the summary. */
interface Candidate {
  section: number;
  order: number;
  text: string;
  terms: Set<string>;
  lead: boolean;
}

const candidatesOfSection = 4;
const minSentences = 6;
const maxSentences = 30;
const maxHeadings = 40;
const maxTables = 20;
const maxCharacters = 5000;
const maxSentenceLength = 400;

/**
 * How well each sentence represents its section: the mean rank of its terms among the section's most frequent
 * ones.
 */
function central(
  passages: Passage[],
  language: string | null,
): { passage: Passage; terms: Set<string>; weight: number }[] {
  const analysed = passages.map((passage) => ({
    passage,
    terms: new Set(analyze(passage.text, language).terms),
  }));
  const frequency = new Map<string, number>();
  for (const { terms } of analysed)
    for (const term of terms) frequency.set(term, (frequency.get(term) ?? 0) + 1);
  return analysed.map(({ passage, terms }) => {
    const sum = [...terms].reduce((total, term) => total + Math.log((frequency.get(term) ?? 0) + 0.5), 0);
    return { passage, terms, weight: terms.size < 4 ? -1 : sum / Math.sqrt(terms.size) };
  });
}

const findColumns = (rows: Passage[]): string[] =>
  rows.find((row) => row.columns)?.columns?.filter(Boolean) ?? [];

/** Sentences with content: drops lines of a table of contents, and menus if there are whole sentences. */
function telling(passages: Passage[]): Passage[] {
  const sentences = passages.filter(
    ({ kind, text }) =>
      kind === 'sentence' && text.length <= maxSentenceLength && !/\.{4}|(?:\. ){4}|…{2}|_{4}/u.test(text),
  );
  const whole = sentences.filter(({ text }) => /[.!?:;。！？；؟।…]["'”’»)\]]*$/u.test(text));
  return whole.length > 0 ? whole : sentences;
}

/**
 * Reads a document section by section and keeps a few sentences
 * of each, so that a long one does not have to be held whole.
 */
export class ExtractiveSummary {
  private readonly candidates: Candidate[] = [];
  private readonly headings: string[] = [];
  private readonly tables = new Map<string, { name: string | null; columns: string[]; rows: number }>();
  private sections = 0;

  /** @param language ISO 639-1, null when unknown */
  constructor(private readonly language: string | null) {}

  add({ heading, text }: Section): void {
    const section = this.sections++;
    if (heading !== null && this.headings.at(-1) !== heading) this.headings.push(heading);
    const passages = splitPassages(text, this.language);
    const sentences = telling(passages);
    this.addTable(
      heading,
      passages.filter(({ kind }) => kind === 'row'),
    );
    const lead = sentences.find(({ text }) => foldSpace(text).length > 20) ?? sentences[0];
    const ranked = central(sentences, this.language).sort((left, right) => right.weight - left.weight);
    const kept = ranked.filter(({ passage }, place) => passage === lead || place < candidatesOfSection);
    for (const { passage, terms } of kept) {
      this.candidates.push({
        section,
        order: passage.start,
        text: foldSpace(passage.text),
        terms,
        lead: passage === lead,
      });
    }
  }

  /**
   * The outline and, in the document's order, the leading and
   * most central sentences of all its sections, word for word.
   */
  write(): string {
    const chosen = this.choose();
    const parts: string[] = [];
    if (this.headings.length > 1) parts.push(`Contents: ${this.outline()}`);
    for (const group of Map.groupBy(chosen, ({ section }) => section).values())
      parts.push(group.map(({ text }) => text).join(' '));
    for (const { name, columns, rows } of this.tables.values()) {
      const size = `${rows} ${rows === 1 ? 'row' : 'rows'}`;
      parts.push(`${name === null ? '' : `${name}: `}table with ${size}: ${columns.join(', ')}`);
    }
    return makeInert(parts.join('\n\n'), { isKnown: () => true });
  }

  private addTable(heading: string | null, rows: Passage[]): void {
    const columns = findColumns(rows);
    if (columns.length === 0) return;
    const name = heading?.split(' > ').at(-1) ?? null;
    const key = [name, ...columns].join('|');
    const known = this.tables.get(key);
    if (known) known.rows += rows.length;
    else if (this.tables.size < maxTables) this.tables.set(key, { name, columns, rows: rows.length });
  }

  private outline(): string {
    const shown = this.headings
      .slice(0, maxHeadings)
      .map((heading) => heading.split(' > ').at(-1) ?? heading);
    const rest = this.headings.length - shown.length;
    return [...new Set(shown)].join(' · ') + (rest > 0 ? ` · and ${rest} more` : '');
  }

  /**
   * First takes the lead of every section, while there is room and spread over the document; then the
   * sentences with the most new content.
   */
  private choose(): Candidate[] {
    const room = Math.max(minSentences, Math.min(maxSentences, this.sections * 2));
    const leads = spread(
      this.candidates.filter(({ lead }) => lead),
      Math.ceil(room * 0.6),
    );
    const chosen = new Set(leads);
    const frequency = new Map<string, number>();
    for (const { terms } of this.candidates)
      for (const term of terms) frequency.set(term, (frequency.get(term) ?? 0) + 1);
    const said = new Set(leads.flatMap(({ terms }) => [...terms]));
    const gain = ({ terms }: Candidate): number =>
      [...terms].reduce(
        (sum, term) => sum + (said.has(term) ? 0 : Math.log(0.5 + (frequency.get(term) ?? 0))),
        0,
      ) / Math.sqrt(terms.size + 1);
    while (chosen.size < room) {
      const rest = this.candidates.filter((candidate) => !chosen.has(candidate));
      const best = rest.reduce<Candidate | null>(
        (top, candidate) => (top === null || gain(candidate) > gain(top) ? candidate : top),
        null,
      );
      if (!best) break;
      chosen.add(best);
      for (const term of best.terms) said.add(term);
    }
    return withinRoom(
      [...chosen].sort((left, right) => left.section - right.section || left.order - right.order),
    );
  }
}

/** At most `count` of the items, evenly over all of them, the first one always. */
function spread<T>(items: T[], count: number): T[] {
  if (items.length <= count) return items;
  return Array.from(
    { length: count },
    (_, place) => items[Math.floor((place * items.length) / count)],
  ).filter((item) => item !== undefined);
}

function withinRoom(candidates: Candidate[]): Candidate[] {
  const seen = new Set<string>();
  let left = maxCharacters;
  return candidates.filter(({ text }) => {
    if (seen.has(text) || text.length > left) return false;
    seen.add(text);
    left -= text.length;
    return true;
  });
}
