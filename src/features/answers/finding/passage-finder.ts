import { copiesLast } from '../../search/deduplicate.js';
import { Injectable } from '@nestjs/common';
import { Reader, type Reading } from '../../../platform/reader/reader.js';
import type { Quote, Source } from '../sources.js';
import { readAsked } from './asked.js';
import { gatherEvidence, type Evidence, type UnitEvidence } from './evidence.js';
import type { Signals } from './features.js';
import { judge, otherHalf, findSpans, type JudgedPassage, type Judgement } from './finder.js';
import { judgesFor, type Weighed } from './judges.js';
import { matchUnits } from './matching.js';
import { askedRows } from './asked-rows.js';
import { asksOverAll } from './over-all.js';
import { repeatFinder, type Former } from './repeats.js';
import { wordUnit } from './wording.js';

/** Sources that the reader reads: the best by words and vectors. */
const maxRead = 5;

/** A verbatim part of the sources. */
interface Extract {
  /** Each part with the marker of its source. */
  answer: string;
  quotes: Quote[];
  /** True when a row was found where the whole table is asked for. */
  isBeyond?: boolean;
}

export interface Found {
  question: string;
  /** Log odds that the extract answers. */
  logOdds: number;
  /** Places of the given sources, best first; of a group that is shown as one result the best source only. */
  order: number[];
  /** The sources that are shown as one, by the place of the best of them. */
  members: Map<number, number[]>;
  /** Sources that an answer may rest on, best first: the first ones of the order. */
  sources: Source[];
  /** The best part of the sources; null when nothing can be quoted. */
  extract: Extract | null;
  /** True when the extract answers the question. */
  answered: boolean;
  /**
   * True when all of several things are asked for and the extract can name only some: then it is not an
   * answer.
   */
  overAll: boolean;
  /** True when a chat model could find an answer in the sources. */
  mayAnswer: boolean;
  /** Where the extract stops at the end of its source, though its list or its lead-in goes on behind it. */
  cutShort: CutShort | null;
}

interface CutShort {
  /** Place of its result. */
  result: number;
  /** The unit from which the extract was grown. */
  unit: string;
}

export interface FindOptions {
  /** Keeps the given order of the sources. */
  keepOrder?: boolean;
  /**
   * For each source the place of the first of those that
   * are shown as one result; its own where it stands alone.
   */
  groups?: number[];
  /** How many of the best sources an answer may rest on; all when absent. */
  limit?: number;
  /** True for a later question of a conversation: then an answer needs more support. */
  inConversation?: boolean;
  /** For a follow-up: how it was typed and what was said before; then a sentence that was said is no answer. */
  former?: Former;
  /** Number of chunks in the documents that were searched, found or not; many when absent. */
  chunks?: number;
  signal?: AbortSignal;
}

/** Finds which source answers a question, which part of it does, and whether it does at all. */
@Injectable()
export class PassageFinder {
  constructor(private readonly reader: Reader) {}

  /** @param given in the order of the search @throws the reason of the signal */
  async find(
    question: string,
    given: Source[],
    {
      keepOrder = false,
      limit = given.length,
      groups = [...given.keys()],
      inConversation = false,
      chunks = Infinity,
      former,
      signal,
    }: FindOptions = {},
  ): Promise<Found> {
    const asked = readAsked(
      question,
      given.map(searchedText),
      given.map(({ language }) => language),
    );
    const evidence = gatherEvidence(
      { ...asked, ...(former && { isRepeated: repeatFinder(former, asked.language) }) },
      given,
    );
    const cosine = given.some((source) => typeof source.cosine === 'number');
    const windows = given.some((source) => typeof source.window === 'number');
    const signals = given.map((source, place): Signals => ({
      place,
      cosine: source.cosine ?? null,
      window: source.window ?? null,
      reading: null,
      similar: null,
    }));
    const first = judge(evidence, signals, judgesFor({ cosine, windows, reader: false, matcher: false }));
    const best = first.order.slice(0, maxRead);
    const [reader, matcher] = await Promise.all([
      this.read(question, given, signals, best, signal),
      this.match(evidence, given, signals, best, signal),
    ]);
    const weights = judgesFor({ cosine, windows, reader, matcher });
    const isOfAnother = (place: number) => given[place]?.isOfAnother === true;
    const mayHold = (place: number, rank: number) =>
      !isOfAnother(place) && (keepOrder ? place : rank) < limit;
    const judgement = judge(evidence, signals, weights, mayHold);
    const ranked = keepOrder ? given.map((_, place) => place) : behindTheirFirst(judgement.order, given);
    const members = Map.groupBy(ranked, (place) => groups[place] ?? place);
    const leaders = [...members.values()].flatMap(([leader]) => leader ?? []);
    const able = leaders.filter((place) => !isOfAnother(place));
    const order = [...able, ...leaders.filter(isOfAnother)];
    const shownAt = (place: number): number => order.findIndex((at) => groups[at] === groups[place]);
    const touched = judgement.passages.some(isTouched);
    // without a reader, the words of several documents say too little of which one answers
    const few = reader ? maxHandful : maxFew;
    const isSure = isAnswered(judgement, weights, { chunks, few, inConversation });
    const extract = makeExtract(evidence, judgement, shownAt, chunks === 1);
    const overAll = extract?.isBeyond === true || asksOverAll(question, given, extract?.answer ?? '');
    return {
      question,
      logOdds: judgement.answered,
      order,
      members: new Map([...members.values()].map((all) => [all[0] ?? 0, all])),
      sources: able.slice(0, limit).flatMap((place) => given[place] ?? []),
      extract,
      overAll,
      answered: !overAll && touched && isSure,
      mayAnswer: touched && able.length > 0 && judgement.answered >= weights.floor,
      cutShort: findCut(judgement, shownAt),
    };
  }

  /**
   * The extract once more, from a source whose text is longer
   * now. Nothing changes where the text does not contain it.
   */
  extend(found: Found, wider: Source): Found {
    const { cutShort, question } = found;
    if (!cutShort) return found;
    const evidence = gatherEvidence(readAsked(question, [searchedText(wider)], [wider.language]), [wider]);
    const unit = evidence.sources[0]?.units.find(({ unit: { text } }) => text === cutShort.unit);
    if (!unit) return found;
    const quotes: Quote[] = [];
    const answer = quoteUnit(evidence, unit, { place: cutShort.result, isOnly: true }, quotes);
    const sources = found.sources.with(cutShort.result, wider);
    return { ...found, sources, extract: { answer, quotes }, cutShort: null };
  }

  /** Puts the reader's readings among the signals. @returns whether there are any */
  private async read(
    question: string,
    sources: Source[],
    signals: Signals[],
    places: number[],
    signal?: AbortSignal,
  ): Promise<boolean> {
    if (!this.reader.available) return false;
    const passages = places.map((place) => ({
      heading: sources[place]?.heading ?? null,
      content: sources[place]?.core ?? sources[place]?.content ?? '',
    }));
    const readings = await this.reader.read(question, passages, signal);
    for (const [at, place] of places.entries()) {
      const reading: Reading | null = readings[at] ?? null;
      const known = signals[place];
      if (known) signals[place] = { ...known, reading };
    }
    return readings.some((reading) => reading !== null);
  }

  /** Puts the cosines of the sources' units among the signals. @returns whether there are any */
  private async match(
    evidence: Evidence,
    sources: Source[],
    signals: Signals[],
    places: number[],
    signal?: AbortSignal,
  ): Promise<boolean> {
    if (!this.reader.available) return false;
    const matched = await matchUnits(this.reader, evidence, sources, places, signal);
    for (const [place, similar] of matched) {
      const known = signals[place];
      if (known) signals[place] = { ...known, similar };
    }
    return matched.size > 0;
  }
}

/** Chunks up to which a scope counts as few: about four pages. */
const maxFew = 12;
/** Chunks up to which it is a handful of short documents, the nearest of which looks more like an answer. */
const maxHandful = 100;
const moreFromHandful = 0.5;

/** True when the log odds are those of an answer. A later question of a conversation needs more of them. */
function isAnswered(
  { answered, answeredFromFew }: Judgement,
  { answers, answersFromFew, answersInConversation }: Weighed,
  { chunks, few, inConversation }: { chunks: number; few: number; inConversation: boolean },
): boolean {
  const more = inConversation ? answersInConversation - answers : 0;
  if (chunks > few) return answered >= answers + more;
  return answeredFromFew >= answersFromFew + more + (chunks > maxFew ? moreFromHandful : 0);
}

const searchedText = ({ content, core, heading, title }: Source): string =>
  [title ?? '', heading ?? '', core ?? content].join('\n');

/** Relevance from which on a source may answer though it shares no word with the question. */
const minRelevance = -1;
/** Cosine from which on it may, by the built-in embedder; other models rank, but their scale is their own. */
const minCosine = 0.8;

/** True when a source could be about the question at all. */
const isTouched = ({ features: { both = 0, relevance = -Infinity, cosine = 0 } }: JudgedPassage): boolean =>
  both > 0 || relevance >= minRelevance || cosine >= minCosine;

/** @param shownAt place of a source's result @param isOnly true where nothing but one source was searched */
function makeExtract(
  evidence: Evidence,
  judgement: Judgement,
  shownAt: (source: number) => number,
  isOnly: boolean,
): Extract | null {
  const [first] = judgement.units;
  if (!first) return null;
  const { rows, isBeyond } = askedRows(
    evidence,
    first.evidence,
    isOnly || isWithin(evidence, first.evidence),
  );
  if (isBeyond || rows.length > 1) return quoteRows(evidence, rows, shownAt(first.evidence.source), isBeyond);
  const other = otherHalf(judgement, findSpans(evidence, first.evidence));
  const parts = other ? [first, other] : [first];
  const quotes: Quote[] = [];
  const answer = parts.map(({ evidence: unit }) =>
    quoteUnit(evidence, unit, { place: shownAt(unit.source), isOnly: !other }, quotes),
  );
  return { answer: answer.join('\n\n'), quotes };
}

/** True for a unit whose block has others before and behind it, so that it does not go on in another chunk. */
function isWithin(evidence: Evidence, { source, unit }: UnitEvidence): boolean {
  const blocks = evidence.sources[source]?.text.blocks ?? [];
  return unit.block > 0 && unit.block < blocks.length - 1;
}

/** Rows one below the other, each a quote of its own. */
function quoteRows(evidence: Evidence, rows: UnitEvidence[], place: number, isBeyond: boolean): Extract {
  const quotes: Quote[] = [];
  const lines = rows.flatMap(({ unit, source }) => {
    const text = evidence.sources[source]?.text;
    if (!text) return [];
    const { start, end } = unit;
    quotes.push({ source: place, text: text.content.slice(start, end).trim() });
    return wordUnit(text, unit, [{ start, end }], evidence.asked);
  });
  const answer =
    lines.length === 1 ? `${lines[0]} [${place + 1}]` : `- ${lines.join('\n- ')}\n[${place + 1}]`;
  return { answer, quotes, isBeyond };
}

/**
 * A unit in the words of its source, grown to the size that a person would mark.
 * @param place of its source among the results @param isOnly true without a second half of the answer
 * @param quotes gets its parts
 */
function quoteUnit(
  evidence: Evidence,
  found: UnitEvidence,
  { place, isOnly }: { place: number; isOnly: boolean },
  quotes: Quote[],
): string {
  const text = evidence.sources[found.source]?.text;
  if (!text) return '';
  const spans = findSpans(evidence, found, isOnly);
  for (const { start, end } of spans)
    quotes.push({ source: place, text: text.content.slice(start, end).trim() });
  const wording = wordUnit(text, found.unit, spans, evidence.asked);
  return /\n/u.test(wording) ? `${wording}\n[${place + 1}]` : `${wording} [${place + 1}]`;
}

/** A list that was asked for may go on beyond both ends of its source, and a lead-in beyond the end. */
function findCut(
  { evidence, units: [first] }: Judgement,
  shownAt: (source: number) => number,
): CutShort | null {
  const { wants } = evidence.asked;
  if (!first || wants.twoParts) return null;
  const { unit, source } = first.evidence;
  const blocks = evidence.sources[source]?.text.blocks ?? [];
  const block = blocks[unit.block];
  const isLast = unit.block === blocks.length - 1;
  const isList = block?.kind === 'list' && (wants.list || wants.steps);
  // a sentence that leads in to something, or to a list at the end
  const listIsLast = unit.block === blocks.length - 2 && blocks.at(-1)?.kind === 'list';
  const leadsOn = (isLast || listIsLast) && /[:：]\W*$/u.test(unit.text);
  const goesOn = (isList && (isLast || unit.block === 0)) || leadsOn;
  return goesOn ? { result: shownAt(source), unit: unit.text } : null;
}

/** The order with copies behind everything else: ten of one sentence must not push another passage out. */
function behindTheirFirst(order: number[], sources: Source[]): number[] {
  const ranking = order.flatMap((place) => {
    const source = sources[place];
    return source ? { place, content: source.core ?? source.content } : [];
  });
  return copiesLast(ranking).map(({ place }) => place);
}
