import { analyze } from '../../../common/text/analyzer.js';
import type { Asked } from './asked.js';
import type { Span } from './blocks.js';
import { otherDays } from './dates.js';
import { coverage, coverageInContext, joined, type Evidence, type UnitEvidence } from './evidence.js';
import { answerFeatures, pickBest, passageFeatures, unitFeatures, type Signals } from './features.js';
import { grow } from './growth.js';
import type { Unit } from './units.js';
import { codeMatcher } from '../../search/exact-things.js';
import { logit, type Features, type Regression } from './regression.js';

/** The three regressions that belong together: for what signals they were made is in their features. */
export interface Judges {
  /** Judges whether a source answers. */
  passage: Regression;
  /** Judges whether a unit is the answer. */
  unit: Regression;
  /** Judges from the best source and unit whether the question is answered at all. */
  answer: Regression;
  /** The same where few chunks were searched: an invoice or a letter has few of the sentences of a manual. */
  few: Regression;
}

export interface JudgedPassage {
  logOdds: number;
  features: Features;
}
export interface JudgedUnit {
  evidence: UnitEvidence;
  logOdds: number;
  features: Features;
  /** True when it is about another code, number or day than the question. */
  isOfAnother?: boolean;
}

/** Everything that the finder thinks of a question and its sources. */
export interface Judgement {
  evidence: Evidence;
  /** In the order of the sources. */
  passages: JudgedPassage[];
  /** Places of the sources, best first. */
  order: number[];
  /** Best first. */
  units: JudgedUnit[];
  /** Log odds that the best unit answers the question; −∞ without any unit. */
  answered: number;
  /** The same where few chunks were searched. */
  answeredFromFew: number;
  answer: Features;
}

/** Only units of this many of the best sources may be the answer. */
const maxSourcesSearched = 3;

/**
 * @param signals one for each source of the evidence
 * @param mayHold whether units of the source at a place may be the answer
 */
export function judge(
  evidence: Evidence,
  signals: Signals[],
  judges: Judges,
  mayHold: (place: number, rank: number) => boolean = () => true,
): Judgement {
  const best = pickBest(signals);
  const passages = evidence.sources.map((_, at): JudgedPassage => {
    const features = passageFeatures(evidence, at, signals[at] ?? noSignals(at), best);
    return { features, logOdds: logit(judges.passage, features) };
  });
  const order = passages
    .map((_, at) => at)
    .sort((left, right) => (passages[right]?.logOdds ?? 0) - (passages[left]?.logOdds ?? 0) || left - right);
  const searched = order.filter(mayHold).slice(0, maxSourcesSearched);
  const units = judgeUnits(evidence, searched, passages, signals, judges);
  const answer = units[0] ? answerFeatures(evidence, units[0], passages, searched) : {};
  const support = units[0] ? exactSupport(evidence, units[0]) : -Infinity;
  return {
    evidence,
    passages,
    order,
    units,
    answered: logit(judges.answer, answer) + support,
    answeredFromFew: logit(judges.few, answer) + support,
    answer,
  };
}

/** Log odds for a unit that names the requested date or code exactly. */
const exactBonus = 1;
/** The same for a field of exactly the requested name: a form is no text as the models know it. */
const fieldBonus = 2;
/** Share of the weight of an unknown word: a date or code with that much weight occurs in few units. */
const rareShare = 0.7;
const isExact = (word: string): boolean =>
  word.length >= 4 && /\p{N}/u.test(word) && !/^(?:19|20)\d\d$/u.test(word);

/**
 * The models compare how things are spelt; whether a date, a code or the
 * name of a field is the same one, the normalised words know better.
 */
function exactSupport(evidence: Evidence, chosen: JudgedUnit): number {
  if (chosen.isOfAnother) return -anotherPenalty;
  if (isFieldAsked(evidence, chosen)) return fieldBonus;
  return isAtExactThing(evidence, chosen) ? exactBonus : 0;
}

/** True when the unit contains the exact date or code of the question, and its other words too. */
function isAtExactThing(evidence: Evidence, { evidence: { own, context } }: JudgedUnit): boolean {
  const words = evidence.asked.termsIn(evidence.asked.language);
  const most = rareShare * evidence.unheld;
  const named = words.some((word, at) => isExact(word) && (evidence.weights[at] ?? 0) >= most);
  return named && words.length > 1 && coverage(evidence, joined(own, context)) > 0.99;
}

/** True when the unit is `key: value` and the key is exactly the requested thing. */
function isFieldAsked({ asked }: Evidence, { evidence: { unit }, features }: JudgedUnit): boolean {
  const [, key = '', value = ''] = /^([^:\n]{1,80}):\s+(\S[^\n]{0,200})$/u.exec(unit.text.trim()) ?? [];
  if (value === '' || features['typed'] === -1) return false;
  const words = asked.termsIn(asked.language);
  const terms = asked.read(key, asked.language);
  return words.every((word) => terms.includes(word)) && terms.every((term) => words.includes(term));
}

const noSignals = (place: number): Signals => ({
  place,
  cosine: null,
  window: null,
  reading: null,
  similar: null,
});

/** Log odds that a unit loses which names another thing than the question: error E20 where E12 is asked for. */
const anotherPenalty = 4;
const isNumber = /^\p{N}{2,}$/u;

/**
 * Finds units about another code or day than the asked one, and rows without a code or number that cells of
 * other rows are.
 */
function anotherFinder(
  { asked, sources }: Evidence,
  units: UnitEvidence[],
): (found: UnitEvidence) => boolean {
  const matchCodes = codeMatcher(asked.codes);
  const isOtherDay = otherDays(asked.text);
  const numbers = new Set(asked.termsIn(null).filter((term) => isNumber.test(term)));
  const holdsNumber = ({ unit: { cells = [] } }: UnitEvidence): boolean =>
    cells.some((cell) => {
      const [only, ...others] = asked.read(cell.slice(0, 40), null);
      return only !== undefined && others.length === 0 && numbers.has(only);
    });
  const holdsCode = ({ unit }: UnitEvidence): boolean =>
    unit.kind === 'row' && matchCodes(unit.text).holds.includes(true);
  const coded = new Set(asked.codes.length > 0 ? units.filter(holdsCode) : []);
  const named = numbers.size > 0 && coded.size === 0 ? new Set(units.filter(holdsNumber)) : coded;
  return (found) =>
    matchCodes(found.unit.text).isOfAnother ||
    (found.unit.kind === 'row' && named.size > 0 && !named.has(found)) ||
    isOtherDay(found.unit.heading ?? sources[found.source]?.name ?? '');
}

function judgeUnits(
  evidence: Evidence,
  searched: number[],
  passages: JudgedPassage[],
  signals: Signals[],
  judges: Judges,
): JudgedUnit[] {
  const all = searched.flatMap((at) => evidence.sources[at]?.units ?? []);
  const most = {
    coverage: all.reduce((found, unit) => Math.max(found, coverageInContext(evidence, unit)), 0),
    similar: pickBest(searched.flatMap((at) => signals[at] ?? [])).similar,
  };
  const isAboutAnother = anotherFinder(evidence, all);
  return all
    .map((found): JudgedUnit => {
      const { source } = found;
      const features = unitFeatures(
        evidence,
        found,
        signals[source] ?? noSignals(source),
        passages[source]?.logOdds ?? 0,
        most,
      );
      const isOfAnother = isAboutAnother(found);
      const repeats = evidence.asked.isRepeated?.(found.unit.text) === true;
      const logOdds = logit(judges.unit, features) - (isOfAnother || repeats ? anotherPenalty : 0);
      return { evidence: found, features, logOdds, isOfAnother };
    })
    .sort((left, right) => right.logOdds - left.logOdds);
}

/** A heading that covers this share of the question's weight asks the same question. */
const sameQuestion = 0.9;
const maxShortParagraph = 200;

/**
 * The spans shown for a unit: grown to the size that a person would mark.
 * @param isOnly true when no other unit gives a second half of the answer
 */
export function findSpans(
  evidence: Evidence,
  { unit, source, heading }: UnitEvidence,
  isOnly = false,
): Span[] {
  const { text, isSection = false } = evidence.sources[source] ?? {};
  if (!text) return [];
  const { asked, weights } = evidence;
  const sameHeading = weights.length > 1 && coverage(evidence, heading) >= sameQuestion;
  const block = text.blocks[unit.block];
  // both halves of a short paragraph are the answer, of a long one the sentence alone
  const isShort = block !== undefined && block.end - block.start <= maxShortParagraph;
  const wants = isOnly && isShort ? { ...asked.wants, twoParts: false } : asked.wants;
  return grow(text, unit, wants, {
    sameHeading,
    keyAsked: unit.keys !== undefined && asksKey(unit, asked),
    isOfAnother: isOfAnotherCode(asked),
    // beside the sentence about a code stand those about others, and of two answers each is short
    sectionWhole:
      (isSection || unit.heading !== null) && asked.codes.length === 0 && (isOnly || !asked.wants.twoParts),
  });
}

/** Sentences about other codes are no part of an answer about one. */
function isOfAnotherCode({ codes }: Asked): (text: string) => boolean {
  const match = codeMatcher(codes);
  return (text) => match(text).isOfAnother;
}

function asksKey({ text }: Unit, { language, termsIn }: Asked): boolean {
  const asked = new Set(termsIn(language));
  return analyze(text.slice(0, text.indexOf(':')), language).terms.some((term) => asked.has(term));
}

/** How much of the question's words a second unit must add to join the first. */
const minAdded = 0.2;
/** Number of best units that are searched for the second one. */
const maxLookedAt = 80;

/**
 * @param taken parts of the first unit's source that are in the answer already. @returns
 * the unit for the other half of a question with two parts; null where the first says all
 */
export function otherHalf({ units, evidence }: Judgement, taken: Span[]): JudgedUnit | null {
  const first = units[0];
  if (!first || !evidence.asked.wants.twoParts) return null;
  const { source } = first.evidence;
  const isTaken = ({ evidence: { unit, source: at } }: JudgedUnit): boolean =>
    at === source && taken.some(({ start, end }) => unit.start < end && unit.end > start);
  const same = units.filter(isTaken).map(({ evidence: { own } }) => own);
  const held = joined(first.evidence.own, first.evidence.context, ...same);
  const already = coverage(evidence, held);
  let found: { unit: JudgedUnit; gain: number } | null = null;
  for (const unit of units.slice(1, maxLookedAt)) {
    if (isTaken(unit)) continue;
    const { own, context } = unit.evidence;
    const added = coverage(evidence, joined(held, own, context)) - already;
    const gain = added + 0.05 * unit.logOdds;
    if (added >= minAdded && gain > (found?.gain ?? -Infinity)) found = { unit, gain };
  }
  return found?.unit ?? null;
}
