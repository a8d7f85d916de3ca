import type { NeighbouringChunk } from '../../platform/database/functions.js';
import { joined } from '../search/neighbours.js';
import type { SearchHit } from '../search/search.service.js';

/** Chunks before and after a hit that may belong to its section. */
export const sectionReach = 4;
/**
 * Characters up to which a section is taken as a whole, and up
 * to which a list or a table is that goes on in the next chunk.
 */
const maxSection = 3000;
const maxGoingOn = 6000;

/** Characters up to which hits of one section become one result. */
const maxMerged = 1500;

const listOrRow = /^\s*(?:[-*+•]\s|\d{1,3}[.)]\s|\|)/u;

const makeKey = ({ document_id, version, ordinal }: Place): string => `${document_id} ${version} ${ordinal}`;
interface Place {
  document_id: string;
  version: number;
  ordinal: number;
}

const firstLine = (text: string): string => text.trimStart().split('\n', 1)[0] ?? '';
const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';
/** True when a list or a table goes on from one text to the next. */
const goesOn = (before: NeighbouringChunk, after: NeighbouringChunk): boolean =>
  listOrRow.test(lastLine(before.content)) && listOrRow.test(firstLine(after.content));

const measureLength = (run: NeighbouringChunk[]): number =>
  run.reduce((sum, { content }) => sum + content.length, 0);

/** Finds the chunks that join a run at one of its ends and belong to the same section. */
function findNext(run: NeighbouringChunk[], near: NeighbouringChunk | undefined, isBefore: boolean) {
  const edge = isBefore ? run[0] : run.at(-1);
  if (!near || !edge || near.heading !== edge.heading) return null;
  const most = (isBefore ? goesOn(near, edge) : goesOn(edge, near)) ? maxGoingOn : maxSection;
  return measureLength(run) + near.content.length <= most ? near : null;
}

/**
 * Hits widened to the sections in which they stand, as far as these are short. Text that is a hit itself is
 * taken by that hit only, and what two hits could both take is taken by the first.
 * @param chunks the hits and what stands around them
 */
export function withSections(hits: SearchHit[], chunks: NeighbouringChunk[]): SearchHit[] {
  const places = new Map(chunks.map((chunk) => [makeKey(chunk), chunk]));
  const taken = new Set(
    hits.flatMap((hit) => [hit, ...(hit.merged ?? [])].map(({ ordinal }) => makeKey({ ...hit, ordinal }))),
  );
  const free = (place: Place, ordinal: number) => {
    const key = makeKey({ ...place, ordinal });
    return taken.has(key) ? undefined : places.get(key);
  };
  return hits.map((hit) => {
    if (hit.merged && !hit.is_section) return hit;
    const run = (hit.merged ?? [hit]).flatMap(
      ({ ordinal }) => places.get(makeKey({ ...hit, ordinal })) ?? [],
    );
    if (run.length === 0) return hit;
    for (let isGrowing = true; isGrowing;) {
      const after = findNext(run, free(hit, (run.at(-1)?.ordinal ?? 0) + 1), false);
      if (after) run.push(after);
      const before = findNext(run, free(hit, (run[0]?.ordinal ?? 0) - 1), true);
      if (before) run.unshift(before);
      isGrowing = after !== null || before !== null;
    }
    if (run.length === 1) return hit;
    for (const chunk of run) taken.add(makeKey(chunk));
    return asOne(hit, run);
  });
}

/** Chunks behind a section among which its subsections are looked for. */
export const outlineReach = 40;
const minSubsections = 2;

/**
 * The names of a section's subsections as headings, one a line.
 * @param chunks those up to `outlineReach` places behind the hit
 * @returns null with fewer than two subsections, or where not all of them are among the chunks
 */
export function outlineBelow(section: SearchHit, chunks: NeighbouringChunk[]): string | null {
  const { heading, ordinal, merged } = section;
  if (heading === null) return null;
  const places = new Map(chunks.map((chunk) => [makeKey(chunk), chunk]));
  const names: string[] = [];
  const last = merged?.at(-1)?.ordinal ?? ordinal;
  for (let at = last + 1; at <= ordinal + outlineReach; at++) {
    const below = places.get(makeKey({ ...section, ordinal: at }))?.heading;
    if (!below?.startsWith(`${heading} > `))
      return names.length < minSubsections ? null : names.map((name) => `### ${name}`).join('\n');
    const [name = ''] = below.slice(heading.length + 3).split(' > ', 1);
    if (names.at(-1) !== name) names.push(name);
  }
  return null;
}

const asOne = (hit: SearchHit, run: NeighbouringChunk[]): SearchHit => ({
  ...hit,
  content: joined(run),
  merged: run.map(({ ordinal, content, page }) => ({ ordinal, content, page })),
});

/**
 * Hits that stand side by side in one section become one result: a section that is cut into chunks would fill
 * the results, and the sentence that answers is often in the chunk beside the one that was found.
 * @returns for each hit the place of the first of those with
 * which it is shown; its own place where it stands alone
 */
export function groupSections(hits: SearchHit[]): number[] {
  const inText = [...hits.keys()].sort((left, right) => {
    const [one, other] = [hits[left], hits[right]];
    if (!one || !other) return 0;
    if (one.document_id !== other.document_id) return one.document_id < other.document_id ? -1 : 1;
    return one.ordinal - other.ordinal || left - right;
  });
  const groups = [...hits.keys()];
  let open: number[] = [];
  for (const place of inText) {
    const [hit, before] = [hits[place], hits[open.at(-1) ?? -1]];
    const characters = open.reduce(
      (sum, at) => sum + (hits[at]?.content.length ?? 0),
      hit?.content.length ?? 0,
    );
    open = hit && before && follows(before, hit) && characters <= maxMerged ? [...open, place] : [place];
    const first = Math.min(...open);
    for (const at of open) groups[at] = first;
  }
  return groups;
}

const follows = (before: SearchHit, hit: SearchHit): boolean =>
  before.document_id === hit.document_id &&
  before.version === hit.version &&
  before.heading === hit.heading &&
  before.ordinal + 1 === hit.ordinal &&
  before.of_another === hit.of_another &&
  before.merged === undefined &&
  hit.merged === undefined;

/**
 * One result from the hits of a group, at the place of the best of them.
 * @param chunks theirs; a hit whose document has changed stays as it is
 */
export function joinHits(hit: SearchHit, members: SearchHit[], chunks: NeighbouringChunk[]): SearchHit {
  const places = new Map(chunks.map((chunk) => [makeKey(chunk), chunk]));
  const run = members.flatMap((member) => places.get(makeKey(member)) ?? []);
  if (run.length < members.length) return hit;
  run.sort((left, right) => left.ordinal - right.ordinal);
  return {
    ...asOne(hit, run),
    score: Math.max(...members.map(({ score }) => score)),
    margin: Math.max(...members.map(({ margin }) => margin)),
    is_section: true,
  };
}
