import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import type {
  CorpusStats,
  EmbeddingSpace,
  FoundChunk,
  NeighbouringChunk,
  QueryTerm,
  WeighedTerm,
} from '../../platform/database/functions.js';
import type { Filter } from './filter.js';
import type { QueryPlan } from './query-plan.js';

/** The documents that a search may see. */
export interface SearchScope {
  tenant: string;
  /** The principal's sets, null for all. */
  sets: string[] | null;
  /** The asked set, null for all. */
  document_set: string | null;
  filter?: Filter | null;
}

/** A vector and the space it belongs to. */
export interface QueryVector {
  space: number;
  values: number[];
}

const literal = ({ values }: QueryVector): string => `[${values.join()}]`;

/** Retrieval in terms of the domain; the SQL is `search.sql`. */
@Injectable()
export class SearchStore {
  constructor(private readonly database: Database) {}

  weigh(
    { tenant, sets, document_set }: SearchScope,
    terms: QueryTerm[],
    signal?: AbortSignal,
  ): Promise<CorpusStats & { terms: WeighedTerm[] }> {
    return this.database.call('weigh_terms', { tenant, sets, document_set, terms }, { signal });
  }

  byKeyword(scope: SearchScope, plan: QueryPlan, limit: number, signal?: AbortSignal): Promise<FoundChunk[]> {
    return this.database.call(
      'search_keyword',
      { ...makeArguments(scope), ...pickWords(plan), limit },
      { signal },
    );
  }

  byVector(
    scope: SearchScope,
    vector: QueryVector,
    limit: number,
    signal?: AbortSignal,
  ): Promise<FoundChunk[]> {
    return this.database.call(
      'search_vector',
      { ...makeArguments(scope), space: vector.space, embedding: literal(vector), limit },
      { signal },
    );
  }

  byBoth(
    scope: SearchScope,
    plan: QueryPlan,
    vector: QueryVector,
    limit: number,
    signal?: AbortSignal,
  ): Promise<FoundChunk[]> {
    const place = { space: vector.space, embedding: literal(vector) };
    return this.database.call(
      'search_hybrid',
      { ...makeArguments(scope), ...pickWords(plan), ...place, limit },
      { signal },
    );
  }

  /** The published chunks around these, at most `reach` places away, and they themselves. */
  around(
    { tenant, sets }: SearchScope,
    chunks: string[],
    reach: number,
    signal?: AbortSignal,
  ): Promise<NeighbouringChunk[]> {
    return this.database.call('neighbouring_chunks', { tenant, sets, chunks, reach }, { signal });
  }

  /** The vectors of the windows of chunks as packed bytes in base64, where there are some. */
  windows(
    { tenant, space, windows_by }: { tenant: string; space: number; windows_by: string },
    chunks: string[],
    signal?: AbortSignal,
  ): Promise<[chunk: string, windows: string][]> {
    return this.database.call('chunk_windows', { tenant, space, windows_by, chunks }, { signal });
  }

  spaces(signal?: AbortSignal): Promise<EmbeddingSpace[]> {
    return this.database.call('list_spaces', {}, { signal });
  }
}

const makeArguments = ({ tenant, sets, document_set, filter }: SearchScope) => ({
  tenant,
  sets,
  document_set,
  filter: filter ?? null,
});
const pickWords = ({ query, prefilter, terms }: QueryPlan) => ({ query, prefilter, terms });
