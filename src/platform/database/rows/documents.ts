import type { ChunkPlace } from '../../../common/chunk-place.js';
import type { Failure } from '../../../common/errors.js';
import type { WarningCode, WarningParams } from '../../../common/warnings.js';
import type { Ring, TaskNotice } from './tasks.js';

type DocumentStatus = 'queued' | 'processing' | 'ready' | 'failed';

export type Pipeline = 'standard' | 'vlm';

export interface DocumentRow {
  id: string;
  filename: string;
  document_set: string;
  status: DocumentStatus;
  version: number;
  ready_version: number | null;
  chunk_count: number | null;
  /**
   * Chunks of the version that answers, and those of them
   * that have a vector; null without an embedding model.
   */
  embedding: { embedded: number; chunks: number } | null;
  pages: number | null;
  bytes: number;
  media_type: string;
  language: string | null;
  title: string | null;
  metadata: Record<string, unknown>;
  /** Why part of the document is missing or odd. */
  warnings: { code: WarningCode; detail: string; pages?: number[]; params?: WarningParams }[];
  error: Failure | null;
  task_id: string | null;
  created_at: string;
  updated_at: string;
}

/** One of the versions of a document, as it is shown. */
export interface DocumentVersionRow {
  version: number;
  status: DocumentStatus;
  /** True when searches find this version. */
  answers: boolean;
  bytes: number;
  media_type: string;
  pipeline: Pipeline;
  pages: number | null;
  chunk_count: number | null;
  error: Failure | null;
  task_id: string | null;
  /** Version of the parsers that made its text. */
  parser_version: number;
  created_at: string;
  updated_at: string;
}

/** One stored version, for a worker or a download. */
export interface VersionRow {
  document_id: string;
  version: number;
  filename: string;
  document_set: string;
  blob_key: string;
  parsed_key: string | null;
  content_hash: string;
  bytes: number;
  format: string;
  media_type: string;
  pipeline: Pipeline;
  include_hidden: boolean;
  title: string | null;
  language: string | null;
  created_at: string;
}

/** A version as a worker finds it, and how many of its chunks an earlier worker staged. */
export type OpenedVersion = VersionRow & { staged: number };

export interface CreatedDocument {
  id: string;
  filename: string;
  document_set: string;
  version: number;
  status: DocumentStatus;
  duplicate: boolean;
  task_id: string;
}

export interface ChunkRow {
  id: string;
  ordinal: number;
  content: string;
  page: number | null;
  page_end: number | null;
  heading: string | null;
  /** Null where the parser knows no places. */
  place: ChunkPlace | null;
}

export interface ChunkPlaceRow {
  id: string;
  document_id: string;
  version: number;
  ordinal: number;
  content: string;
  page: number | null;
  /** Null where the parser knows no places. */
  place: ChunkPlace | null;
}

export interface DeletionReceipt {
  documents: number;
  chunks: number;
  embeddings: number;
  blobs: number;
  summaries: number;
}

export interface DeletedDocument {
  id: string;
  filename: string;
  document_set: string;
  receipt: DeletionReceipt;
}

export interface NewDocument {
  id: string;
  task_id: string;
  filename: string;
  document_set: string;
  blob_key: string;
  content_hash: string;
  bytes: number;
  format: string;
  media_type: string;
  metadata: Record<string, unknown> | null;
  pipeline: Pipeline;
  include_hidden?: boolean;
}

/** A chunk as it leaves for another database. */
export interface ExportedChunk extends Pick<
  StagedChunk,
  'ordinal' | 'content' | 'heading' | 'page' | 'page_end' | 'start' | 'end' | 'input_hash' | 'place'
> {
  /** Vector literal of the active space. */
  embedding: string | null;
}

export interface StagedChunk {
  id: string;
  ordinal: number;
  content: string;
  heading: string | null;
  page: number | null;
  page_end: number | null;
  start: number;
  end: number;
  input_hash: string;
  place?: ChunkPlace | null;
  /** Analysed terms in the chunk. */
  length: number;
  /** A tsvector literal: `'term':1,4 …`. */
  fts: string;
  /** A sparsevec literal: `{index:impact,…}/1000000000`. */
  lex: string;
  /** Version of the analysis that made the three; 1 when absent. */
  analyzer?: number;
  /**
   * Per space id: the vector, made a unit vector on the way in;
   * best a `vectorLiteral`. Absent without an embedding model.
   */
  embeddings?: Record<string, string | number[]>;
}

export interface SummaryRow {
  id: string;
  filename: string;
  document_set: string;
  document_id: string;
  version: number;
  summary_text: string;
  model: string;
  created_at: string;
}

export interface DocumentSetRow {
  name: string;
  documents: number;
  chunks: number;
  bytes: number;
}

/** The outcome of publishing a version; its task has ended with it. */
export interface Publication {
  published: boolean;
  /** A newer version took its place. */
  superseded: boolean;
  notice: TaskNotice | null;
  rings: Ring[];
}
