/** Shapes of the HTTP API, as in docs/openapi.json. */
export type Metadata = Record<string, string | number | boolean | null>;
export type DocumentStatus = 'queued' | 'processing' | 'ready' | 'failed';
export type TaskStatus = 'PENDING' | 'STARTED' | 'RETRY' | 'SUCCESS' | 'FAILURE' | 'REVOKED';

export interface Failure {
  /** A stable word of the service's error catalogue. */
  code: string;
  detail: string;
  retryable: boolean;
}

export interface DocumentWarning {
  code: string;
  detail: string;
  /** 1-based; missing for the whole document. */
  pages?: number[];
}

export interface Document {
  id: string;
  filename: string;
  document_set: string;
  status: DocumentStatus;
  version: number;
  /** The version that answers searches. */
  ready_version: number | null;
  chunk_count: number | null;
  embedding: { embedded: number; chunks: number } | null;
  pages: number | null;
  bytes: number;
  media_type: string;
  language: string | null;
  title: string | null;
  metadata: Metadata;
  warnings: DocumentWarning[];
  error: Failure | null;
  task_id: string | null;
  created_at: string;
  updated_at: string;
}

export interface DocumentsQuery {
  document_set?: string;
  status?: DocumentStatus;
  /** Part of the file name. */
  q?: string;
  media_type?: string;
  /** RFC 3339. */
  created_from?: string;
  created_to?: string;
  sort?: string;
  /** Rows a page, 1…200. The iterator fetches further pages on its own. */
  limit?: number;
}

export interface Uploaded {
  status: 'success';
  /** The batch: `wait` for it. */
  task_id: string;
  document_set: string;
  uploaded: string[];
  documents: {
    id: string;
    filename: string;
    document_set: string;
    version: number;
    status: DocumentStatus;
    /** The same bytes were there already. */
    duplicate: boolean;
    task_id: string;
  }[];
  rejected: { filename: string; code: string; detail: string }[];
}

/** Give either `content` (text) or `content_base64`. */
export interface IngestFile {
  filename: string;
  content?: string;
  content_base64?: string;
  document_set?: string;
  metadata?: Metadata;
  include_hidden?: boolean;
}

export interface IngestOptions {
  document_set?: string;
  pipeline?: 'standard' | 'vlm';
  include_hidden?: boolean;
}

export interface Deletion {
  status: 'success';
  message: string;
  deleted: { documents: number; chunks: number; embeddings: number; blobs: number; summaries: number };
}

export interface Turn {
  role: 'user' | 'assistant';
  content: string;
}

export interface SearchOptions {
  /** Results at most, 1…100; 10 by default. */
  limit?: number;
  document_set?: string;
  filter?: Record<string, unknown>;
  mode?: 'hybrid' | 'vector' | 'keyword';
  /** Chunks before and after each result that are merged into it, 0…3. */
  neighbours?: number;
}

export interface AskOptions extends SearchOptions {
  /** Earlier turns, from which a follow-up question is made stand-alone. */
  history?: Turn[];
}

export interface SearchResult {
  id: string;
  content: string;
  /** Absolute support, 0…1: means the same across queries. */
  score: number;
  highlights: string[];
  metadata: {
    filename: string;
    document_set: string;
    document_id: string;
    page: number | null;
    page_end: number | null;
    heading: string | null;
    [name: string]: unknown;
  };
}

export interface Citation {
  /** As in the answer, e.g. `[1]`. */
  marker: string;
  /** Place of the cited result, from 0. */
  result: number;
  quote: string;
  page: number | null;
  /** Whether the quote stands in the result. */
  verified: boolean;
  key?: string | null;
  /** Points, origin top left; empty where unknown. */
  boxes?: { page: number; x: number; y: number; width: number; height: number }[];
  page_size?: { width: number; height: number } | null;
  source?: 'text' | 'ocr' | 'vision' | null;
  /** E.g. `Sheet1!B7:D7`. */
  cells?: string | null;
}

export interface SearchResponse {
  /** Null when no answer was asked for. */
  answer: string | null;
  answered: boolean;
  answer_mode: 'llm' | 'extractive' | 'none';
  results: SearchResult[];
  citations: Citation[];
  /** What was searched for. */
  query: string;
  took_ms: { embed: number; search: number; rerank: number; answer: number };
  /** Tokens of the models. */
  usage: { prompt_tokens: number; completion_tokens: number; embedding_tokens: number };
  warnings?: string[];
}

/** What `ask` yields: `results`, then `token`s, then `citations`, then `done` with the whole response. */
export type AnswerEvent =
  | { type: 'results'; results: SearchResult[]; query: string }
  | { type: 'token'; token: string }
  | { type: 'citations'; citations: Citation[] }
  | { type: 'done'; response: SearchResponse };

export interface Task {
  task_id: string;
  type: string;
  status: TaskStatus;
  result: unknown;
  stage: string | null;
  /** Milliseconds by stage. */
  stages: Record<string, number>;
  /** 0…1. */
  progress: number;
  position: number | null;
  attempts: number;
  error: Failure | null;
  waiting_on: string | null;
  document_id: string | null;
  filename: string | null;
  document_set: string | null;
  request_id: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  eta_seconds?: number | null;
  /** The tasks of a batch. */
  children?: Task[];
}

/** An event of `GET /agent/events`: a hint; the task is the truth. */
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
  result: unknown;
  error: Failure | null;
  request_id: string | null;
  at: string;
}
