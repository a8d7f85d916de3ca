import type { PagePiece } from '../../shared/placed-text.js';
import { joinWords, type Segment } from '../text/lines.js';
import type { Rule } from './rules.js';

/** Points by which titles may miss an edge or the middle of their columns. */
export const maxMiss = 3;
/** The same for titles over several columns, as a share of their width. */
const maxMissShare = 0.08;
/** Share of a title that stands between the strips beside a column, so that it is not one of several columns. */
const minInside = 0.85;
/** A column, or several ones below one title. */
export interface Unit {
  first: number;
  last: number;
  left: number;
  right: number;
  /** The middles of the strips on both sides. */
  from: number;
  to: number;
  /** Lines of its title, from the lowest one up. */
  lines: PagePiece[][];
}

/** A title that stands over several units. */
interface Group {
  phrase: Segment;
  first: number;
  last: number;
}

/** How far a title misses the nearest of the edges and the middle of a unit. */
export const missOf = (phrase: Extent, unit: Extent): number =>
  Math.min(
    Math.abs(phrase.left - unit.left),
    Math.abs(phrase.right - unit.right),
    missOfMiddle(phrase, unit),
  );

/** From left to right. */
export type Extent = Pick<Segment, 'left' | 'right'>;

const missOfMiddle = (phrase: Extent, unit: Extent): number =>
  Math.abs(phrase.left + phrase.right - unit.left - unit.right) / 2;

export const overlap = (phrase: Extent, unit: Extent): number =>
  Math.min(phrase.right, unit.right) - Math.max(phrase.left, unit.left);

/** The extent of a run of units. */
function span(units: readonly Unit[], first: number, last: number): Extent {
  const own = units.slice(first, last + 1);
  return {
    left: Math.min(...own.map(({ left }) => left)),
    right: Math.max(...own.map(({ right }) => right)),
  };
}

/** The units of a line that has one title for each of them, perhaps but for the first. */
export function oneForEach(phrases: readonly Segment[], units: readonly Unit[]): Unit[] | null {
  const own = units.slice(units.length - phrases.length);
  const fits =
    own.length === phrases.length &&
    units.length - own.length <= 1 &&
    phrases.every((phrase, at) => {
      const [before, after] = [own[at - 1] ?? units[units.length - own.length - 1], own[at + 1]];
      return phrase.right > (before?.right ?? -Infinity) && phrase.left < (after?.left ?? Infinity);
    });
  return fits ? own : null;
}

export function findGroups(
  phrases: readonly Segment[],
  units: readonly Unit[],
  rules: readonly Rule[],
  stack: readonly Segment[],
): Group[] {
  const ruled = ruledGroups(phrases, units, rules);
  if (ruled.length > 0) return ruled;
  const equal = equalGroups(phrases, units);
  if (equal.length > 0) return equal;
  return phrases.flatMap((phrase, at) =>
    endsTitleOfOne(phrase, units, stack) ? [] : (widestGroup(phrase, at, phrases, units) ?? []),
  );
}

/** Titles with a rule of their own below them. */
function ruledGroups(phrases: readonly Segment[], units: readonly Unit[], rules: readonly Rule[]): Group[] {
  return phrases.flatMap((phrase) => {
    const own = rules.filter(({ from, to }) => from <= phrase.left + maxMiss && to >= phrase.right - maxMiss);
    const [rule] = own;
    if (!rule || own.length > 1) return [];
    const covered = units.flatMap(({ left, right }, at) =>
      left + right > rule.from * 2 && left + right < rule.to * 2 ? [at] : [],
    );
    const [first, last] = [covered[0] ?? 0, covered.at(-1) ?? 0];
    const others = phrases.some(
      (other) => other !== phrase && other.left < rule.to && other.right > rule.from,
    );
    return first > 0 && last > first && !others ? [{ phrase, first, last }] : [];
  });
}

/** Titles over runs of equally many units, where those below repeat their titles or each stands in the middle. */
function equalGroups(phrases: readonly Segment[], units: readonly Unit[]): Group[] {
  for (let count = phrases.length; count >= 2; count -= 1)
    for (let from = 0; from + count <= phrases.length; from += 1) {
      const own = phrases.slice(from, from + count);
      for (let size = 2; size * count <= units.length; size += 1)
        for (let start = 0; start + size * count <= units.length; start += 1) {
          const groups = own.map((phrase, at) => ({
            phrase,
            first: start + at * size,
            last: start + (at + 1) * size - 1,
          }));
          const others = phrases.filter((phrase) => !own.includes(phrase));
          if (fits(groups, others, units)) return groups;
        }
    }
  return [];
}

function fits(groups: readonly Group[], others: readonly Segment[], units: readonly Unit[]): boolean {
  const [start, end] = [groups[0]?.first ?? 0, groups.at(-1)?.last ?? 0];
  const isWithin = groups.every(({ phrase, first, last }) => {
    const [before, after] = [units[first - 1], units[last + 1]];
    return (
      phrase.left > (before?.right ?? -Infinity) &&
      phrase.right < (after?.left ?? Infinity) &&
      overlap(phrase, span(units, first, last)) > 0
    );
  });
  if (!isWithin) return false;
  const whole = span(units, start, end);
  if (others.some((phrase) => overlap(phrase, whole) > 0)) return false;
  return repeatTitles(groups, units) || areCentred(groups, units);
}

function repeatTitles(groups: readonly Group[], units: readonly Unit[]): boolean {
  const texts = groups.map(({ phrase }) => joinWords(phrase.words));
  const below = groups.map(({ first, last }) => units.slice(first, last + 1).map(titleOf));
  const [model = []] = below;
  return (
    // equal ones begin the titles of single columns, as in `Number of units`
    new Set(texts).size > 1 &&
    model.every((title) => title !== '') &&
    new Set(model).size === model.length &&
    below.every((titles) => titles.every((title, at) => title === model[at])) &&
    !groups.every((group) => isTitleOfOne(group, units))
  );
}

/** True for a title in the middle of one unit that is not the middle one of its run. */
const isTitleOfOne = ({ phrase, first, last }: Group, units: readonly Unit[]): boolean =>
  units
    .slice(first, last + 1)
    .some((unit, at) => missOfMiddle(phrase, unit) <= maxMiss / 2 && at * 2 !== last - first);

const titleOf = ({ lines }: Unit): string => joinWords([...lines].reverse().flat());

function areCentred(groups: readonly Group[], units: readonly Unit[]): boolean {
  const areOfOne = groups.every(({ phrase, first, last }) =>
    units.slice(first, last + 1).some((unit) => overlap(phrase, unit) > 0 && missOf(phrase, unit) <= maxMiss),
  );
  return !areOfOne && groups.every(({ phrase, first, last }) => isCentred(phrase, span(units, first, last)));
}

const isCentred = (phrase: Extent, whole: Extent): boolean =>
  missOfMiddle(phrase, whole) <= maxMiss + (whole.right - whole.left) * maxMissShare;

/** True if lines near a title that share an edge with it stand over one unit alone. */
function endsTitleOfOne(phrase: Segment, units: readonly Unit[], stack: readonly Segment[]): boolean {
  const own = stack.filter((other) => overlap(phrase, other) > 0 && missOf(phrase, other) <= maxMiss / 2);
  const extent = {
    left: Math.min(phrase.left, ...own.map(({ left }) => left)),
    right: Math.max(phrase.right, ...own.map(({ right }) => right)),
  };
  return own.length > 0 && units.filter((unit) => overlap(extent, unit) > 2).length === 1;
}

/** True for a title that hardly leaves the place of one unit. */
const standsIn = ({ left, right }: Extent, { from, to }: Unit): boolean =>
  Math.min(right, to) - Math.max(left, from) >= (right - left) * minInside;

/** The units below a title that stands over several of them, or between two. */
function widestGroup(
  phrase: Segment,
  at: number,
  phrases: readonly Segment[],
  units: readonly Unit[],
): Group | null {
  const over = units.flatMap((unit, index) => (overlap(phrase, unit) > 2 ? [index] : []));
  const [first, last] = [over[0], over.at(-1)];
  const [before, after] = [phrases[at - 1], phrases[at + 1]];
  const only = over.length === 1 ? units[over[0] ?? 0] : undefined;
  if (only && missOf(phrase, only) <= maxMiss) return null;
  if (units.some((unit) => standsIn(phrase, unit))) return null;
  let [best, least]: [Group | null, number] = [null, Infinity];
  for (let from = 1; from < units.length; from += 1)
    for (let to = from + 1; to < units.length; to += 1) {
      if (first !== undefined && last !== undefined && (from > first || to < last)) continue;
      const whole = span(units, from, to);
      if (before && overlap(before, whole) > 0) continue;
      if (after && overlap(after, whole) > 0) break;
      const miss = missOfMiddle(phrase, whole);
      if (miss < least && isCentred(phrase, whole)) [best, least] = [{ phrase, first: from, last: to }, miss];
    }
  if (best) return best;
  return first !== undefined && last !== undefined && last > first ? { phrase, first, last } : null;
}

export function withGroups(units: readonly Unit[], groups: readonly Group[]): Unit[] {
  return units.flatMap((unit, at): Unit[] => {
    const group = groups.find(({ first, last }) => first <= at && at <= last);
    if (!group) return [unit];
    if (group.first !== at) return [];
    const own = units.slice(group.first, group.last + 1);
    return [
      {
        first: unit.first,
        last: own.at(-1)?.last ?? unit.last,
        from: unit.from,
        to: own.at(-1)?.to ?? unit.to,
        ...span(units, group.first, group.last),
        lines: [],
      },
    ];
  });
}
