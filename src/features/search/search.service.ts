import { Injectable, Logger } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import { textBefore } from '../../common/text/analyzer.js';
import { isUnspaced } from '../../common/text/segmentation.js';
import { Env } from '../../config/env.js';
import type { FoundChunk, NeighbouringChunk } from '../../platform/database/functions.js';
import { Embedder, type SpaceIdentity } from '../../platform/embedding/embedder.js';
import { toCandidate, type Candidate } from './candidate.js';
import { copiesLast } from './deduplicate.js';
import { namesTime, newestFirst } from './editions.js';
import type { IndexView } from './index/index-view.js';
import type { SeenRevisions } from './index/index.store.js';
import { SearchIndex, type OnBuilt } from './index/search-index.js';
import { findExactThings, type ExactThings } from './exact-things.js';
import { normalizeFilter } from './filter.js';
import { fuse, minMax } from './fuse.js';
import { withNeighbours, type MergedChunk } from './neighbours.js';
import { proximity } from './proximity.js';
import { queryTerms, readQuestion } from './query.js';
import { keywordScore, listOccurrences, planQuery, type QueryPlan } from './query-plan.js';
import { anotherLast, inOrder, RankedPassage } from './ranked-passage.js';
import { gramScores } from './rescore.js';
import { Reranking } from './reranking.js';
import { ActiveSpace } from './active-space.js';
import { WindowRanking } from './window-ranking.js';
import { SearchStore, type QueryVector, type SearchScope } from './search.store.js';
import { assumeScale, CosineScales } from './cosine-scales.js';
import {
  assumedScale,
  isAnswered,
  computeMargin,
  onBuiltInScale,
  computeSupport,
  type CosineScale,
} from './support.js';

export type { SeenRevisions } from './index/index.store.js';
export type { QueryVector, SearchScope } from './search.store.js';
export type SearchMode = 'hybrid' | 'vector' | 'keyword';

export interface SearchHit {
  id: string;
  content: string;
  /** Absolute support, 0 … 1: means the same across questions. Hits are not in its order. */
  score: number;
  /**
   * The score that ordered the hits before copies were moved and a rerank model was asked: from 0 for the
   * worst candidate to 1, comparable within one question only.
   */
  rank: number;
  /** Cosine of the query's vector with the chunk's, on the scale of the built-in model; null without one. */
  cosine: number | null;
  /** Cosine of the query with the most similar window of the chunk; null where none was compared. */
  window: number | null;
  /** How far the hit is above the support that an answer needs; it answers from 0 on. */
  margin: number;
  /**
   * True when the question names a code and the hit contains another one of the same form instead. Such hits
   * come last.
   */
  of_another: boolean;
  filename: string;
  document_set: string;
  document_id: string;
  version: number;
  ordinal: number;
  page: number | null;
  page_end: number | null;
  heading: string | null;
  title: string | null;
  media_type: string;
  language: string | null;
  created_at: string;
  /** The document's, as it was uploaded. */
  metadata: Record<string, unknown>;
  /** The parts of `content` in order, including the found chunk; absent if it is that chunk alone. */
  merged?: MergedChunk[];
  /**
   * True when several hits of one section were merged. Otherwise `merged` is what was asked for around one.
   */
  is_section?: boolean;
}

export interface SearchOptions {
  scope: SearchScope;
  mode: SearchMode;
  /** Hits, at most 100. */
  limit: number;
  /** Chunks before and after each hit that are merged into its content; 0 when absent. */
  neighbours?: number;
  /** From `see` for the same scope; saves a round trip to the database. */
  seen?: SeenRevisions;
  /** An index of the scope that is searched as it is, in place of one as new as the rows. */
  index?: IndexView;
  /** The query's vector, so that no model is asked, also for windows of passages. */
  vector?: QueryVector;
  signal?: AbortSignal;
}

export interface SearchOutcome {
  hits: SearchHit[];
  /** Milliseconds of each stage; stages may overlap. */
  took_ms: { embed: number; search: number; rerank: number };
  /** `keyword` for a hybrid search that had no vector. */
  mode_used: SearchMode;
  /** True when the best of the hits support an answer at all. */
  supported: boolean;
  /**
   * Codes of the question (part numbers, error codes, order numbers), as typed, that no result contains. If
   * none of them is found, no hit answers: a similar code is another thing.
   */
  missing: string[];
  /** True when a rerank model ordered the hits. */
  reranked: boolean;
  /** Number of chunks in the scope, found or not. */
  chunks: number;
}

/** A query's vector, null without one, and what cosines with it say. */
interface EmbeddedQuery {
  vector: QueryVector | null;
  scale: CosineScale;
  /** Milliseconds. */
  embed: number;
}

interface PlannedQuery {
  plan: QueryPlan;
  /** Null where the database searches. */
  index: IndexView | null;
}

/** How many candidates each leg gives; the later stages choose among them. */
const candidates = 100;
/** Hits at least whose order is worked out to the last; a rerank model reads as many. */
const minRanked = 50;

const elapsed = (start: number): number => Math.round((performance.now() - start) * 10) / 10;

/** A model server that fails and a quota of tokens that is spent both leave the keyword leg. */
const isWithoutVectors = ({ code }: Problem): boolean =>
  code.startsWith('upstream_') || code === 'quota_exceeded';

/**
 * Retrieval: keyword and vector legs in SQL, rescored, fused and
 * scored here. docs/how-search-works.md explains the method.
 */
@Injectable()
export class SearchService {
  private readonly logger = new Logger(SearchService.name);

  constructor(
    private readonly store: SearchStore,
    private readonly index: SearchIndex,
    private readonly embedder: Embedder,
    private readonly active: ActiveSpace,
    private readonly windows: WindowRanking,
    private readonly reranking: Reranking,
    private readonly scales: CosineScales,
    private readonly env: Env,
  ) {}

  /**
   * @throws embedding_unavailable for mode `vector` without a
   * model, upstream_* for mode `vector`, database_unavailable
   */
  async search(
    query: string,
    { scope: asked, mode, limit, neighbours = 0, seen, index: given, vector: known, signal }: SearchOptions,
  ): Promise<SearchOutcome> {
    const scope = { ...asked, filter: normalizeFilter(asked.filter) };
    const start = performance.now();
    const [{ plan, index }, { vector, embed, scale }, meaning] = await Promise.all([
      this.plan(query, scope, mode, { seen, index: given, signal }),
      known ? { vector: known, scale: assumedScale, embed: 0 } : this.embed(query, mode, signal),
      mode === 'hybrid' && !known ? this.windows.readQuestion(query, signal) : null,
    ]);
    const used: SearchMode = mode === 'hybrid' && !vector ? 'keyword' : mode;
    const found = await this.find(scope, used, { plan, index }, vector, signal);
    const searched = elapsed(start);
    const things = findExactThings(plan.question.exact, found);
    const byBoth = this.rank(used, plan, found, things);
    const place = { tenant: scope.tenant, space: vector?.space ?? 0 };
    const ranking = vector ? await this.windows.order(byBoth, meaning, place, signal) : byBoth;
    const ordered = await this.reranking.order(
      plan.question.text,
      copiesLast(ranking, Math.max(minRanked, 2 * limit)),
      signal,
    );
    const judgeMargin = this.marginsFor(used, plan, scale, things);
    const ranked = anotherLast(ordered);
    // editions that exchange their places exchange their ranks too: later stages go by the rank
    const best = (namesTime(plan.question.text) ? ranked : newestFirst(ranked))
      .slice(0, limit)
      .map((passage, at) =>
        toHit(passage, { scale, margin: judgeMargin(passage), rank: ranked[at]?.rank ?? passage.rank }),
      );
    const rerank = Math.round((elapsed(start) - searched) * 10) / 10;
    const hits = await this.widen(scope, best, neighbours, signal);
    return {
      hits,
      took_ms: {
        embed,
        search: Math.max(0, Math.round((elapsed(start) - embed - rerank) * 10) / 10),
        rerank,
      },
      mode_used: used,
      supported: isAnswered(best),
      missing: things.missing,
      reranked: this.reranking.isActive,
      chunks: plan.stats.chunks,
    };
  }

  /**
   * The state of the scope's documents, which changes with each of them.
   * @throws database_unavailable
   */
  see(scope: Omit<SearchScope, 'filter'>, signal?: AbortSignal): Promise<SeenRevisions> {
    return this.index.see(scope, signal);
  }

  /** Calls `act` with the first index of the process, unless a search of it costs calls to another service. */
  whenFirstIndexed(act: OnBuilt): void {
    if (!this.reranking.isActive) this.index.whenFirstBuilt(act);
  }

  /** The chunks at most `reach` places from the hits, they among them. @throws database_unavailable */
  around(
    scope: SearchScope,
    hits: Pick<SearchHit, 'id'>[],
    reach: number,
    signal?: AbortSignal,
  ): Promise<NeighbouringChunk[]> {
    const ids = hits.map(({ id }) => id);
    return this.store.around(scope, ids, reach, signal);
  }

  private async plan(
    query: string,
    scope: SearchScope,
    mode: SearchMode,
    { seen, index: given, signal }: Pick<SearchOptions, 'seen' | 'index' | 'signal'>,
  ): Promise<PlannedQuery> {
    const question = readQuestion(query);
    const space =
      given || mode === 'keyword' ? null : await this.active.activeSpaceFor(this.embedder.identity, signal);
    const index = given ?? (await this.index.open(scope, space, signal, seen));
    // which languages the scope has is known beforehand only with the index
    const weighed =
      index?.weigh(queryTerms(question, index.languages), question) ??
      (await this.store.weigh(scope, queryTerms(question), signal));
    return { plan: planQuery(question, weighed), index };
  }

  /** The query's vector. A hybrid search goes on without one when the model server fails. */
  private async embed(query: string, mode: SearchMode, signal?: AbortSignal): Promise<EmbeddedQuery> {
    const start = performance.now();
    if (mode === 'keyword') return { vector: null, scale: assumedScale, embed: 0 };
    try {
      const space = await this.active.activeSpaceFor(this.embedder.identity, signal);
      if (space !== null) {
        const { id, provider, model, dimensions } = space;
        const identity = { provider, model, dimensions };
        const [values, scale] = await Promise.all([
          this.embedder.embedQuery(query, signal, identity),
          this.loadScale(identity),
        ]);
        return { vector: { space: id, values }, scale, embed: elapsed(start) };
      }
      if (mode === 'vector') throw new Problem('embedding_unavailable');
    } catch (error) {
      const passing = error instanceof Problem && isWithoutVectors(error) && !signal?.aborted;
      if (mode === 'vector' || !passing) throw error;
      this.logger.warn({
        msg: 'the query could not be embedded; searching by keyword only',
        code: error.code,
      });
    }
    return { vector: null, scale: assumedScale, embed: elapsed(start) };
  }

  /** A configured threshold needs no scale. */
  private async loadScale(space: SpaceIdentity): Promise<CosineScale> {
    return this.env.ANSWER_THRESHOLD === undefined ? this.scales.scaleFor(space) : assumeScale(space);
  }

  private async find(
    scope: SearchScope,
    mode: SearchMode,
    { plan, index }: PlannedQuery,
    vector: QueryVector | null,
    signal?: AbortSignal,
  ): Promise<Candidate[]> {
    if (!vector && plan.terms.length === 0) return [];
    const hasWords = mode !== 'vector' && plan.terms.length > 0;
    if (index && (!vector || index.hasVectors(vector.space)))
      return index.candidates(hasWords ? plan : null, vector?.values ?? null, candidates);
    return (await this.findInRows(scope, hasWords ? plan : null, vector, signal)).map(toCandidate);
  }

  private findInRows(
    scope: SearchScope,
    plan: QueryPlan | null,
    vector: QueryVector | null,
    signal?: AbortSignal,
  ): Promise<FoundChunk[]> {
    if (plan && vector) return this.store.byBoth(scope, plan, vector, candidates, signal);
    if (vector) return this.store.byVector(scope, vector, candidates, signal);
    return plan ? this.store.byKeyword(scope, plan, candidates, signal) : Promise.resolve([]);
  }

  private async widen(
    scope: SearchScope,
    hits: SearchHit[],
    reach: number,
    signal?: AbortSignal,
  ): Promise<SearchHit[]> {
    if (reach === 0 || hits.length === 0) return hits;
    return withNeighbours(hits, await this.around(scope, hits, reach, signal), reach);
  }

  private rank(
    mode: SearchMode,
    plan: QueryPlan,
    found: Candidate[],
    { isOfAnother }: ExactThings,
  ): RankedPassage[] {
    const { SEARCH_ALPHA: alpha } = this.env;
    const ranks = mode === 'vector' ? found.map(({ vector }) => vector ?? 0) : rankByWords(plan, found);
    const vectors = found.map(({ vector }) => vector);
    const fused = mode === 'hybrid' ? fuse(ranks, vectors, alpha) : minMax(ranks);
    const support = (candidate: Candidate): number => computeSupport(mode, plan, candidate, alpha);
    return found
      .map((candidate, at) => new RankedPassage(candidate, fused[at] ?? 0, isOfAnother[at] ?? false, support))
      .sort(inOrder);
  }

  private marginsFor(
    mode: SearchMode,
    plan: QueryPlan,
    scale: CosineScale,
    { missing }: ExactThings,
  ): (passage: RankedPassage) => number {
    const { exact } = plan.question;
    const hasNone = exact.length > 0 && missing.length === exact.length;
    const { SEARCH_ALPHA: alpha, ANSWER_THRESHOLD: threshold } = this.env;
    return ({ candidate, of_another }) =>
      hasNone || of_another ? -1 : computeMargin(mode, plan, candidate, { alpha, scale, threshold });
  }
}

function rankByWords(plan: QueryPlan, found: Candidate[]): number[] {
  const grams = gramScores(
    plan.question.text,
    found.map((candidate) => ({ before: textBefore(candidate), text: candidate.text })),
  );
  // places of n-grams between words do not measure distance
  const spaced = !isUnspaced(plan.question.text);
  return found.map((candidate, index) => {
    const words = listOccurrences(plan, candidate);
    const near = spaced ? proximity(plan, candidate, words) : 0;
    return keywordScore(plan, candidate, words) + (grams[index] ?? 0) + near;
  });
}

function toHit(
  passage: RankedPassage,
  { scale, margin, rank }: { scale: CosineScale; margin: number; rank: number },
): SearchHit {
  const { candidate, content, score, of_another, window } = passage;
  const { vector } = candidate;
  const { id, filename, document_set, document_id, version, ordinal, page, page_end, heading } = candidate;
  const { title, media_type, language, created_at, metadata } = candidate;
  return {
    id,
    content,
    score,
    rank,
    cosine: vector === null ? null : onBuiltInScale(vector, scale),
    window,
    margin,
    of_another,
    filename,
    document_set,
    document_id,
    version,
    ordinal,
    page,
    page_end,
    heading,
    title,
    media_type,
    language,
    created_at,
    metadata,
  };
}
