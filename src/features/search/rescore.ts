import { isUnspaced } from '../../common/text/segmentation.js';
import { fold } from '../../common/text/stemming.js';

interface GramSizes {
  shortest: number;
  longest: number;
  /** Share of each size. */
  weight: number;
}

// Longer grams reward phrases, shorter ones forgive inflection and typing errors: together they beat each alone (docs/retrieval.md).
const spaced: GramSizes = { shortest: 3, longest: 6, weight: 0.08 };
const unspaced: GramSizes = { shortest: 2, longest: 4, weight: 0.2 };
const k1 = 1.2;
const b = 0.75;
const multiplier = 0x01000193;
const sieveBits = 0xffff;

/** Code units of the text as it is compared: letters and digits, folded, single spaces between and around. */
function plain(text: string): string {
  const words = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim();
  return ` ${fold(words)} `;
}

/** Calls back with a number for each gram of every size; equal grams have equal numbers. */
function eachGram(text: string, { shortest, longest }: GramSizes, visit: (gram: number) => void): void {
  for (let start = 0; start + shortest <= text.length; start++) {
    let gram = 0;
    for (let offset = 0; offset < longest && start + offset < text.length; offset++) {
      gram = Math.imul(gram, multiplier) + text.charCodeAt(start + offset) + 1;
      if (offset + 1 >= shortest) visit((Math.imul(gram, 0x9e3779b1) ^ (gram >>> 15)) + offset);
    }
  }
}

/**
 * BM25 over character grams of 3 to 6 (2 to 4 where the question has no spaces between words), idf from the pool itself: what to add to the
 * BM25 of words. Lifts near misses that share parts of words or whole phrases with the question.
 * @returns one number for each of `texts`, at least 0
 */
export function gramScores(question: string, texts: string[]): number[] {
  const sizes = isUnspaced(question) ? unspaced : spaced;
  const places = new Map<number, number>();
  const counts: number[] = [];
  const sieve = new Uint8Array(sieveBits + 1);
  eachGram(plain(question), sizes, (gram) => {
    const place = places.get(gram);
    if (place !== undefined) counts[place] = (counts[place] ?? 0) + 1;
    else {
      places.set(gram, counts.length);
      counts.push(1);
      sieve[gram & sieveBits] = 1;
    }
  });
  const pool = texts.map((text) => {
    const found = new Map<number, number>();
    const normal = plain(text);
    eachGram(normal, sizes, (gram) => {
      if (sieve[gram & sieveBits] === 0) return;
      const place = places.get(gram);
      if (place !== undefined) found.set(place, (found.get(place) ?? 0) + 1);
    });
    return { found, length: normal.length };
  });
  const average = pool.reduce((sum, { length }) => sum + length, 0) / Math.max(1, pool.length);
  const dfs = counts.map(() => 0);
  for (const { found } of pool) for (const place of found.keys()) dfs[place] = (dfs[place] ?? 0) + 1;
  const idf = dfs.map((df) => Math.log(1 + (pool.length - df + 0.5) / (df + 0.5)));
  return pool.map(({ found, length }) => {
    let score = 0;
    for (const [place, count] of found) {
      score +=
        (counts[place] ?? 0) * (idf[place] ?? 0) * (count / (count + k1 * (1 - b + (b * length) / average)));
    }
    return sizes.weight * score;
  });
}
