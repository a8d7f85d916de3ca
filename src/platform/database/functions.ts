import type {
  ActivityStep,
  ApiKeyRow,
  AuditEntry,
  ChunkPlaceRow,
  ChunkRow,
  CorpusStats,
  CreatedDocument,
  DeletedDocument,
  DeletionReceipt,
  DocumentRow,
  DocumentSetRow,
  DocumentVersionRow,
  DueDelivery,
  EmbeddingSpace,
  ExportedChunk,
  FoundChunk,
  IndexedDocumentRow,
  MissingChunks,
  NeighbouringChunk,
  OutdatedDocument,
  Publication,
  Ring,
  SetChanges,
  SpaceIndex,
  SpaceProgress,
  SummaryRow,
  SweepReport,
  TaskNotice,
  TaskRow,
  TaskView,
  VersionRow,
  WebhookDeliveryRow,
  WebhookRow,
  SourceItemRow,
  SourceRow,
  WeighedTerm,
  WorkerRow,
} from './rows.js';

// rows and functions are imported together
export type * from './rows.js';

/** The Postgres types that cross the border to a SQL function; `?` marks one that takes null. */
interface PgTypes {
  text: string;
  uuid: string;
  int4: number;
  int8: number;
  float8: number;
  bool: boolean;
  jsonb: unknown;
  timestamptz: string;
  'text[]': string[];
  'uuid[]': string[];
}
export type PgType = keyof PgTypes;
export type PgArgument = PgType | `${PgType}?`;
type Signature = Record<string, PgArgument>;
type ValueOf<A extends PgArgument> = A extends `${infer T extends PgType}?`
  ? PgTypes[T] | null
  : A extends PgType
    ? PgTypes[A]
    : never;

/** One SQL function `docent_api.<name>(p_<arg> …) returns jsonb`. */
export interface SqlFunction<S extends Signature, R> {
  readonly args: S;
  /** True when the same call may be sent again if its answer was lost. */
  readonly repeatable: boolean;
  /** True when it writes nothing, so that it may be run again for its plan. */
  readonly reads?: true;
  readonly result?: R;
}
const write =
  <R>() =>
  <const S extends Signature>(args: S): SqlFunction<S, R> => ({ args, repeatable: false });
/** A write whose repetition changes nothing more and answers the same. */
const repeatableWrite =
  <R>() =>
  <const S extends Signature>(args: S): SqlFunction<S, R> => ({ args, repeatable: true });
const read =
  <R>() =>
  <const S extends Signature>(args: S): SqlFunction<S, R> => ({ args, repeatable: true, reads: true });

/**
 * Every SQL function, its arguments and its answer. `database.call(name, args)` is the only way to the data; a test holds this table
 * against `pg_proc`. `sets` is the principal's list of document sets, null for all.
 */
export const functions = {
  // documents
  declare_blobs: repeatableWrite<{ declared: number }>()({
    tenant: 'text',
    keys: 'text[]',
    ttl_seconds: 'float8',
  }),
  discard_blobs: write<{ discarded: number }>()({ tenant: 'text', keys: 'text[]' }),
  /**
   * Every `blob_key` must have been declared and not have expired (else `request_timeout`). `task` is the `TaskTemplate` of the ingest
   * tasks; `quota` is a `TenantQuota` (else `quota_exceeded`).
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
  /** Documents whose newest version is ready and was made by parsers older than `older_than`; `task` is a `TaskTemplate` of ingest tasks. */
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
  /** Those of `ids` that the caller may see; one transaction. */
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

  // ingestion; every one is fenced by (task, token)
  /** Announces `parsed_key` for the parse result, where there is none yet. */
  open_version: repeatableWrite<(VersionRow & { staged: number }) | null>()({
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
  /** `keep_parsed`, `stage_chunks` and `publish_document` at once. `parsed` has `key` and the other values of `keep_parsed`. */
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

  // tasks
  create_tasks: write<{ tasks: { id: string; created: boolean }[]; rings: Ring[] }>()({
    tenant: 'text',
    subject: 'text',
    request_id: 'text?',
    trace_context: 'text?',
    tasks: 'jsonb',
    quota: 'jsonb?',
  }),
  claim_task: write<TaskRow | null>()({ task: 'uuid', owner: 'text', lease_seconds: 'float8' }),
  heartbeat: repeatableWrite<{ lost: string[]; cancelled: string[] }>()({
    owner: 'text',
    lease_seconds: 'float8',
    beats: 'jsonb',
  }),
  complete_task: repeatableWrite<{ notice: TaskNotice; rings: Ring[] } | null>()({
    task: 'uuid',
    token: 'int8',
    result: 'jsonb',
    stages: 'jsonb',
  }),
  // Without a delay there is no automatic attempt, but a client may ask for one. `cancelled` are the tasks
  // that waited for it.
  fail_task: write<{ notice: TaskNotice; retry_at: string | null; cancelled: TaskNotice[] } | null>()({
    task: 'uuid',
    token: 'int8',
    failure: 'jsonb',
    delay_seconds: 'float8?',
    stages: 'jsonb',
  }),
  release_task: write<{ released: boolean }>()({
    task: 'uuid',
    token: 'int8',
    waiting_on: 'text?',
    delay_seconds: 'float8',
  }),
  end_leases: write<{ ended: number }>()({}),
  cancel_task: write<{ found: boolean; changed: boolean; notices: TaskNotice[] }>()({
    tenant: 'text',
    sets: 'text[]?',
    task: 'uuid',
  }),
  retry_task: write<{ found: boolean; rings: Ring[]; notices: TaskNotice[] }>()({
    tenant: 'text',
    sets: 'text[]?',
    task: 'uuid',
    quota: 'jsonb?',
  }),
  retry_tasks: write<{ retried: number; rings: Ring[]; notices: TaskNotice[] }>()({
    tenant: 'text',
    sets: 'text[]?',
    type: 'text?',
    code: 'text?',
    except_types: 'text[]?',
    limit: 'int4',
    quota: 'jsonb?',
  }),
  get_task: read<TaskView | null>()({ tenant: 'text', sets: 'text[]?', task: 'uuid' }),
  /** `statuses` holds task statuses, `waiting` (queued, never tried) and `retrying` (queued after a failure). */
  /** `position` as in `get_task`; null beyond the first 1,000 of a queue. */
  list_tasks: read<(TaskRow & { position: number | null })[]>()({
    tenant: 'text',
    sets: 'text[]?',
    statuses: 'text[]?',
    types: 'text[]?',
    before_at: 'timestamptz?',
    before_id: 'uuid?',
    limit: 'int4',
  }),
  save_checkpoint: repeatableWrite<{ saved: boolean }>()({
    task: 'uuid',
    token: 'int8',
    key: 'text',
    value: 'jsonb',
  }),
  list_checkpoints: read<{ key: string; value: unknown }[]>()({ tenant: 'text', task: 'uuid' }),
  sweep: write<SweepReport>()({
    max_losses: 'int4',
    retention_seconds: 'float8',
    audit_seconds: 'float8?',
    garbage_limit: 'int4',
    ring_limit: 'int4',
  }),
  blobs_removed: repeatableWrite<{ removed: number }>()({ keys: 'text[]' }),
  unclaimed_blobs: read<string[]>()({ keys: 'text[]' }),
  queue_stats: read<
    { queue: string; waiting: number; running: number; oldest_seconds: number; failed: number }[]
  >()({
    tenant: 'text?',
    sets: 'text[]?',
  }),

  // search
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
  /** Those of the documents that are published in the set, each with at most `limit` chunks from ordinal `from` on. */
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
  /** The published chunks at most `reach` places from one of `chunks`, these included; each once, in order of document and place. */
  neighbouring_chunks: read<NeighbouringChunk[]>()({
    tenant: 'text',
    sets: 'text[]?',
    chunks: 'uuid[]',
    reach: 'int4',
  }),

  // embedding spaces
  list_spaces: read<EmbeddingSpace[]>()({}),
  ensure_space: repeatableWrite<EmbeddingSpace>()({ provider: 'text', model: 'text', dimensions: 'int4' }),
  prepare_space: repeatableWrite<EmbeddingSpace>()({ provider: 'text', model: 'text', dimensions: 'int4' }),
  space_progress: read<SpaceProgress | null>()({ space: 'int4?' }),
  /** Published chunks without a vector in the space. */
  missing_vectors: read<{ missing: number }>()({ space: 'int4' }),
  space_index: read<SpaceIndex | null>()({ space: 'int4' }),
  next_missing_chunks: repeatableWrite<MissingChunks | null>()({
    task: 'uuid',
    token: 'int8',
    space: 'int4',
    after: 'uuid?',
    limit: 'int4',
  }),
  store_embeddings: repeatableWrite<{ stored: number } | null>()({
    task: 'uuid',
    token: 'int8',
    space: 'int4',
    embeddings: 'jsonb',
  }),
  activate_space: repeatableWrite<{ activated: boolean; missing: number; space: EmbeddingSpace } | null>()({
    space: 'int4',
  }),
  drop_space: write<{ dropped: boolean } | null>()({ space: 'int4' }),

  // summaries
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

  // requests
  begin_idempotent: write<{
    state: 'new' | 'running' | 'replay';
    request_hash: string | null;
    status: number | null;
    body: unknown;
  }>()({
    tenant: 'text',
    subject: 'text',
    key: 'text',
    request_hash: 'text?',
    ttl_seconds: 'float8',
  }),
  finish_idempotent: write<{ finished: boolean }>()({
    tenant: 'text',
    subject: 'text',
    key: 'text',
    request_hash: 'text',
    status: 'int4',
    body: 'jsonb',
    ttl_seconds: 'float8',
  }),
  drop_idempotent: write<{ dropped: boolean }>()({ tenant: 'text', subject: 'text', key: 'text' }),

  // leases
  take_lease: repeatableWrite<{ taken: boolean }>()({ name: 'text', holder: 'uuid', ttl_seconds: 'float8' }),
  release_lease: repeatableWrite<{ released: boolean }>()({ name: 'text', holder: 'uuid' }),

  // principals
  find_api_key: read<(ApiKeyRow & { suspended: boolean }) | null>()({ hash: 'text' }),
  touch_api_keys: repeatableWrite<{ touched: number }>()({ ids: 'uuid[]' }),
  has_api_keys: read<{ found: boolean }>()({}),
  create_api_key: write<ApiKeyRow>()({
    id: 'uuid',
    tenant: 'text',
    subject: 'text',
    name: 'text',
    hash: 'text',
    scopes: 'text[]',
    document_sets: 'text[]?',
    expires_at: 'timestamptz?',
  }),
  list_api_keys: read<ApiKeyRow[]>()({
    tenant: 'text',
    before_at: 'timestamptz?',
    before_id: 'uuid?',
    limit: 'int4',
  }),
  revoke_api_key: write<{ revoked: boolean }>()({ tenant: 'text', id: 'uuid' }),

  is_suspended: read<{ suspended: boolean }>()({ tenant: 'text', subject: 'text' }),
  suspend_subject: write<{ changed: boolean }>()({ tenant: 'text', subject: 'text', suspended: 'bool' }),

  // sources
  create_source: write<SourceRow | null>()({
    id: 'uuid',
    tenant: 'text',
    subject: 'text',
    driver: 'text',
    settings: 'jsonb',
    document_set: 'text',
    every_seconds: 'int4?',
    most: 'int4',
  }),
  list_sources: read<SourceRow[]>()({
    tenant: 'text',
    sets: 'text[]?',
    before_at: 'timestamptz?',
    before_id: 'uuid?',
    limit: 'int4',
  }),
  get_source: read<SourceRow | null>()({ tenant: 'text', sets: 'text[]?', id: 'uuid' }),
  delete_source: write<{ deleted: boolean }>()({ tenant: 'text', sets: 'text[]?', id: 'uuid' }),
  take_due_sources: write<Pick<SourceRow, 'id' | 'tenant' | 'subject' | 'document_set'>[]>()({
    limit: 'int4',
  }),
  list_source_items: read<SourceItemRow[]>()({ source: 'uuid' }),
  put_source_item: repeatableWrite<{ put: boolean }>()({
    source: 'uuid',
    key: 'text',
    version: 'text?',
    document_id: 'uuid',
    memo: 'jsonb?',
  }),
  save_source_progress: repeatableWrite<{ saved: boolean }>()({
    source: 'uuid',
    checkpoint: 'text',
    keys: 'text[]',
  }),
  drop_source_item: repeatableWrite<{ dropped: boolean }>()({ source: 'uuid', key: 'text' }),
  finish_source_run: repeatableWrite<{ finished: boolean }>()({
    source: 'uuid',
    counts: 'jsonb?',
    error: 'jsonb?',
    checkpoint: 'text?',
  }),
  // webhooks
  create_webhook: write<WebhookRow | null>()({
    id: 'uuid',
    tenant: 'text',
    url: 'text',
    secret: 'text',
    events: 'text[]',
    document_sets: 'text[]?',
    description: 'text?',
    most: 'int4',
  }),
  list_webhooks: read<WebhookRow[]>()({
    tenant: 'text',
    before_at: 'timestamptz?',
    before_id: 'uuid?',
    limit: 'int4',
  }),
  delete_webhook: write<{ deleted: boolean }>()({ tenant: 'text', id: 'uuid' }),
  list_webhook_deliveries: read<WebhookDeliveryRow[] | null>()({
    tenant: 'text',
    webhook: 'uuid',
    status: 'text?',
    before_at: 'timestamptz?',
    before_id: 'uuid?',
    limit: 'int4',
  }),
  redeliver_webhook: write<{ redelivered: number } | null>()({
    tenant: 'text',
    webhook: 'uuid',
    delivery: 'uuid?',
  }),
  claim_webhook_deliveries: write<DueDelivery[]>()({
    limit: 'int4',
    lease_seconds: 'float8',
    keep_seconds: 'float8',
  }),
  settle_webhook_delivery: write<{ settled: boolean }>()({
    id: 'uuid',
    attempts: 'int4',
    delivered: 'bool',
    response_status: 'int4?',
    error: 'text?',
    retry_seconds: 'float8?',
    disable: 'text?',
  }),

  // operations
  tenant_usage: read<{ documents: number; bytes: number; tasks: number; tokens_today: number }>()({
    tenant: 'text',
  }),
  add_tokens: write<{ tokens_today: number }>()({ tenant: 'text', tokens: 'int8' }),
  append_audit: write<{ id: string }>()({
    tenant: 'text',
    subject: 'text',
    action: 'text',
    target: 'text?',
    detail: 'jsonb',
    request_id: 'text?',
  }),
  list_audit: read<AuditEntry[]>()({
    tenant: 'text',
    document_id: 'uuid?',
    before_at: 'timestamptz?',
    before_id: 'uuid?',
    limit: 'int4',
  }),
  /** Counts of one minute: `latency` by bucket, see `LatencyHistogram`. */
  record_activity: write<{ recorded: number }>()({
    tenant: 'text',
    questions: 'int4',
    answered: 'int4',
    cached: 'int4',
    latency: 'jsonb',
  }),
  sample_activity: repeatableWrite<{ sampled: number; dropped: number }>()({ keep_seconds: 'float8' }),
  activity_series: read<ActivityStep[]>()({ tenant: 'text', step_seconds: 'int4', points: 'int4' }),
  stats: read<Record<string, unknown>>()({ tenant: 'text', sets: 'text[]?' }),
  list_workers: read<WorkerRow[]>()({ tenant: 'text', sets: 'text[]?' }),
  versions: read<{ postgres: string; pgvector: string; migrations: number; functions: string }>()({}),
} as const;

type Functions = typeof functions;
export type FunctionName = keyof Functions;
type Required<S extends Signature> = {
  [K in keyof S as S[K] extends `${string}?` ? never : K]: ValueOf<S[K]>;
};
type Optional<S extends Signature> = {
  [K in keyof S as S[K] extends `${string}?` ? K : never]?: ValueOf<S[K]>;
};
export type Arguments<N extends FunctionName> = Required<Functions[N]['args']> &
  Optional<Functions[N]['args']>;
export type Answer<N extends FunctionName> = Functions[N] extends SqlFunction<Signature, infer R> ? R : never;
