import { analyze } from '../../../common/text/analyzer.js';
import type { Asked } from './asked.js';
import type { Span } from './blocks.js';
import { coverage, coverageInContext, joined, type Evidence, type UnitEvidence } from './evidence.js';
import { answerFeatures, bestOf, passageFeatures, unitFeatures, type Signals } from './features.js';
import { grow } from './growth.js';
import type { Unit } from './units.js';
import { logit, type Features, type Regression } from './regression.js';

/** The three regressions that belong together: for what signals they were made is in their features. */
export interface Judges {
  /** Whether a source answers. */
  passage: Regression;
  /** Whether a unit is the answer. */
  unit: Regression;
  /** Whether the question is answered at all, by the best source and unit. */
  answer: Regression;
}

export interface JudgedPassage {
  logOdds: number;
  features: Features;
}
export interface JudgedUnit {
  evidence: UnitEvidence;
  logOdds: number;
  features: Features;
}

/** Everything that the finder thinks of a question and its sources. */
export interface Judgement {
  evidence: Evidence;
  /** By the sources' places. */
  passages: JudgedPassage[];
  /** Places of the sources, best first. */
  order: number[];
  /** Best first. */
  units: JudgedUnit[];
  /** Log odds that the best unit answers the question; −∞ without any unit. */
  answered: number;
  answer: Features;
}

/** Units of so many of the best sources may be the answer. */
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
  const best = bestOf(signals);
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
  return {
    evidence,
    passages,
    order,
    units,
    answered: units[0] ? logit(judges.answer, answer) + exactSupport(evidence, units[0]) : -Infinity,
    answer,
  };
}

/** Log odds for a unit that names what is asked for exactly. */
const exactBonus = 1;
/** Of the weight of a word that nothing holds: a date or code that counts as much is held by a few units only. */
const rareShare = 0.7;
const isExact = (word: string): boolean =>
  word.length >= 4 && /\p{N}/u.test(word) && !/^(?:19|20)\d\d$/u.test(word);

/** The models compare how things are spelt; whether a date, a code or the name of a field is the same one, the normalised words know better. */
const exactSupport = (evidence: Evidence, chosen: JudgedUnit): number =>
  isAtExactThing(evidence, chosen) || isFieldAsked(evidence, chosen) ? exactBonus : 0;

/** Whether the unit stands at the very date or code of the question and holds its other words too. */
function isAtExactThing(evidence: Evidence, { evidence: { own, context } }: JudgedUnit): boolean {
  const words = evidence.asked.termsIn(evidence.asked.language);
  const most = rareShare * evidence.unheld;
  const named = words.some((word, at) => isExact(word) && (evidence.weights[at] ?? 0) >= most);
  return named && words.length > 1 && coverage(evidence, joined(own, context)) > 0.99;
}

/** Whether the unit is `key: value`, and the key is what is asked for, no word more or less. */
function isFieldAsked({ asked }: Evidence, { evidence: { unit }, features }: JudgedUnit): boolean {
  const [, key = '', value = ''] = /^([^:\n]{1,80}):\s+(\S[^\n]{0,200})$/u.exec(unit.text.trim()) ?? [];
  if (value === '' || features['typed'] === -1) return false;
  const words = asked.termsIn(asked.language);
  const terms = asked.read(key, asked.language);
  return words.every((word) => terms.includes(word)) && terms.every((term) => words.includes(term));
}

const noSignals = (place: number): Signals => ({ place, cosine: null, reading: null });

function judgeUnits(
  evidence: Evidence,
  searched: number[],
  passages: JudgedPassage[],
  signals: Signals[],
  judges: Judges,
): JudgedUnit[] {
  const all = searched.flatMap((at) => evidence.sources[at]?.units ?? []);
  const most = all.reduce((found, unit) => Math.max(found, coverageInContext(evidence, unit)), 0);
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
      return { evidence: found, features, logOdds: logit(judges.unit, features) };
    })
    .sort((left, right) => right.logOdds - left.logOdds);
}

/** Of the question's weight, what a heading holds that asks the same. */
const sameQuestion = 0.9;

/** What is shown for a unit: it grown to what a person would mark. */
export function spansOf(evidence: Evidence, { unit, source, heading }: UnitEvidence): Span[] {
  const text = evidence.sources[source]?.text;
  if (!text) return [];
  const { asked, weights } = evidence;
  const sameHeading = weights.length > 1 && coverage(evidence, heading) >= sameQuestion;
  return grow(text, unit, asked.wants, {
    sameHeading,
    keyAsked: unit.keys !== undefined && asksKey(unit, asked),
  });
}

function asksKey({ text }: Unit, { language, termsIn }: Asked): boolean {
  const asked = new Set(termsIn(language));
  return analyze(text.slice(0, text.indexOf(':')), language).terms.some((term) => asked.has(term));
}

/** What a second unit must add to the question's words to join the first. */
const minAdded = 0.2;
/** So many of the best units are looked at for the other half. */
const maxLookedAt = 80;

/** @param taken parts of the first unit's source that are in the answer already. @returns the unit for the other half of a question with two parts; null where the first says all */
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
