import { isUnspaced } from '../../common/text/segmentation.js';
import { plainUnits } from './plain-units.js';

interface GramSizes {
  shortest: number;
  longest: number;
  /** Share of each size. */
  weight: number;
}

// Longer grams reward phrases, shorter ones forgive inflection and typing errors: together they beat each alone (docs/benchmarks/retrieval.md).
const spaced: GramSizes = { shortest: 3, longest: 6, weight: 0.08 };
const unspaced: GramSizes = { shortest: 2, longest: 4, weight: 0.2 };
const k1 = 1.2;
const b = 0.75;

/** The grams of a question as a tree of their characters. Its nodes are numbered; 0 is the root and no node at once. */
class GramTree {
  /** By code unit: the place of its character among those of the question, from 1; 0 for all others. */
  private readonly places = new Uint8Array(0x10000);
  private readonly children: Uint16Array;
  private readonly width: number;
  /**
   * How often the gram of each node occurs in the question; 0 when a node is only the beginning of longer
   * ones.
   */
  readonly counts: Uint16Array;
  nodes = 1;

  constructor(
    question: Uint16Array,
    private readonly sizes: GramSizes,
  ) {
    const units = question.subarray(0, maxUnits);
    let characters = 0;
    for (const unit of units) {
      if (this.places[unit] === 0 && characters < 255) this.places[unit] = ++characters;
    }
    this.width = characters + 1;
    const most = Math.min(0xffff, units.length * sizes.longest + 1);
    this.children = new Uint16Array(most * this.width);
    this.counts = new Uint16Array(most);
    for (let start = 0; start < units.length; start++) this.add(units, start);
  }

  private add(units: Uint16Array, start: number): void {
    // a gram must be complete
    if (start + this.sizes.shortest > units.length) return;
    let node = 0;
    for (let size = 1; size <= this.sizes.longest && start + size <= units.length; size++) {
      const at = node * this.width + (this.places[units[start + size - 1] ?? 0] ?? 0);
      const child = this.children[at] || this.nodes;
      if (child >= this.counts.length) return;
      if (child === this.nodes) this.nodes++;
      this.children[at] = child;
      node = child;
      if (size >= this.sizes.shortest) this.counts[node] = (this.counts[node] ?? 0) + 1;
    }
  }

  /** Counts in `found`, by node, the grams of a text that the question has too. */
  countIn(text: Uint16Array, found: Uint16Array): void {
    const { places, children, width } = this;
    const { longest } = this.sizes;
    for (let start = 0; start < text.length; start++) {
      let node = 0;
      const end = Math.min(text.length, start + longest);
      for (let at = start; at < end; at++) {
        const place = places[text[at] ?? 0] ?? 0;
        if (place === 0) break;
        node = children[node * width + place] ?? 0;
        if (node === 0) break;
        found[node] = (found[node] ?? 0) + 1;
      }
    }
  }
}

/** Maximum units of a question: more would not help to compare passages, and the tree stays small. */
const maxUnits = 2000;

/**
 * BM25 over character grams of 3 to 6 (2 to 4 for questions without spaces between words), with idf from the
 * pool itself, to be added to the BM25 of words. Lifts near misses that share parts of words or whole phrases
 * with the question.
 * @returns one number for each of `texts`, at least 0
 */
export function gramScores(question: string, texts: string[]): number[] {
  const sizes = isUnspaced(question) ? unspaced : spaced;
  const tree = new GramTree(plainUnits(question), sizes);
  const { nodes, counts } = tree;
  const pool = texts.map((text) => {
    const units = plainUnits(text);
    const found = new Uint16Array(nodes);
    tree.countIn(units, found);
    return { found, length: units.length };
  });
  const average = pool.reduce((sum, { length }) => sum + length, 0) / Math.max(1, pool.length);
  const idf = new Float64Array(nodes);
  for (let node = 1; node < nodes; node++) {
    let df = 0;
    for (const { found } of pool) if (found[node]) df++;
    idf[node] = Math.log(1 + (pool.length - df + 0.5) / (df + 0.5));
  }
  return pool.map(({ found, length }) => {
    const norm = k1 * (1 - b + (b * length) / average);
    let score = 0;
    for (let node = 1; node < nodes; node++) {
      const count = found[node] ?? 0;
      if (count > 0) score += (counts[node] ?? 0) * (idf[node] ?? 0) * (count / (count + norm));
    }
    return sizes.weight * score;
  });
}
