import type { Matched } from './candidate.js';
import { occurrences, type QueryPlan } from './query-plan.js';

const reach = 8;
const share = 0.1;
/** Words of a question with one stem: more of them than this would only be pairs of each other. */
const maxAlike = 2;

/**
 * Score for words of the question that are close together in the chunk, added to its BM25: for each pair, at
 * its closest place, the weight of the lighter word divided by the square of the distance. Pairs more than
 * eight words apart add nothing.
 */
export function proximity(plan: QueryPlan, chunk: Matched): number {
  const alike = new Map<number[], number>();
  const isOneTooMany = (found: number[]): boolean => {
    const count = (alike.get(found) ?? 0) + 1;
    alike.set(found, count);
    return count > maxAlike;
  };
  const places = plan.words
    .flatMap((word, which) => {
      const found = word.df > 0 ? occurrences(word, chunk).places : [];
      return isOneTooMany(found) ? [] : found.map((at) => ({ at, which, weight: word.weight }));
    })
    .sort((left, right) => left.at - right.at);
  const closest = new Map<number, number>();
  for (const [index, { at, which, weight }] of places.entries()) {
    for (let next = index + 1; next < places.length; next++) {
      const other = places[next];
      if (!other || other.at - at > reach) break;
      if (other.which === which || other.at === at) continue;
      const pair = Math.min(which, other.which) * plan.words.length + Math.max(which, other.which);
      const worth = Math.min(weight, other.weight) / (other.at - at) ** 2;
      closest.set(pair, Math.max(closest.get(pair) ?? 0, worth));
    }
  }
  return share * [...closest.values()].reduce((sum, worth) => sum + worth, 0);
}
