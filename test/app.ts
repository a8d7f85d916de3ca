import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootService, type Service } from '../src/app/boot.js';
import { loadEnv } from '../src/config/env.js';
import { modelsOff } from './models-off.js';

export interface Answer<T = Record<string, unknown>> {
  status: number;
  headers: Headers;
  body: T;
}

/** The whole application in this process on embedded drivers, spoken to by HTTP. */
export interface TestApp {
  url: string;
  dataDir: string;
  service: Service;
  /** JSON in, JSON out. */
  call: <T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<Answer<T>>;
  /** One multipart upload of texts or bytes. */
  upload: (
    files: Record<string, string | Uint8Array>,
    fields?: Record<string, string>,
    headers?: Record<string, string>,
  ) => Promise<Answer<UploadAnswer>>;
  /** Uploads and waits until every task has ended. */
  uploaded: (
    files: Record<string, string | Uint8Array>,
    fields?: Record<string, string>,
  ) => Promise<UploadAnswer>;
  /** Waits for a task's end. */
  ended: (taskId: string) => Promise<TaskAnswer>;
  search: (prompt: string, options?: Record<string, unknown>) => Promise<SearchAnswer>;
  close: () => Promise<void>;
}

export interface UploadAnswer {
  task_id: string;
  document_set: string;
  uploaded: string[];
  documents: {
    id: string;
    filename: string;
    document_set: string;
    version: number;
    status: string;
    duplicate: boolean;
    task_id: string;
  }[];
  rejected: { filename: string; code: string; detail: string }[];
  code?: string;
}
export interface TaskAnswer {
  task_id: string;
  status: string;
  result: unknown;
  progress: number;
  error: { code: string; detail: string; retryable: boolean } | null;
  children?: TaskAnswer[];
}
export interface SearchAnswer {
  answer: string;
  answered: boolean;
  answer_mode: string;
  results: {
    id: string;
    content: string;
    score: number;
    metadata: Record<string, unknown> & { filename: string; document_set: string };
  }[];
  citations: { marker: string; result: number; quote: string; page: number | null; verified: boolean }[];
}

/**
 * @param env settings over the defaults of a test: no rate limit,
 * silent logs, no local models, a data directory of its own
 */
export async function bootApp(env: Record<string, string> = {}): Promise<TestApp> {
  const dataDir = env['DATA_DIR'] ?? mkdtempSync(join(tmpdir(), 'docent-flow-'));
  const settings = {
    PORT: '0',
    DATA_DIR: dataDir,
    LOG_LEVEL: 'silent',
    RATE_LIMIT_MAX_REQUESTS: '1000000',
    SWEEP_INTERVAL_SECONDS: '0.5',
    PARSER_PROCESSES: '1',
    ...modelsOff(env),
    ...env,
  };
  const service = await bootService(loadEnv(settings));
  const { url } = service;

  const read = async <T>(response: Response): Promise<Answer<T>> => {
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson ? JSON.parse(text) : text) as T,
    };
  };
  const call: TestApp['call'] = async (method, path, body, headers = {}) =>
    read(
      await fetch(url + path, {
        method,
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    );
  const upload: TestApp['upload'] = async (files, fields = {}, headers = {}) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    for (const [name, content] of Object.entries(files))
      form.append('files', new Blob([typeof content === 'string' ? content : Buffer.from(content)]), name);
    return read(await fetch(`${url}/agent/upload`, { method: 'POST', body: form, headers }));
  };
  const ended: TestApp['ended'] = async (taskId) => {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const { body } = await call<TaskAnswer>('GET', `/agent/status/${taskId}?wait=10`);
      if (['SUCCESS', 'FAILURE', 'REVOKED'].includes(body.status)) return body;
      if (Date.now() > deadline) throw new Error(`task ${taskId} is still ${body.status}`);
    }
  };
  return {
    url,
    dataDir,
    service,
    call,
    upload,
    ended,
    uploaded: async (files, fields) => {
      const { status, body } = await upload(files, fields);
      if (status !== 202) throw new Error(`upload answered ${status}: ${JSON.stringify(body)}`);
      await ended(body.task_id);
      return body;
    },
    search: async (prompt, options = {}) =>
      (await call<SearchAnswer>('POST', '/agent/search', { prompt, ...options })).body,
    close: async () => {
      await service.close();
      if (!env['DATA_DIR']) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
