import type { NeighbouringChunk } from '../../platform/database/functions.js';
import { joined } from '../search/neighbours.js';
import type { SearchHit } from '../search/search.service.js';

/** Chunks before and after a hit that may belong to its section. */
export const sectionReach = 4;
/** Characters up to which a section is taken as a whole, and up to which a list or a table is that goes on in the next chunk. */
const maxSection = 3000;
const maxGoingOn = 6000;

const listOrRow = /^\s*(?:[-*+•]\s|\d{1,3}[.)]\s|\|)/u;

const makeKey = ({ document_id, version, ordinal }: Place): string => `${document_id} ${version} ${ordinal}`;
interface Place {
  document_id: string;
  version: number;
  ordinal: number;
}

const firstLine = (text: string): string => text.trimStart().split('\n', 1)[0] ?? '';
const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';
/** Whether a list or a table goes on from one text to the next. */
const goesOn = (before: NeighbouringChunk, after: NeighbouringChunk): boolean =>
  listOrRow.test(lastLine(before.content)) && listOrRow.test(firstLine(after.content));

const measureLength = (run: NeighbouringChunk[]): number =>
  run.reduce((sum, { content }) => sum + content.length, 0);

/** What joins a run of chunks at one of its ends, where that belongs to the same section. */
function findNext(run: NeighbouringChunk[], near: NeighbouringChunk | undefined, isBefore: boolean) {
  const edge = isBefore ? run[0] : run.at(-1);
  if (!near || !edge || near.heading !== edge.heading) return null;
  const most = (isBefore ? goesOn(near, edge) : goesOn(edge, near)) ? maxGoingOn : maxSection;
  return measureLength(run) + near.content.length <= most ? near : null;
}

/**
 * Hits widened to the sections in which they stand, as far as these are short. Text that is a hit itself is taken by that hit only, and
 * what two hits could both take is taken by the first.
 * @param chunks the hits and what stands around them
 */
export function withSections(hits: SearchHit[], chunks: NeighbouringChunk[]): SearchHit[] {
  const places = new Map(chunks.map((chunk) => [makeKey(chunk), chunk]));
  const taken = new Set(hits.map(makeKey));
  const free = (place: Place, ordinal: number) => {
    const key = makeKey({ ...place, ordinal });
    return taken.has(key) ? undefined : places.get(key);
  };
  return hits.map((hit) => {
    const own = places.get(makeKey(hit));
    if (!own || hit.merged) return hit;
    const run = [own];
    for (let isGrowing = true; isGrowing;) {
      const after = findNext(run, free(hit, (run.at(-1)?.ordinal ?? 0) + 1), false);
      if (after) run.push(after);
      const before = findNext(run, free(hit, (run[0]?.ordinal ?? 0) - 1), true);
      if (before) run.unshift(before);
      isGrowing = after !== null || before !== null;
    }
    if (run.length === 1) return hit;
    for (const chunk of run) taken.add(makeKey(chunk));
    const merged = run.map(({ ordinal, content, page }) => ({ ordinal, content, page }));
    return { ...hit, content: joined(run), merged };
  });
}
