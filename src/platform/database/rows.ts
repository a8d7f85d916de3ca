import type { ChunkPlace } from '../../common/chunk-place.js';
import type { Failure } from '../../common/errors.js';
import type { WarningCode, WarningParams } from '../../common/warnings.js';

type DocumentStatus = 'queued' | 'processing' | 'ready' | 'failed';
type TaskStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
export type Pipeline = 'standard' | 'vlm';

export interface DocumentRow {
  id: string;
  filename: string;
  document_set: string;
  status: DocumentStatus;
  version: number;
  ready_version: number | null;
  chunk_count: number | null;
  /** Chunks of the version that answers, and those of them that have a vector; null without an embedding model. */
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
  /** Whether searches find this version. */
  answers: boolean;
  bytes: number;
  media_type: string;
  pipeline: Pipeline;
  pages: number | null;
  chunk_count: number | null;
  error: Failure | null;
  task_id: string | null;
  /** Of the parsers that made its text. */
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

export interface TaskRow {
  id: string;
  tenant: string;
  subject: string;
  type: string;
  queue: string;
  payload: Record<string, unknown>;
  status: TaskStatus;
  stage: string | null;
  progress: number;
  priority: number;
  attempts: number;
  max_attempts: number;
  losses: number;
  /** Fencing token of the newest claim. */
  token: number;
  owner: string | null;
  lease_until: string | null;
  run_after: string;
  cancel_requested: boolean;
  waiting_on: string | null;
  /** Milliseconds spent in each stage. */
  stages: Record<string, number>;
  result: unknown;
  error: Failure | null;
  parent_id: string | null;
  waits_for: string | null;
  document_id: string | null;
  filename: string | null;
  document_set: string | null;
  /**
   * The sets that the work reads or changes, if there are several; null means all. Only principals that may
   * see all of them see the task.
   */
  document_sets: string[] | null;
  request_id: string | null;
  trace_context: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

/** A task as `/agent/status` shows it: the row, its place in the queue and, for a batch, its children. */
export interface TaskView extends TaskRow {
  /** 1-based place among the waiting tasks of its queue; null when it does not wait. */
  position: number | null;
  children: TaskRow[] | null;
}

/** What became of a version that was to be published; its task has ended with it. */
export interface Publication {
  published: boolean;
  /** A newer version took its place. */
  superseded: boolean;
  notice: TaskNotice | null;
  rings: Ring[];
}

/** A doorbell to ring: "look at task X". */
export interface Ring {
  task: string;
  /**
   * The token of the last claim. When a task was lost by its worker, the next ring differs from the one that
   * this worker still holds.
   */
  token: number;
  queue: string;
  priority: number;
}

/** A change of state that clients should hear of. */
export interface TaskNotice {
  task_id: string;
  tenant: string;
  type: string;
  status: TaskStatus;
  stage: string | null;
  progress: number;
  document_id: string | null;
  filename: string | null;
  document_set: string | null;
  result: unknown;
  error: Failure | null;
  request_id: string | null;
}

export interface NewTask {
  id: string;
  type: string;
  queue: string;
  payload: Record<string, unknown>;
  dedupe_key?: string | null;
  priority?: number;
  max_attempts?: number;
  parent_id?: string | null;
  /** Runs when that task has succeeded; is cancelled when it fails. */
  waits_for?: string | null;
  document_id?: string | null;
  filename?: string | null;
  document_set?: string | null;
  /** For work over several sets: the principal's list, null for all. */
  document_sets?: string[] | null;
}

/** Values from the catalogue of jobs for tasks that a SQL function makes. */
export interface TaskTemplate {
  type: string;
  queue: string;
  priority: number;
  max_attempts: number;
  /** Fields of the payload whose values, joined by colons, are the dedupe key. */
  dedupe: readonly string[];
}

export interface SweepReport {
  /** Due tasks whose doorbell should ring (again). */
  rings: Ring[];
  /** Tasks that ended in the sweep: worker lost too often, chain broken. */
  ended: TaskNotice[];
  /** Blobs to remove from the store; `blobs_removed` confirms. */
  garbage: string[];
  purged: { tasks: number; idempotency_keys: number; intents: number; audit_entries: number };
  folded: number;
  /** Spaces without a graph that have become too large to scan. */
  unindexed: number[];
  /** False when another process is sweeping right now. */
  swept: boolean;
}

/** The quotas of a tenant; absent ones are not limited. */
export interface TenantQuota {
  documents?: number;
  /** Total size of the originals. */
  bytes?: number;
  /** Unfinished ones. */
  tasks?: number;
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

/** A published document whose keyword rows are to be made again. */
export interface OutdatedDocument {
  tenant: string;
  document_id: string;
  version: number;
  filename: string;
  title: string | null;
  language: string | null;
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
  /** Per space id: the vector, made a unit vector on the way in; best a `vectorLiteral`. Absent without an embedding model. */
  embeddings?: Record<string, string | number[]>;
}

export interface EmbeddingSpace {
  id: number;
  provider: string;
  model: string;
  dimensions: number;
  state: 'building' | 'active' | 'retired';
  created_at: string;
}

/** The graph over the vectors of a space. */
export interface SpaceIndex {
  /** `unfinished` means that a build was interrupted: searches ignore it. */
  state: 'none' | 'building' | 'unfinished' | 'ready';
  /** Progress of a build, 0 … 1. */
  progress: number | null;
  bytes: number;
}

/** How far a space is from holding every chunk. */
export interface SpaceProgress {
  chunks: number;
  /** Chunks without a vector in the space. */
  missing: number;
  /** Different texts among them that must be embedded; the rest is copied. */
  inputs: number;
  /** An estimate of the tokens of those texts. */
  tokens: number;
}

/** The next chunks that a space lacks. */
export interface MissingChunks {
  /** Chunks that took the vector of an equal one. */
  copied: number;
  /** Where the next page begins; null at the end. */
  last: string | null;
  chunks: { id: string; tenant: string; input_hash: string; heading: string | null; content: string }[];
}

/** Figures about the published chunks in the scope. */
export interface CorpusStats {
  chunks: number;
  /** Mean analysed terms of a chunk; 0 for an empty corpus. */
  average_length: number;
  /** Increases with every change that a search or a filter can see. */
  revision: number;
  /** Most chunks first; '' where the language is not known. */
  languages: { language: string; chunks: number; average_length: number }[];
}

/** What happened to a set since an earlier `horizon`. */
export interface SetChanges {
  /** What the next call asks from. */
  horizon: string;
  revision: number;
  /** `documents` are all of the set, and not only those that changed. */
  whole: boolean;
  /** `chunks` is null for a document that the set does not have any more. A higher `stamp` is a later change. */
  documents: { id: string; stamp: number; chunks: number | null }[];
}

/** A published document with some of its chunks, as an index beside the rows is built from. */
export interface IndexedDocumentRow {
  id: string;
  version: number;
  filename: string;
  title: string | null;
  language: string | null;
  media_type: string;
  metadata: Record<string, unknown>;
  created_at: string;
  /** All of its chunks. */
  count: number;
  /** `fingerprint` is a whole number, `words` a tsvector and `vector` a vector as they go over the wire, in base64. */
  chunks: [
    id: string,
    ordinal: number,
    heading: string | null,
    page: number | null,
    page_end: number | null,
    length: number,
    fingerprint: string,
    content: string,
    words: string,
    vector: string | null,
  ][];
}

export interface FoundChunk {
  id: string;
  document_id: string;
  version: number;
  ordinal: number;
  content: string;
  heading: string | null;
  page: number | null;
  page_end: number | null;
  filename: string;
  document_set: string;
  media_type: string;
  language: string | null;
  title: string | null;
  metadata: Record<string, unknown>;
  created_at: string;
  /** Analysed terms in the chunk. */
  length: number;
  /**
   * For each of the requested `terms`: its places (1-based, among the analysed terms) in the chunk; empty if
   * no terms were requested.
   */
  matched: Record<string, number[]>;
  /** Inner product with the sparse query; null where the keyword leg was not asked. */
  keyword: number | null;
  /** Cosine; null without a vector. */
  vector: number | null;
}

/** A chunk next to a found one, or the found one itself. */
export interface NeighbouringChunk {
  document_id: string;
  version: number;
  ordinal: number;
  content: string;
  page: number | null;
  heading: string | null;
  /** Characters of the parsed text, end exclusive. The content may be longer: the header of a table is repeated before its rows. */
  start: number;
  end: number;
}

/** A query term after analysis: its hash is its place in the sparse vectors. */
export interface QueryTerm {
  term: string;
  hash: number;
  /** Times in the query. */
  count: number;
  /** Unknown terms of five letters or more may be replaced by near ones. */
  fuzzy: boolean;
  /** An unknown one may be a part of longer words. */
  compound?: boolean;
  /** The word of the query it stems from: one word has a stem in each plausible language. */
  word: string;
}

export interface WeighedTerm {
  term: string;
  /** The term of the query that it replaces (itself, or a misspelt one). */
  source: string;
  df: number;
  /** 1, or for a near term its trigram similarity. */
  similarity: number;
}

export interface ApiKeyRow {
  id: string;
  tenant: string;
  subject: string;
  name: string;
  scopes: string[];
  document_sets: string[] | null;
  expires_at: string | null;
  revoked_at: string | null;
  last_used_at: string | null;
  created_at: string;
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

export interface AuditEntry {
  id: string;
  subject: string;
  action: string;
  target: string | null;
  detail: Record<string, unknown>;
  request_id: string | null;
  at: string;
}

/** A process that holds tasks, and the end of its lease. */
export interface WorkerRow {
  owner: string;
  lease_until: string;
  /** Rest of the shortest lease; negative when the next sweep will take it back. */
  lease_seconds: number;
  tasks: {
    task_id: string;
    type: string;
    queue: string;
    stage: string | null;
    progress: number;
    attempts: number;
    losses: number;
    document_id: string | null;
    filename: string | null;
    started_at: string;
  }[];
}

/** One step of a tenant's figures over time. */
export interface ActivityStep {
  /** When the step began. */
  at: string;
  questions: number;
  answered: number;
  cached: number;
  tokens: number;
  /** The last sample of the step; null without one. */
  documents: number | null;
  /** The highest sample of the step; null without one. */
  waiting: number | null;
  oldest_seconds: number | null;
  /** Questions by bucket of `latency-histogram.ts`. */
  latency: number[];
}

/** Counts of the items in one run of a source. */
export interface SourceCounts {
  listed: number;
  added: number;
  changed: number;
  unchanged: number;
  removed: number;
  failed: number;
}

export interface SourceRow {
  id: string;
  tenant: string;
  subject: string;
  driver: string;
  /** Contains secrets: never send it to a client. */
  settings: Record<string, unknown>;
  document_set: string;
  every_seconds: number | null;
  checkpoint: string | null;
  /** Number of the complete listing that is under way or comes next. */
  pass: number;
  /** Counts of the last run; null before the first. */
  counts: SourceCounts | null;
  last_error: { code: string; detail: string } | null;
  last_run_at: string | null;
  next_run_at: string | null;
  /** How many documents are from it. */
  documents: number;
  /** True while a run waits or is in progress. */
  running: boolean;
  created_at: string;
}

/** One item of a source, and its document. */
export interface SourceItemRow {
  key: string;
  version: string | null;
  document_id: string;
  /** The pass that listed it last. */
  pass: number;
  /** What the driver keeps of it for the next run. */
  memo: Record<string, unknown> | null;
}

export interface WebhookRow {
  id: string;
  url: string;
  events: string[];
  /** The only sets it hears of; null for all. */
  document_sets: string[] | null;
  description: string | null;
  /** Why nothing is sent any more; null while something is. */
  disabled: string | null;
  created_at: string;
}

export interface WebhookDeliveryRow {
  id: string;
  event: string;
  status: 'pending' | 'delivered' | 'failed';
  attempts: number;
  response_status: number | null;
  error: string | null;
  body: Record<string, unknown>;
  created_at: string;
  next_attempt_at: string | null;
  delivered_at: string | null;
}

/** A delivery that this process must send now. */
export interface DueDelivery {
  id: string;
  webhook_id: string;
  event: string;
  body: Record<string, unknown>;
  attempts: number;
  url: string;
  secret: string;
  disabled: boolean;
}
