import { filenameWords } from '../../../common/text/filename-words.js';
import type { Source } from '../sources.js';
import type { Asked } from './asked.js';
import { findDerivations, findNear, findParts, findTranslations } from './near-terms.js';
import { readSource, type SourceText, type Unit } from './units.js';

/** Maximum characters read of all sources together. More costs time and seldom contains the answer. */
const maxCharacters = 400_000;
const maxUnits = 4000;

/** How well each word of the question is held, 0…1, in the question's order. */
export type Held = Float32Array;

/** How a unit covers the words of the question. */
export interface UnitEvidence {
  unit: Unit;
  source: number;
  /** Words in the unit itself and its column titles. */
  own: Held;
  /** Words in its surroundings: heading, title, filename, lead-in of the list, neighbouring keys. */
  context: Held;
  /** Words in the headings only. */
  heading: Held;
  /** How many terms the heading has beside the words of the question. */
  headingOthers: number;
  /** Words in the previous unit of the same block. */
  near: Held;
  /** Different terms. */
  size: number;
  /** Share of the question's neighbouring words that are neighbours here too. */
  adjacency: number;
  /**
   * For a row: how purely one of its cells names the subject of the question, less the further right it is;
   * 0…1.
   */
  naming: number;
}

/** How a heading covers the words of the question, and how many terms it has beside them. */
export interface HeadingEvidence {
  held: Held;
  others: number;
}

interface SourceEvidence {
  text: SourceText;
  /** True when the source stands under a heading of its document. */
  isSection: boolean;
  /** The last heading of its path, or its title. */
  name: string;
  /** True when the source is in another language than the question. */
  isForeign: boolean;
  /** The last heading of the path, and those within the content. */
  headings: HeadingEvidence[];
  units: UnitEvidence[];
  /** Words in all units together. */
  whole: Held;
  /** Words in title, heading path and filename. */
  about: Held;
}

export interface Evidence {
  asked: Asked;
  /** The weight of each word; rare words weigh more. */
  weights: Float32Array;
  total: number;
  /** The weight of a word that no unit contains. */
  unheld: number;
  sources: SourceEvidence[];
}

type Lookup = Map<string, { at: number; likeness: number }[]>;

interface ReadUnit {
  unit: Unit;
  sequence: string[];
  columns: string[];
  keys: string[];
}
interface ReadText {
  source: Source;
  text: SourceText;
  units: ReadUnit[];
}

function readAll(asked: Asked, sources: Source[]): ReadText[] {
  let characters = maxCharacters;
  let units = maxUnits;
  return sources.map((source) => {
    const content = (source.core ?? source.content).slice(0, Math.max(0, characters));
    characters -= content.length;
    const text = readSource(content, source.language);
    text.units = text.units.slice(0, Math.max(0, units));
    units -= text.units.length;
    return { source, text, units: readUnits(asked, text, source.language) };
  });
}

function readUnits(asked: Asked, text: SourceText, language: string | null): ReadUnit[] {
  // Column titles and key blocks are shared by many units: each is analysed once.
  const known = new Map<string, string[]>();
  const once = (value: string | undefined): string[] => {
    if (value === undefined || value === '') return [];
    const found = known.get(value) ?? asked.read(value.slice(0, 4000), language);
    known.set(value, found);
    return found;
  };
  return text.units.map((unit) => ({
    unit,
    sequence: asked.read(unit.text, language),
    columns: once(unit.columns?.join('\n')),
    keys: once(unit.keys),
  }));
}

function buildLookup(asked: Asked, vocabulary: Set<string>, language: string | null): Lookup {
  const lookup: Lookup = new Map();
  const own = asked.termsIn(asked.language);
  for (const [at, word] of asked.termsIn(language).entries()) {
    lookup.set(word, [...(lookup.get(word) ?? []), { at, likeness: 1 }]);
    const forms = [
      ...findDerivations(word, vocabulary, language),
      ...findTranslations(own[at] ?? word, asked.language, vocabulary, language),
    ];
    // a word that is there in another form is no typing error
    const isKnown = vocabulary.has(word) || forms.length > 0;
    const near = isKnown ? findParts(word, vocabulary, language) : findNear(word, vocabulary);
    for (const { term, likeness } of [...forms, ...near])
      lookup.set(term, [...(lookup.get(term) ?? []), { at, likeness }]);
  }
  return lookup;
}

function heldBy(terms: Iterable<string>, lookup: Lookup, words: number): Held {
  const held = new Float32Array(words);
  for (const term of terms)
    for (const { at, likeness } of lookup.get(term) ?? []) held[at] = Math.max(held[at] ?? 0, likeness);
  return held;
}

/** The larger of both, word for word. */
export function joined(...all: Held[]): Held {
  const most = new Float32Array(all[0]?.length ?? 0);
  for (const held of all)
    for (const [at, value] of held.entries()) if (value > (most[at] ?? 0)) most[at] = value;
  return most;
}

function measureAdjacency(words: string[], sequence: string[]): number {
  if (words.length < 2) return 0;
  const pairs = new Set(sequence.slice(1).map((term, at) => `${sequence[at]} ${term}`));
  return words.slice(1).filter((word, at) => pairs.has(`${words[at]} ${word}`)).length / (words.length - 1);
}

/** In structured data, the first keys name the subject of the rest. */
function firstKeys({ units }: SourceText): string {
  const [first] = units;
  return first?.keys !== undefined && first.keys.length <= 300 ? first.keys : '';
}

/** A row about a thing names it in a cell of its own, usually the first; other rows only mention it. */
function measureNaming(asked: Asked, { cells = [] }: Unit, words: string[], language: string | null): number {
  const looked = new Set(words);
  let most = 0;
  for (const [place, cell] of cells.entries()) {
    const terms = new Set(asked.read(cell.slice(0, 200), language));
    const named = [...terms].filter((term) => looked.has(term)).length;
    if (named === 0) continue;
    const purely = (named / terms.size) * (1 - place / cells.length);
    most = Math.max(most, purely * Math.min(1, named / Math.max(1, words.length - 1)));
  }
  return most;
}

/** The sentence in front of a list or of code names its subject. */
function leadIns({ text, units }: ReadText, own: Held[]): Map<number, Held> {
  const leads = new Map<number, Held>();
  for (const [at, { unit }] of units.entries()) {
    const kind = text.blocks[unit.block + 1]?.kind;
    const held = own[at];
    if (held && (kind === 'list' || kind === 'code' || kind === 'table')) leads.set(unit.block + 1, held);
  }
  return leads;
}

function weighEvidence(read: ReadText, at: number, asked: Asked, vocabulary: Set<string>): SourceEvidence {
  const { source, text, units } = read;
  const words = asked.termsIn(source.language);
  const lookup = buildLookup(asked, vocabulary, source.language);
  const hold = (terms: Iterable<string>) => heldBy(terms, lookup, words.length);
  const about = hold(
    asked.read(
      [
        firstKeys(text),
        source.title ?? '',
        source.heading ?? '',
        ...filenameWords(source.filename),
        text.title ?? '',
      ].join('\n'),
      source.language,
    ),
  );
  const readHeading = (heading: string): HeadingEvidence => {
    const terms = new Set(asked.read(heading, source.language));
    return { held: hold(terms), others: [...terms].filter((term) => !lookup.has(term)).length };
  };
  const name = (source.heading ?? source.title ?? '').split(' > ').at(-1) ?? '';
  const path = readHeading(name);
  const inner = new Map<string, HeadingEvidence>();
  const findHeading = (heading: string | null): HeadingEvidence => {
    if (heading === null) return path;
    const known = inner.get(heading) ?? readHeading(heading);
    inner.set(heading, known);
    return known;
  };
  const own = units.map(({ sequence, columns }) => joined(hold(sequence), hold(columns)));
  const leads = leadIns(read, own);
  const nothing = hold([]);
  const made = units.map(({ unit, sequence, keys }, place): UnitEvidence => {
    const before = units[place - 1]?.unit.block === unit.block ? own[place - 1] : undefined;
    const { held: heading, others } = findHeading(unit.heading);
    return {
      unit,
      source: at,
      own: own[place] ?? nothing,
      heading,
      headingOthers: others,
      context: joined(about, heading, leads.get(unit.block) ?? nothing, hold(keys)),
      near: unit.kind === 'row' ? nothing : (before ?? nothing),
      size: new Set(sequence).size,
      adjacency: measureAdjacency(words, sequence),
      naming: measureNaming(asked, unit, words, source.language),
    };
  });
  const within = [...inner.values()];
  return {
    text,
    isSection: (source.heading ?? '') !== '',
    name,
    isForeign: asked.language !== null && source.language !== null && source.language !== asked.language,
    headings: [path, ...within],
    units: made,
    whole: joined(nothing, ...own, ...within.map(({ held }) => held)),
    about,
  };
}

/**
 * Minimum number of units for counting words. In a short document, every unit is under the words of the
 * title. Without further, empty units these words would have no weight, and a verb that the document lacks
 * would have all of it.
 */
const minCounted = 60;

/**
 * Words that few units hold count more. One that none holds counts
 * as the rarest, so that a half-matched question shows as such.
 */
function weigh(words: number, sources: SourceEvidence[]): { weights: Float32Array; unheld: number } {
  const holders = new Float32Array(words);
  let units = 0;
  for (const source of sources)
    for (const { own, context } of source.units) {
      units++;
      for (let at = 0; at < words; at++) if (own[at] || context[at]) holders[at] = (holders[at] ?? 0) + 1;
    }
  const counted = Math.max(units, minCounted);
  const computeWeight = (held: number) => Math.log(1 + (counted - held + 0.5) / (Math.max(1, held) + 0.5));
  return { weights: holders.map(computeWeight), unheld: computeWeight(0) };
}

/**
 * Reads the sources for a question. Time and memory grow
 * with the text, up to a limit, and not with the question.
 */
export function gatherEvidence(asked: Asked, sources: Source[]): Evidence {
  const texts = readAll(asked, sources);
  const vocabulary = new Set<string>();
  for (const { units } of texts)
    for (const { sequence } of units) for (const term of sequence) vocabulary.add(term);
  const found = texts.map((read, at) => weighEvidence(read, at, asked, vocabulary));
  const { weights, unheld } = weigh(asked.termsIn(asked.language).length, found);
  const total = weights.reduce((sum, weight) => sum + weight, 0) || 1;
  return { asked, weights, total, unheld, sources: found };
}

/** Share of the question's weight that is held, 0…1. */
export function coverage({ weights, total }: Evidence, held: Held): number {
  let sum = 0;
  for (const [at, weight] of weights.entries()) sum += weight * (held[at] ?? 0);
  return sum / total;
}

/**
 * How alike a heading and the question are, 0…1: the share of their words that
 * both have. A word of the heading alone weighs as the question's do on average.
 */
export function likeness({ weights, total }: Evidence, { held, others }: HeadingEvidence): number {
  let shared = 0;
  for (const [at, weight] of weights.entries()) shared += weight * (held[at] ?? 0);
  return shared / (total + (others * total) / Math.max(1, weights.length));
}

const contextWeight = 0.6;
const nearWeight = 0.35;

/** Coverage by a unit, and with less weight by its surroundings and its predecessor. */
export function coverageInContext(evidence: Evidence, { own, context, near }: UnitEvidence): number {
  return coverage(
    evidence,
    own.map((value, at) => Math.max(value, contextWeight * (context[at] ?? 0), nearWeight * (near[at] ?? 0))),
  );
}
