import type {
  OutdatedDocument,
  EmbeddingSpace,
  SpaceIndex,
  SpaceProgress,
  MissingChunks,
  CorpusStats,
  SetChanges,
  IndexedDocumentRow,
  FoundChunk,
  NeighbouringChunk,
  WeighedTerm,
  SummaryRow,
} from '../rows.js';
import { read, repeatableWrite, write } from './signature.js';

/** SQL functions of search, embedding spaces and summaries. */
export const searchFunctions = {
  corpus_stats: read<CorpusStats>()({ tenant: 'text', sets: 'text[]?', document_set: 'text?' }),
  /** Published documents whose keyword rows an older analysis made. */
  outdated_documents: read<OutdatedDocument[]>()({ analyzer: 'int4', limit: 'int4' }),
  /** `chunks` as `IndexedChunk`; those that are up to date are left alone. */
  reindex_chunks: repeatableWrite<{ reindexed: number }>()({
    document_id: 'uuid',
    version: 'int4',
    analyzer: 'int4',
    chunks: 'jsonb',
  }),
  weigh_terms: read<CorpusStats & { terms: WeighedTerm[] }>()({
    tenant: 'text',
    sets: 'text[]?',
    document_set: 'text?',
    terms: 'jsonb',
  }),
  search_keyword: read<FoundChunk[]>()({
    tenant: 'text',
    sets: 'text[]?',
    document_set: 'text?',
    filter: 'jsonb?',
    query: 'text',
    prefilter: 'text?',
    terms: 'text[]',
    limit: 'int4',
  }),
  search_vector: read<FoundChunk[]>()({
    tenant: 'text',
    sets: 'text[]?',
    document_set: 'text?',
    filter: 'jsonb?',
    space: 'int4',
    embedding: 'text',
    limit: 'int4',
  }),
  search_hybrid: read<FoundChunk[]>()({
    tenant: 'text',
    sets: 'text[]?',
    document_set: 'text?',
    filter: 'jsonb?',
    query: 'text',
    prefilter: 'text?',
    terms: 'text[]',
    space: 'int4',
    embedding: 'text',
    limit: 'int4',
  }),
  /** By set of the scope that has chunks; null where there are more than `limit`. */
  set_revisions: read<Record<string, number> | null>()({
    tenant: 'text',
    sets: 'text[]?',
    document_set: 'text?',
    limit: 'int4',
  }),
  /** Documents of a set that changed since an earlier horizon. */
  set_changes: read<SetChanges>()({ tenant: 'text', document_set: 'text', since: 'text?' }),
  /**
   * Those of the documents that are published in the set,
   * each with at most `limit` chunks from ordinal `from` on.
   */
  index_rows: read<IndexedDocumentRow[]>()({
    tenant: 'text',
    document_set: 'text',
    documents: 'uuid[]',
    space: 'int4?',
    from: 'int4',
    limit: 'int4',
  }),
  /** Ids of the documents that a filter without pages leaves, 16 bytes each, in base64. */
  filtered_ids: read<string>()({ tenant: 'text', sets: 'text[]?', document_set: 'text?', filter: 'jsonb' }),
  /**
   * The published chunks at most `reach` places from one of `chunks`,
   * these included; each once, in order of document and place.
   */
  neighbouring_chunks: read<NeighbouringChunk[]>()({
    tenant: 'text',
    sets: 'text[]?',
    chunks: 'uuid[]',
    reach: 'int4',
  }),

  list_spaces: read<EmbeddingSpace[]>()({}),
  ensure_space: repeatableWrite<EmbeddingSpace>()({ provider: 'text', model: 'text', dimensions: 'int4' }),
  prepare_space: repeatableWrite<EmbeddingSpace>()({ provider: 'text', model: 'text', dimensions: 'int4' }),
  space_progress: read<SpaceProgress | null>()({ space: 'int4?' }),
  /** Chunks without a vector in the space, and whether any lacks its windows. */
  missing_vectors: read<{ missing: number; unwindowed: boolean }>()({ space: 'int4', windows_by: 'text?' }),
  /** Vectors of windows in base64, by chunk. */
  chunk_windows: read<[chunk: string, windows: string][]>()({
    tenant: 'text',
    space: 'int4',
    windows_by: 'text',
    chunks: 'uuid[]',
  }),
  space_index: read<SpaceIndex | null>()({ space: 'int4' }),
  next_missing_chunks: repeatableWrite<MissingChunks | null>()({
    task: 'uuid',
    token: 'int8',
    space: 'int4',
    after: 'uuid?',
    limit: 'int4',
    windows_by: 'text?',
  }),
  store_embeddings: repeatableWrite<{ stored: number } | null>()({
    task: 'uuid',
    token: 'int8',
    space: 'int4',
    embeddings: 'jsonb',
    windows_by: 'text?',
  }),
  activate_space: repeatableWrite<{ activated: boolean; missing: number; space: EmbeddingSpace } | null>()({
    space: 'int4',
  }),
  drop_space: write<{ dropped: boolean } | null>()({ space: 'int4' }),

  save_summary: write<SummaryRow | null>()({
    task: 'uuid',
    token: 'int8',
    document_id: 'uuid',
    version: 'int4',
    text: 'text',
    model: 'text',
  }),
  list_summaries: read<SummaryRow[]>()({
    tenant: 'text',
    sets: 'text[]?',
    document_set: 'text?',
    before_at: 'timestamptz?',
    before_id: 'uuid?',
    limit: 'int4',
  }),
  find_summary: read<SummaryRow | null>()({
    tenant: 'text',
    sets: 'text[]?',
    filename: 'text',
    document_set: 'text?',
  }),
} as const;
