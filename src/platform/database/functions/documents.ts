import type {
  DocumentRow,
  DocumentVersionRow,
  OpenedVersion,
  VersionRow,
  CreatedDocument,
  ChunkRow,
  ChunkPlaceRow,
  DeletionReceipt,
  DeletedDocument,
  Publication,
  Ring,
  TaskNotice,
  ExportedChunk,
  DocumentSetRow,
} from '../rows.js';
import { read, repeatableWrite, write } from './signature.js';

/**
 * SQL functions of documents, their versions and their ingestion.
 * The functions of ingestion are fenced by (task, token).
 */
export const documentFunctions = {
  declare_blobs: repeatableWrite<{ declared: number }>()({
    tenant: 'text',
    keys: 'text[]',
    ttl_seconds: 'float8',
  }),
  discard_blobs: write<{ discarded: number }>()({ tenant: 'text', keys: 'text[]' }),
  /**
   * Every `blob_key` must have been declared and not have expired (else `request_timeout`). `task` is the
   * `TaskTemplate` of the ingest tasks; `quota` is a `TenantQuota` (else `quota_exceeded`).
   */
  create_documents: write<{
    batch_id: string;
    documents: CreatedDocument[];
    rings: Ring[];
    superseded: TaskNotice[];
  }>()({
    tenant: 'text',
    subject: 'text',
    request_id: 'text?',
    trace_context: 'text?',
    batch_id: 'uuid',
    documents: 'jsonb',
    task: 'jsonb',
    quota: 'jsonb?',
  }),
  /**
   * Documents whose newest version is ready and was made by parsers
   * older than `older_than`; `task` is a `TaskTemplate` of ingest tasks.
   */
  reparse_documents: write<{ documents: number; remaining: number; rings: Ring[] }>()({
    tenant: 'text',
    sets: 'text[]?',
    subject: 'text',
    request_id: 'text?',
    trace_context: 'text?',
    batch_id: 'uuid',
    document_set: 'text?',
    older_than: 'int4',
    task: 'jsonb',
    limit: 'int4',
  }),
  list_documents: read<DocumentRow[]>()({
    tenant: 'text',
    sets: 'text[]?',
    document_set: 'text?',
    status: 'text?',
    q: 'text?',
    media_types: 'text[]?',
    created_from: 'timestamptz?',
    created_to: 'timestamptz?',
    sort: 'text?',
    before_at: 'timestamptz?',
    before_name: 'text?',
    before_id: 'uuid?',
    limit: 'int4',
  }),
  /** `conflict` for another set while the document is being read, or where the set has its name. */
  update_document: repeatableWrite<DocumentRow | null>()({
    tenant: 'text',
    sets: 'text[]?',
    id: 'uuid',
    metadata: 'jsonb?',
    document_set: 'text?',
  }),
  get_document: read<DocumentRow | null>()({ tenant: 'text', sets: 'text[]?', id: 'uuid' }),
  /** Versions of one document, newest first; `answers` marks the one that searches find. */
  list_versions: read<DocumentVersionRow[]>()({ tenant: 'text', sets: 'text[]?', document_id: 'uuid' }),
  find_documents: read<DocumentRow[]>()({
    tenant: 'text',
    sets: 'text[]?',
    filename: 'text',
    document_set: 'text?',
  }),
  get_version: read<VersionRow | null>()({
    tenant: 'text',
    sets: 'text[]?',
    document_id: 'uuid',
    version: 'int4?',
  }),
  list_chunks: read<ChunkRow[]>()({
    tenant: 'text',
    sets: 'text[]?',
    document_id: 'uuid',
    after_ordinal: 'int4',
    limit: 'int4',
  }),
  /** Published chunks by `{document_id, version, ordinal}`, with their places in the file. */
  chunk_places: read<ChunkPlaceRow[]>()({ tenant: 'text', sets: 'text[]?', chunks: 'jsonb' }),
  delete_document: write<{ receipt: DeletionReceipt; cancelled: TaskNotice[] } | null>()({
    tenant: 'text',
    sets: 'text[]?',
    id: 'uuid',
  }),
  /** Works on those of `ids` that the caller may see, in one transaction. */
  delete_documents: write<{ deleted: DeletedDocument[]; cancelled: TaskNotice[] }>()({
    tenant: 'text',
    sets: 'text[]?',
    ids: 'uuid[]',
  }),
  delete_documents_of_set: write<{ receipt: DeletionReceipt; cancelled: TaskNotice[]; remaining: number }>()({
    tenant: 'text',
    document_set: 'text',
    limit: 'int4',
    accepted_before: 'timestamptz?',
  }),
  /** In the order of ordinals, those after `after_ordinal`. */
  export_chunks: read<ExportedChunk[]>()({
    tenant: 'text',
    document_id: 'uuid',
    version: 'int4',
    after_ordinal: 'int4',
    limit: 'int4',
  }),
  list_document_sets: read<DocumentSetRow[]>()({ tenant: 'text', sets: 'text[]?' }),

  /** Announces `parsed_key` for the parse result, where there is none yet. */
  open_version: repeatableWrite<OpenedVersion | null>()({
    task: 'uuid',
    token: 'int8',
    document_id: 'uuid',
    version: 'int4',
    parsed_key: 'text?',
    ttl_seconds: 'float8?',
  }),
  keep_parsed: repeatableWrite<{ kept: boolean }>()({
    task: 'uuid',
    token: 'int8',
    document_id: 'uuid',
    version: 'int4',
    parsed_key: 'text',
    pages: 'int4?',
    language: 'text?',
    title: 'text?',
    warnings: 'jsonb',
    parser_version: 'int4?',
  }),
  stage_chunks: repeatableWrite<{ staged: number } | null>()({
    task: 'uuid',
    token: 'int8',
    document_id: 'uuid',
    version: 'int4',
    chunks: 'jsonb',
    progress: 'float8',
  }),
  staged_ordinals: read<number[]>()({ tenant: 'text', document_id: 'uuid', version: 'int4' }),
  /** The vectors as literals. */
  reusable_embeddings: read<{ hash: string; embedding: string }[]>()({
    tenant: 'text',
    space: 'int4',
    hashes: 'text[]',
  }),
  /** Ends the task too. A gap in the staged ordinals is an exception. */
  publish_document: repeatableWrite<Publication>()({
    task: 'uuid',
    token: 'int8',
    document_id: 'uuid',
    version: 'int4',
    chunk_count: 'int4',
    result: 'jsonb',
    stages: 'jsonb',
  }),
  /**
   * `keep_parsed`, `stage_chunks` and `publish_document` at once.
   * `parsed` has `key` and the other values of `keep_parsed`.
   */
  finish_document: repeatableWrite<Publication>()({
    task: 'uuid',
    token: 'int8',
    document_id: 'uuid',
    version: 'int4',
    parsed: 'jsonb',
    chunks: 'jsonb',
    result: 'jsonb',
    stages: 'jsonb',
  }),
  /**
   * Several at once; each of `documents` has the arguments of `finish_document`. A task that is not among
   * `published` is for `finish_document` to judge.
   */
  finish_documents: repeatableWrite<{ published: string[]; rings: Ring[] }>()({ documents: 'jsonb' }),
} as const;
