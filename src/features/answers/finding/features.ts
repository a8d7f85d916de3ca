import {
  coverage,
  coverageInContext,
  joined,
  likeness,
  type Evidence,
  type Held,
  type UnitEvidence,
} from './evidence.js';
import type { Reading } from '../../../platform/reader/reader.js';
import type { Features } from './regression.js';
import { labelledQuestion } from './units.js';
import { typeMatch } from './wants.js';

/** Scores of models for a source; null without such a model. */
export interface Signals {
  /** Place in the search's order, from 0. */
  place: number;
  cosine: number | null;
  /** Cosine of the question with the most similar window of the source. */
  window: number | null;
  /** The best span of the reader, as offsets into the content. */
  reading: Reading | null;
  /** By the offset of a unit: how similar its meaning is to that of the question, as a cosine. */
  similar: ReadonlyMap<number, number> | null;
}

const clamp = (value: number, most: number): number => Math.min(most, Math.max(-most, value));
const maximum = (values: number[]): number => values.reduce((most, value) => Math.max(most, value), 0);

/** The maximum of each score over all sources. */
export interface Best {
  cosine: number;
  window: number;
  relevance: number;
  margin: number;
  similar: number;
}

export function pickBest(signals: Signals[]): Best {
  const most = (values: (number | null | undefined)[]) =>
    Math.max(...values.map((value) => value ?? -Infinity));
  return {
    cosine: most(signals.map(({ cosine }) => cosine)),
    window: most(signals.map(({ window }) => window)),
    relevance: most(signals.map(({ reading }) => reading?.relevance)),
    margin: most(signals.map(({ reading }) => reading?.margin)),
    similar: most(signals.map(mostSimilar)),
  };
}

/** The cosine of the most similar unit; null where none was compared. */
const mostSimilar = ({ similar }: Signals): number | null =>
  similar && similar.size > 0 ? Math.max(...similar.values()) : null;

function modelFeatures(signals: Signals, best: Best): Features {
  const { cosine, window, reading } = signals;
  const similar = mostSimilar(signals);
  return {
    ...(cosine !== null && { cosine, cosineBelowBest: cosine - best.cosine }),
    ...(window !== null && { window, windowBelowBest: window - best.window }),
    ...(reading && {
      relevance: clamp(reading.relevance, 12),
      margin: clamp(reading.margin, 20),
      relevanceBelowBest: clamp(reading.relevance - best.relevance, 12),
      marginBelowBest: clamp(reading.margin - best.margin, 20),
    }),
    ...(similar !== null && { similar, similarBelowBest: similar - best.similar }),
  };
}

/** The features of a source for the words of the question. */
export function passageFeatures(evidence: Evidence, at: number, signals: Signals, best: Best): Features {
  const source = evidence.sources[at];
  const { units = [], whole = new Float32Array(), about = whole } = source ?? {};
  const inContext = units.map((unit) => coverageInContext(evidence, unit));
  const { wants } = evidence.asked;
  return {
    ...modelFeatures(signals, best),
    place: 1 / (1 + signals.place),
    text: coverage(evidence, whole),
    about: coverage(evidence, about),
    both: coverage(evidence, joined(whole, about)),
    heading: maximum(units.map(({ heading }) => coverage(evidence, heading))),
    headingLike: maximum((source?.headings ?? []).map((heading) => likeness(evidence, heading))),
    bestUnit: maximum(inContext),
    adjacency: maximum(units.map((unit) => unit.adjacency)),
    typed: typeMatch(wants, source?.text.content ?? ''),
    length: Math.log(1 + (source?.text.content.length ?? 0)),
    words: Math.log(1 + evidence.weights.length),
  };
}

const defining =
  /^\W{0,4}(?:(?:an?|the|ein|eine|der|die|das|une?|le|la|el|un|una)\s+)?(.{2,80}?)\W{0,4}\s(?:is|are|means|refers to|stands for|describes|ist|sind|bedeutet|bezeichnet|est|sont|signifie|désigne|es|son|significa|è)\s/iu;

/** True when a sentence begins with exactly the thing that is asked for, and says what it is. */
function isDefinition({ asked }: Evidence, { text }: { text: string }): boolean {
  const [, thing = ''] = defining.exec(text.slice(0, 160)) ?? [];
  const words = asked.termsIn(asked.language);
  const terms = new Set(asked.read(thing, asked.language));
  return words.length > 0 && terms.size > 0 && [...terms].every((term) => words.includes(term));
}

/** The scores of the reader for the best span that begins in a unit. */
function beginFeatures(
  { start, end }: { start: number; end: number },
  { begins, margin }: Reading,
): Features {
  const within = begins.filter(({ at }) => at >= start && at < end).map(({ margin }) => margin);
  const most = within.length > 0 ? Math.max(...within) : -40;
  return { begin: clamp(most, 40), beginBelowBest: clamp(most - margin, 20) };
}

/** @param passage log odds of the unit's source @param most the best coverage in context of the pool */
export function unitFeatures(
  evidence: Evidence,
  found: UnitEvidence,
  { reading, place, similar }: Signals,
  passage: number,
  most: { coverage: number; similar: number },
): Features {
  const { unit } = found;
  const { wants } = evidence.asked;
  const inContext = coverageInContext(evidence, found);
  const isItem = unit.item !== null;
  const cosine = similar?.get(unit.start);
  return {
    ...(reading && beginFeatures(unit, reading)),
    ...(cosine !== undefined && { similar: cosine, similarBelowBest: cosine - most.similar }),
    passage: clamp(passage, 8),
    place: 1 / (1 + place),
    own: coverage(evidence, found.own),
    inContext,
    belowBest: inContext - most.coverage,
    heading: coverage(evidence, found.heading),
    headingLike: likeness(evidence, { held: found.heading, others: found.headingOthers }),
    defines: wants.definition && isDefinition(evidence, unit) ? 1 : 0,
    adjacency: found.adjacency,
    typed: typeMatch(wants, unit.text),
    row: unit.kind === 'row' ? 1 : 0,
    naming: found.naming,
    item: isItem ? 1 : 0,
    code: unit.kind === 'code' ? 1 : 0,
    codeAsked: wants.code && (unit.kind === 'code' || /`[^`]+`/u.test(unit.text)) ? 1 : 0,
    itemAsked: isItem && (wants.list || wants.steps) ? 1 : 0,
    brief: found.size < 3 && unit.kind === 'sentence' ? 1 : 0,
    asks: /[?？؟]\s*$/u.test(unit.text) || labelledQuestion.test(unit.text) ? 1 : 0,
    leadsIn: /[:：]\s*$/u.test(unit.text) ? 1 : 0,
    length: Math.log(1 + unit.text.length),
  };
}

const exact = /\p{N}/u;

/** The question's words by a source; where the question has two parts, by all that were searched. */
function heldTogether({ sources, asked, weights }: Evidence, at: number, searched: number[]): Held {
  const places = asked.wants.twoParts ? searched : [at];
  const held = places.flatMap((place) =>
    [sources[place]?.whole, sources[place]?.about].filter((held) => held !== undefined),
  );
  return joined(new Float32Array(weights.length), ...held);
}

/** From this naming on, a row is about the subject of the question. */
const minNaming = 0.5;
/**
 * In a table, a column expresses what a sentence says with its verb: in a row with the requested kind of
 * value, a missing word has half its weight.
 */
const impliedByColumn = 0.5;

/** A word that is held less than this is missing. */
const halfHeld = 0.5;

const isTypedRow = ({
  evidence: { unit, naming },
  features,
}: {
  evidence: UnitEvidence;
  features: Features;
}) => unit.kind === 'row' && naming >= minNaming && features['typed'] === 1;

/**
 * How far the cosine of a source stands above those of the others: a model gives every passage of a subject a
 * similar cosine, and the one that answers a higher one. Empty for a single source.
 */
function standOut(passages: { features: Features }[], at: number): Features {
  const findCosines = (some: { features: Features }[]) =>
    some.map(({ features }) => features['cosine']).filter((cosine) => cosine !== undefined);
  const own = passages[at]?.features['cosine'];
  const others = findCosines(passages.filter((_, other) => other !== at));
  if (own === undefined || others.length === 0) return {};
  const [first = 0, second = first] = findCosines(passages).sort((left, right) => right - left);
  const mean = others.reduce((sum, cosine) => sum + cosine, 0) / others.length;
  return { cosineAhead: own - Math.max(...others), cosineAbove: own - mean, cosineGap: first - second };
}

/** How far a score of a source is above the best of the others; empty for a single source. */
function ahead(passages: { features: Features }[], at: number, name: string): Features {
  const own = passages[at]?.features[name];
  const others = passages.flatMap(({ features }, other) => (other === at ? [] : (features[name] ?? [])));
  return own === undefined || others.length === 0 ? {} : { [`${name}Ahead`]: own - Math.max(...others) };
}

const pick = (features: Features, names: string[]): Features =>
  Object.fromEntries(names.flatMap((name) => (features[name] === undefined ? [] : [[name, features[name]]])));

/**
 * Features for the decision whether the question is answered: the best source, the chosen unit, and the words
 * that both lack.
 * @param searched places of the sources that may hold the answer
 */
export function answerFeatures(
  evidence: Evidence,
  chosen: { evidence: UnitEvidence; logOdds: number; features: Features },
  passages: { logOdds: number; features: Features }[],
  searched: number[],
): Features {
  const { source: at } = chosen.evidence;
  const held = heldTogether(evidence, at, searched);
  const words = evidence.asked.termsIn(null);
  const isFact = isTypedRow(chosen);
  const missing = [...evidence.weights].map((weight, word) => {
    const implied = isFact && !exact.test(words[word] ?? '') ? impliedByColumn : 1;
    return (implied * weight * (1 - (held[word] ?? 0))) / evidence.total;
  });
  const missed = missing.filter((_, word) => (held[word] ?? 0) < halfHeld).length;
  const foreign = evidence.sources[at]?.isForeign === true ? 1 : 0;
  const missingExact = maximum(missing.filter((_, word) => exact.test(words[word] ?? '')));
  const passage = passages[at];
  const others = passages.filter((_, other) => other !== at).map(({ logOdds }) => logOdds);
  const {
    relevance,
    margin,
    cosine,
    window,
    similar,
    text = 0,
    about = 0,
    bestUnit = 0,
    adjacency = 0,
    typed = 0,
    heading = 0,
    words: count = 0,
  } = passage?.features ?? {};
  const findMaximum = (name: string) =>
    Math.max(...passages.map(({ features }) => features[name] ?? -Infinity));
  return {
    ...(relevance !== undefined && { relevance, bestRelevance: findMaximum('relevance') }),
    ...(margin !== undefined && { margin, bestMargin: findMaximum('margin') }),
    ...(cosine !== undefined && { cosine, bestCosine: findMaximum('cosine'), ...standOut(passages, at) }),
    ...(window !== undefined && { window, ...ahead(passages, at, 'window') }),
    ...(similar !== undefined && { bestSimilar: similar, ...ahead(passages, at, 'similar') }),
    ...pick(chosen.features, [
      'similar',
      'similarBelowBest',
      'begin',
      'beginBelowBest',
      'headingLike',
      'defines',
    ]),
    passage: clamp(passage?.logOdds ?? -8, 8),
    ahead: clamp((passage?.logOdds ?? 0) - Math.max(-8, ...others), 8),
    unit: clamp(chosen.logOdds, 8),
    own: chosen.features['own'] ?? 0,
    inContext: chosen.features['inContext'] ?? 0,
    unitTyped: chosen.features['typed'] ?? 0,
    text,
    about,
    both: coverage(evidence, held),
    bestUnit,
    adjacency,
    typed,
    heading,
    missing: maximum(missing),
    missingExact,
    missingShare: missed / Math.max(1, missing.length),
    foreign,
    ...(cosine !== undefined && { foreignCosine: foreign * cosine }),
    words: count,
  };
}
