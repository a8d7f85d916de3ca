import type { QueryTerm, WeighedTerm } from '../../../platform/database/functions.js';
import type { Candidate } from '../candidate.js';
import type { Question, QueryWord } from '../query.js';
import type { QueryPlan, ScopeStats, WeighedTerms } from '../query-plan.js';
import { findCandidates, noTerms } from './candidates.js';
import type { IndexedSpace } from './rows.js';
import type { SetIndex } from './set-index.js';
import { makeTerm } from './words.js';

const noScores = { keyword: null, vector: null };

/** The indexes of a scope, as new as one search must see them. */
export class IndexView {
  /** @param allowed ids of the documents that the filter leaves; null without one */
  constructor(
    private readonly sets: SetIndex[],
    private readonly allowed: ReadonlySet<string> | null,
  ) {}

  /**
   * In how many chunks each term stands; null when a word may be misspelt, which takes the lexicon in the
   * database. A word of `question` that the documents know by the stem of their
   * own language is spelt right, whatever language the question seems to have.
   */
  weigh(terms: QueryTerm[], question?: Question): WeighedTerms | null {
    const weighed: WeighedTerm[] = [];
    for (const { term, fuzzy } of terms) {
      const df = this.frequency(term);
      if (df > 0) weighed.push({ term, source: term, df, similarity: 1 });
      else if (fuzzy && !this.isKnownOtherwise(term, question)) return null;
    }
    return { ...this.stats(), terms: weighed };
  }

  /** The space of the vectors that every set has; null without one. */
  get space(): IndexedSpace | null {
    const space = this.sets[0]?.space ?? null;
    return space && this.hasVectors(space.id) ? space : null;
  }

  /** True when each set has the vectors of this space. */
  hasVectors(space: number): boolean {
    return this.sets.every(({ vectors }) => vectors?.space === space);
  }

  /**
   * As `search_keyword`, `search_vector` or `search_hybrid` find
   * them: `limit` of each leg. @param plan null for the vector alone
   */
  candidates(plan: QueryPlan | null, vector: number[] | null, limit: number): Candidate[] {
    return findCandidates(this.sets, { words: plan, vector }, this.allowed, limit);
  }

  /** Texts of chunks that lie evenly in the sets, about `count` of them. */
  sampleTexts(count: number): string[] {
    return this.sets.flatMap((set) => {
      const chunks = set.chunksOf(null);
      const step = Math.ceil((chunks.length * this.sets.length) / count);
      const chosen = chunks.filter((_chunk, at) => at % step === 0);
      return Array.from(chosen, (chunk) => set.passage(chunk, noScores, noTerms).text.toString());
    });
  }

  /** Languages of the documents, null where one is not known. */
  get languages(): (string | null)[] {
    const present = this.sets.flatMap(({ languages }) => [...languages.keys()]);
    return [...new Set(present)].map((language) => language || null);
  }

  private frequency(term: string): number {
    const hashed = makeTerm(term);
    return this.sets.reduce((sum, set) => sum + set.frequency(hashed), 0);
  }

  /** True when every word that has this term has another one that is known. */
  private isKnownOtherwise(term: string, question?: Question): boolean {
    if (!question) return false;
    const isKnown = (word: QueryWord): boolean =>
      this.languages.some((language) => word.termsIn(language).some((other) => this.frequency(other) > 0));
    return question.words.filter((word) => word.termsIn(question.language).includes(term)).every(isKnown);
  }

  private stats(): ScopeStats {
    const sums = new Map<string, { chunks: number; length: number }>();
    for (const set of this.sets)
      for (const [language, { chunks, length }] of set.languages) {
        const sum = sums.get(language);
        sums.set(language, { chunks: (sum?.chunks ?? 0) + chunks, length: (sum?.length ?? 0) + length });
      }
    const present = [...sums].filter(([, { chunks }]) => chunks > 0);
    const chunks = present.reduce((sum, [, each]) => sum + each.chunks, 0);
    const length = present.reduce((sum, [, each]) => sum + each.length, 0);
    return {
      chunks,
      average_length: chunks === 0 ? 0 : length / chunks,
      languages: present
        .map(([language, each]) => ({
          language,
          chunks: each.chunks,
          average_length: each.length / each.chunks,
        }))
        .sort((left, right) => right.chunks - left.chunks || (left.language < right.language ? -1 : 1)),
    };
  }
}
