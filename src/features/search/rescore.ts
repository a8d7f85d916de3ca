import { isUnspaced } from '../../common/text/segmentation.js';
import { GramTree, type GramSizes, type GramText } from './gram-tree.js';

interface WeighedSizes extends GramSizes {
  /** Share of each size. */
  weight: number;
}

// Longer grams reward phrases, shorter ones forgive inflection and typing
// errors: together they beat each alone (docs/benchmarks/retrieval.md).
const spaced: WeighedSizes = { shortest: 3, longest: 6, weight: 0.08 };
const unspaced: WeighedSizes = { shortest: 2, longest: 4, weight: 0.2 };
const k1 = 1.2;
const b = 0.75;

/** BM25's idf of each node, from the texts themselves. */
function rarities(found: Uint16Array, texts: number, nodes: number): Float64Array {
  const idf = new Float64Array(nodes);
  for (let from = 0; from < found.length; from += nodes)
    for (let node = 1; node < nodes; node++)
      if (found[from + node] !== 0) idf[node] = (idf[node] as number) + 1;
  for (let node = 1; node < nodes; node++) {
    const df = idf[node] as number;
    idf[node] = Math.log(1 + (texts - df + 0.5) / (df + 0.5));
  }
  return idf;
}

/**
 * BM25 over character grams of 3 to 6 (2 to 4 for questions without spaces between words), with idf from the
 * pool itself, to be added to the BM25 of words. Lifts near misses that share parts of words or whole phrases
 * with the question.
 * @returns one number for each of `texts`, at least 0
 */
export function gramScores(question: string, texts: readonly GramText[]): number[] {
  const sizes = isUnspaced(question) ? unspaced : spaced;
  const tree = new GramTree(question, sizes);
  const { nodes, counts } = tree;
  const { found, lengths } = tree.countIn(texts);
  const average = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, texts.length);
  const idf = rarities(found, texts.length, nodes);
  return lengths.map((length, index) => {
    const norm = k1 * (1 - b + (b * length) / average);
    let score = 0;
    for (let node = 1; node < nodes; node++) {
      const count = found[index * nodes + node] as number;
      if (count > 0) score += (counts[node] as number) * (idf[node] as number) * (count / (count + norm));
    }
    return sizes.weight * score;
  });
}
