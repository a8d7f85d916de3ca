import type { Matched } from './candidate.js';
import { listOccurrences, type Occurrences, type QueryPlan } from './query-plan.js';

const reach = 8;
const share = 0.1;
/** Words of a question with one stem: more of them than this would only be pairs of each other. */
const maxAlike = 2;

/** Places of known words as one number each, `place · words + word`, in ascending order. */
function listPlaces({ words }: QueryPlan, found: Occurrences[]): Float64Array {
  const alike = new Map<number[], number>();
  const all: number[] = [];
  for (const [which, word] of words.entries()) {
    const places = word.df > 0 ? (found[which]?.places ?? []) : [];
    if (places.length === 0) continue;
    const count = (alike.get(places) ?? 0) + 1;
    alike.set(places, count);
    if (count <= maxAlike) for (const place of places) all.push(place * words.length + which);
  }
  return Float64Array.from(all).sort();
}

/**
 * Score for words of the question that are close together in the chunk, added to its BM25: for each pair, at
 * its closest place, the weight of the lighter word divided by the square of the distance. Pairs more than
 * eight words apart add nothing.
 * @param found occurrences of the words in the chunk
 */
export function proximity(
  plan: QueryPlan,
  chunk: Matched,
  found: Occurrences[] = listOccurrences(plan, chunk),
): number {
  const { words } = plan;
  const places = listPlaces(plan, found);
  const closest = new Map<number, number>();
  for (let index = 0; index < places.length; index++) {
    const which = (places[index] as number) % words.length;
    const at = ((places[index] as number) - which) / words.length;
    for (let next = index + 1; next < places.length; next++) {
      const other = (places[next] as number) % words.length;
      const distance = ((places[next] as number) - other) / words.length - at;
      if (distance > reach) break;
      if (other === which || distance === 0) continue;
      const pair = Math.min(which, other) * words.length + Math.max(which, other);
      const worth = Math.min(words[which]?.weight ?? 0, words[other]?.weight ?? 0) / distance ** 2;
      closest.set(pair, Math.max(closest.get(pair) ?? 0, worth));
    }
  }
  let sum = 0;
  for (const worth of closest.values()) sum += worth;
  return share * sum;
}
