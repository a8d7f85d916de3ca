// The answers of the API as the console reads them. See /docs for all of their fields.

export type Scope = 'read' | 'write' | 'admin';
export interface Me {
  tenant: string;
  subject: string;
  scopes: Scope[];
  document_sets: string[] | null;
  via: 'none' | 'jwt' | 'api_key';
  expires_at: string | null;
  limits: {
    file_bytes: number;
    files_per_upload: number;
    requests: { limit: number; window_seconds: number };
  };
  models: {
    chat: string | null;
    embedding: string | null;
    vision: string | null;
    reader: string | null;
    reranker: string | null;
    ocr: { driver: 'local' | 'vision'; languages: string[] } | null;
    local: { state: 'ready' | 'starting' | 'failed'; detail: string | null } | null;
  };
}

export interface Failure {
  code: string;
  detail: string;
  retryable: boolean;
}
type DocumentStatus = 'queued' | 'processing' | 'ready' | 'failed';
export type MetadataValue = string | number | boolean | null;
export interface Warning {
  code: string;
  detail: string;
  pages?: number[];
  params?: Record<string, string | number>;
}
export interface DocumentItem {
  id: string;
  filename: string;
  document_set: string;
  status: DocumentStatus;
  version: number;
  ready_version: number | null;
  chunk_count: number | null;
  pages: number | null;
  bytes: number;
  media_type: string;
  language: string | null;
  title: string | null;
  metadata: Record<string, MetadataValue>;
  warnings: Warning[];
  error: Failure | null;
  task_id: string | null;
  embedding?: { embedded: number; chunks: number } | null;
  created_at: string;
  updated_at: string;
}
export interface DocumentVersion {
  version: number;
  status: DocumentStatus;
  answers: boolean;
  bytes: number;
  media_type: string;
  pipeline: 'standard' | 'vlm';
  pages: number | null;
  chunk_count: number | null;
  error: Failure | null;
  created_at: string;
}
export interface DocumentSet {
  name: string;
  documents: number;
  chunks: number;
  bytes: number;
}
export interface Chunk {
  id: string;
  ordinal: number;
  content: string;
  page: number | null;
  page_end: number | null;
  heading: string | null;
}
export interface Box {
  page: number;
  x: number;
  y: number;
  width: number;
  height: number;
}
export interface TextPart {
  markdown: string;
  page: number | null;
  page_end: number | null;
  heading: string | null;
  source: 'text' | 'ocr' | 'vision';
  boxes?: (Box & { start: number; end: number })[];
  page_size?: { width: number; height: number } | null;
}
export interface DocumentText {
  parts: TextPart[];
  warnings: Warning[];
}
export interface Receipt {
  documents: number;
  chunks: number;
  embeddings: number;
  blobs: number;
  summaries: number;
}

export interface SearchResult {
  id: string;
  content: string;
  score: number;
  metadata: {
    filename: string;
    document_set: string;
    document_id: string;
    page: number | null;
    page_end: number | null;
    heading: string | null;
    media_type?: string;
    source?: TextPart['source'];
  } & Record<string, unknown>;
}
export interface Citation {
  marker: string;
  /** Place of the cited result, from 0. */
  result: number;
  quote: string;
  page: number | null;
  verified: boolean;
  source?: TextPart['source'] | null;
  boxes?: Box[] | null;
  page_size?: { width: number; height: number } | [number, number] | null;
  cells?: string | null;
}
export interface Turn {
  role: 'user' | 'assistant';
  content: string;
}
export interface Question {
  prompt: string;
  document_set: string | null;
  filter: Record<string, unknown> | null;
  history: Turn[];
}
export interface AnswerEnd {
  answer: string | null;
  answered: boolean;
  answer_mode: 'llm' | 'extractive' | 'none';
  query: string;
  took_ms: Record<string, number>;
  warnings?: string[];
}

type TaskStatus = 'PENDING' | 'STARTED' | 'RETRY' | 'SUCCESS' | 'FAILURE' | 'REVOKED';
export interface Task {
  task_id: string;
  type: string;
  status: TaskStatus;
  result: unknown;
  stage: string | null;
  progress: number;
  position: number | null;
  attempts: number;
  error: Failure | null;
  waiting_on: string | null;
  document_id: string | null;
  filename: string | null;
  document_set: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  eta_seconds?: number | null;
  children?: Task[];
}
export interface Notification {
  id: string;
  type: string;
  task_id: string | null;
  document_id: string | null;
  filename: string | null;
  document_set: string | null;
  status: 'queued' | 'processing' | 'completed' | 'failed' | 'cancelled';
  stage: string | null;
  progress: number;
  error: Failure | null;
}
interface AcceptedDocument {
  id: string;
  filename: string;
  document_set: string;
  version: number;
  status: DocumentStatus;
  duplicate: boolean;
  task_id: string;
}
export interface UploadAnswer {
  task_id: string;
  documents: AcceptedDocument[];
  rejected: { filename: string; code: string; detail: string }[];
}

interface QueueStats {
  queue: string;
  waiting: number;
  running: number;
  oldest_seconds: number;
  failed: number;
}
export interface Workers {
  queues: QueueStats[];
  workers: Worker[];
  state?: 'none' | 'idle' | 'busy' | 'unknown';
  present?: { owner: string; queues: string[] }[] | null;
}
interface Worker {
  owner: string;
  lease_until: string;
  lease_seconds: number;
  tasks: { task_id: string; type: string; stage: string | null; progress: number; filename: string | null }[];
}
export interface Stats {
  documents: Record<'total' | 'queued' | 'processing' | 'ready' | 'failed' | 'bytes', number>;
  chunks: number;
  document_sets: number;
  queues: QueueStats[];
  cache: { hits: number; misses: number };
}
export type Period = 'hour' | 'day' | 'week';
export interface SeriesPoint {
  at: string;
  documents: number | null;
  questions: number;
  answered_share: number | null;
  latency_ms_p50: number | null;
  latency_ms_p95: number | null;
  cache_share: number | null;
  queue_depth: number | null;
  queue_oldest_seconds: number | null;
  tokens: number;
}
export interface Series {
  period: Period;
  step_seconds: number;
  points: SeriesPoint[];
}

export interface ApiKey {
  id: string;
  subject: string;
  name: string;
  scopes: Scope[];
  document_sets: string[] | null;
  expires_at: string | null;
  revoked_at: string | null;
  last_used_at: string | null;
  created_at: string;
}
export interface NewApiKey {
  name: string;
  scopes: Scope[];
  document_sets: string[] | null;
  expires_at: string | null;
}
type SourceDriver = 'web' | 's3' | 'folder';
export interface Source {
  id: string;
  driver: SourceDriver;
  settings: Record<string, string | number>;
  document_set: string;
  schedule: string | null;
  state: 'new' | 'running' | 'ok' | 'failed';
  documents: number;
  counts: Record<'listed' | 'added' | 'changed' | 'unchanged' | 'removed' | 'failed', number> | null;
  last_error: { code: string; detail: string } | null;
  last_run_at: string | null;
  next_run_at: string | null;
}
export type NewSource = Pick<Source, 'driver' | 'settings' | 'document_set' | 'schedule'>;
export const webhookEvents = ['document.ready', 'document.failed', 'document.deleted', 'task.ended'] as const;
export interface Webhook {
  id: string;
  url: string;
  events: string[];
  document_sets: string[] | null;
  description: string | null;
  /** Why nothing is sent any more. */
  disabled: string | null;
  created_at: string;
}
export type NewWebhook = Pick<Webhook, 'url' | 'events' | 'document_sets' | 'description'>;
export interface Delivery {
  id: string;
  event: string;
  status: 'pending' | 'delivered' | 'failed';
  attempts: number;
  response_status: number | null;
  error: string | null;
  created_at: string;
  next_attempt_at: string | null;
  delivered_at: string | null;
}
export interface AuditEntry {
  id: string;
  subject: string;
  action: string;
  target: string | null;
  detail: Record<string, unknown>;
  at: string;
}
interface QuotaUse {
  used: number;
  limit: number | null;
}
export type Quota = Record<'documents' | 'bytes' | 'tasks', QuotaUse> & {
  tokens: QuotaUse & { resets_at: string };
};
/** Requests of this principal in the window that is running. */
export interface RequestUse {
  used: number;
  limit: number;
  /** Seconds until the window ends. */
  reset: number;
}
export interface Configuration {
  drivers: Record<string, string>;
  versions: Record<string, string>;
  limits: Record<string, number>;
  warnings: string[];
}
export interface Space {
  id: number;
  provider: string;
  model: string;
  dimensions: number;
  state: 'building' | 'active' | 'retired';
  chunks: number;
  missing: number;
}
export interface Health {
  status: 'ok' | 'error';
  version?: string;
  details?: Record<string, { status: 'up' | 'down'; message?: string; driver?: string }>;
}
export interface Summary {
  id: string;
  filename: string;
  document_id: string;
  version: number;
  summary_text: string;
  model: string;
  created_at: string;
}
export interface SignInSettings {
  auth: 'none' | 'required';
  version: string;
  oidc:
    | {
        issuer: string;
        client_id: string;
        scopes: string;
        authorization_endpoint: string;
        token_endpoint: string;
        end_session_endpoint?: string;
        unavailable?: undefined;
      }
    | { client_id: string; unavailable: true }
    | null;
}
