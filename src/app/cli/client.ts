import { openAsBlob } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { SearchResponse } from '../../features/answers/answers.dto.js';
import type { UploadResponse } from '../../features/documents/documents.dto.js';
import { CliError, chooseExitCode, exitCodes } from './exit.js';
import { serverSentEvents, type ServerSentEvent } from './server-sent-events.js';

/** An error answer of the service; `code` is from the error catalogue. */
export class ApiError extends CliError {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly body: unknown,
  ) {
    super(`${code}: ${detail}`, chooseExitCode(code));
  }

  /** The reason of each file, when several were sent and none was taken. */
  get rejected(): UploadResponse['rejected'] | undefined {
    return (this.body as { rejected?: UploadResponse['rejected'] } | null)?.rejected;
  }

  /** Too much at once, and later will do. */
  get asksToWait(): boolean {
    return this.status === 429 && (this.body as { retryable?: boolean } | null)?.retryable !== false;
  }
}

export type Fields = Record<string, string | number | boolean | undefined | null>;
export interface LocalFile {
  path: string;
  filename: string;
}
export interface DocumentView {
  id: string;
  filename: string;
  document_set: string;
  status: string;
  version: number;
  chunk_count: number | null;
  pages: number | null;
  bytes: number;
  language: string | null;
  warnings: { code: string; detail: string }[];
  error: { code: string; detail: string } | null;
  updated_at: string;
}
export interface TaskView {
  task_id: string;
  type: string;
  status: 'PENDING' | 'STARTED' | 'RETRY' | 'SUCCESS' | 'FAILURE' | 'REVOKED';
  result: unknown;
  stage: string | null;
  waiting_on: string | null;
  stages: Record<string, number>;
  progress: number;
  attempts: number;
  error: { code: string; detail: string } | null;
  document_id: string | null;
  filename: string | null;
  document_set: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  children?: TaskView[];
}
export interface DeletionAnswer {
  message: string;
  deleted: { documents: number; chunks: number; embeddings: number; blobs: number; summaries: number };
}

interface RequestOptions {
  query?: Fields;
  json?: unknown;
  body?: FormData | Uint8Array | string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/**
 * Longest total wait of one request for an overloaded service: many windows of a rate limit, but less than a
 * day's quota.
 */
const maxWaitMs = 15 * 60_000;
/** Pause when the service asks for a shorter one or for none. */
const minPauseMs = 100;
const usualPauseMs = 1000;
/** How long the service may keep a question for the end of a task: as it is watched, and otherwise. */
const watchSeconds = 2;
const waitSeconds = 20;
export const hasEnded = (task: TaskView): boolean => ['SUCCESS', 'FAILURE', 'REVOKED'].includes(task.status);

/**
 * The HTTP API for the command line. When the service is overloaded, it waits as long as the service asks and
 * tries again.
 */
export class ApiClient {
  /** Told before each pause that an overloaded service asks for: its length, and the reason. */
  onPause?: (ms: number, reason: string) => void;

  constructor(
    readonly url: string,
    readonly token?: string,
  ) {}

  /** @throws ApiError; CliError with code 69 when the service does not answer */
  async request(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
    for (let waited = 0; ;) {
      const response = await this.send(method, path, options);
      if (response.ok) return response;
      const error = await readError(response);
      const wait = pauseAskedFor(response);
      if (!error.asksToWait || waited + wait > maxWaitMs) throw error;
      waited += wait;
      this.onPause?.(wait, error.detail);
      await pause(wait, undefined, { signal: options.signal });
    }
  }

  async json<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
    return (await (await this.request(method, path, options)).json()) as T;
  }

  /** Streams files from the disk, never whole in memory. */
  async upload(files: LocalFile[], fields: Fields): Promise<UploadResponse> {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields))
      if (value !== undefined && value !== null) form.append(name, String(value));
    for (const { path, filename } of files) form.append('files', await openAsBlob(path), filename);
    return this.json('POST', '/agent/upload', { body: form });
  }

  /** Files that one upload may hold; null where the service does not tell. */
  async filesPerUpload(): Promise<number | null> {
    try {
      const { limits } = await this.json<{ limits?: { files_per_upload?: number } }>('GET', '/agent/me');
      return limits?.files_per_upload ?? null;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  }

  search(request: object): Promise<SearchResponse> {
    return this.json('POST', '/agent/search', { json: request });
  }

  /** The events of a search: `results`, `token`…, `citations`, `done` or `error`. */
  async *searchStream(request: object, signal?: AbortSignal): AsyncGenerator<ServerSentEvent> {
    const response = await this.request('POST', '/agent/search', {
      json: request,
      headers: { accept: 'text/event-stream' },
      signal,
    });
    yield* serverSentEvents(response.body);
  }

  task(id: string, wait = 0): Promise<TaskView> {
    return this.json('GET', `/agent/status/${encodeURIComponent(id)}`, { query: { wait } });
  }

  /** Asks until the task has ended. @param see is given each answer before the last */
  async ended(id: string, see?: (task: TaskView) => void): Promise<TaskView> {
    for (;;) {
      const task = await this.task(id, see ? watchSeconds : waitSeconds);
      if (hasEnded(task)) return task;
      see?.(task);
    }
  }

  remove(name: string, document_set?: string): Promise<DeletionAnswer> {
    return this.json('DELETE', `/agent/documents/${encodeURIComponent(name)}`, { query: { document_set } });
  }

  /** The health of the service, also when it is not well. */
  async health<T>(): Promise<T> {
    const response = await this.send('GET', '/health', {});
    if (response.status !== 200 && response.status !== 503) throw await readError(response);
    return (await response.json()) as T;
  }

  /** Every row of a list, page by page. */
  async *pages<T>(path: string, field: string, query: Fields = {}): AsyncGenerator<T> {
    let cursor: string | null = null;
    do {
      const page: Record<string, unknown> = await this.json('GET', path, {
        query: { ...query, limit: 200, cursor },
      });
      yield* page[field] as T[];
      cursor = page['next_cursor'] as string | null;
    } while (cursor);
  }

  private async send(
    method: string,
    path: string,
    { query, json, body, headers, signal }: RequestOptions,
  ): Promise<Response> {
    const url = new URL(path, this.url);
    for (const [name, value] of Object.entries(query ?? {}))
      if (value !== undefined && value !== null) url.searchParams.set(name, String(value));
    try {
      return await fetch(url, {
        method,
        signal,
        body: json === undefined ? body : JSON.stringify(json),
        headers: {
          ...(this.token && { authorization: `Bearer ${this.token}` }),
          ...(json !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      const { cause } = error as { cause?: { code?: string } };
      throw new CliError(
        `${this.url} does not answer${cause?.code ? ` (${cause.code})` : ''}`,
        exitCodes.unavailable,
      );
    }
  }
}

/** Milliseconds; `Retry-After` is in seconds. */
function pauseAskedFor({ headers }: Response): number {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isNaN(seconds) ? usualPauseMs : Math.max(minPauseMs, seconds * 1000);
}

async function readError(response: Response): Promise<ApiError> {
  const text = await response.text();
  try {
    const body = JSON.parse(text) as {
      code?: string;
      detail?: string;
      errors?: { field: string; message: string }[];
    };
    const unsaid = (body.errors ?? []).filter(({ message }) => !body.detail?.includes(message));
    const detail = [body.detail, ...unsaid.map(({ field, message }) => `${field}: ${message}`)]
      .filter(Boolean)
      .join('; ');
    const advice = response.status === 401 ? ' On the command line: --token or DOCENT_TOKEN.' : '';
    return new ApiError(response.status, body.code ?? `http_${response.status}`, detail + advice, body);
  } catch {
    return new ApiError(
      response.status,
      `http_${response.status}`,
      response.statusText || 'not an answer of docent',
      text,
    );
  }
}
