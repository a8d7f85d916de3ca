import { ApiError, Http, pause, type Credential } from './http.js';
import { readEvents } from './server-sent-events.js';
import type * as api from './types.js';

type Query = Record<string, string | number | null | undefined>;

function withQuery(path: string, query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === null || value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs).toString()}`;
}
const segment = encodeURIComponent;

export interface DocumentsQuery {
  document_set?: string | null;
  status?: string | null;
  q?: string | null;
  media_type?: string | null;
  created_from?: string | null;
  created_to?: string | null;
  sort?: string | null;
  limit?: number;
  cursor?: string | null;
}

export interface UploadRequest {
  files: { file: File; path: string }[];
  document_set: string;
  pipeline: 'standard' | 'vlm';
  include_hidden?: boolean;
  metadata: Record<string, api.MetadataValue>;
  /** @param share of the request that has left, 0 … 1 */
  onProgress(share: number): void;
  signal: AbortSignal;
}

/** The public API, one method a call. The console reaches the service through this and nothing else. */
export class Docent {
  private readonly http: Http;

  constructor(credential: Credential, onUnauthenticated: () => void) {
    this.http = new Http(credential, onUnauthenticated);
  }

  me = (): Promise<api.Me> => this.http.json('GET', '/agent/me');
  signInSettings = (): Promise<api.SignInSettings> => this.http.json('GET', '/console/sign-in.json');
  ready = async (): Promise<void> => void (await this.http.request('GET', '/health/live'));

  /** Health answers 503 with the same body when a part is down. */
  async health(): Promise<api.Health> {
    const response = await fetch('/health', { headers: await this.http.headers() });
    return (await response.json()) as api.Health;
  }

  // ---- questions ---------------------------------------------------------------------------------------------------

  async *ask(question: api.Question, signal: AbortSignal): AsyncGenerator<api.AnswerEvent> {
    const { prompt, document_set, filter, history } = question;
    const response = await this.http.request('POST', '/agent/search', {
      json: { prompt, document_set, history, ...(filter && { filter }) },
      headers: { accept: 'text/event-stream' },
      signal,
    });
    for await (const { event, data } of readEvents(response)) yield { event, data } as api.AnswerEvent;
  }

  // ---- documents ---------------------------------------------------------------------------------------------------

  documents = (
    query: DocumentsQuery,
    signal?: AbortSignal,
  ): Promise<{ documents: api.DocumentItem[]; next_cursor: string | null }> =>
    this.http.json('GET', withQuery('/agent/documents', { ...query }), { signal });
  document = (id: string): Promise<api.DocumentItem> =>
    this.http.json('GET', `/agent/documents/${segment(id)}`);
  versions = (id: string): Promise<{ versions: api.DocumentVersion[] }> =>
    this.http.json('GET', `/agent/documents/${segment(id)}/versions`);
  chunks = (id: string, cursor?: string | null, limit = 200) =>
    this.http.json<{ chunks: api.Chunk[]; next_cursor: string | null }>(
      'GET',
      withQuery(`/agent/documents/${segment(id)}/chunks`, { limit, cursor }),
    );
  text = (id: string, signal?: AbortSignal): Promise<api.DocumentText> =>
    this.http.json('GET', `/agent/documents/${segment(id)}/text?format=json`, { signal });
  changeDocument = (
    id: string,
    change: { metadata?: Record<string, api.MetadataValue>; document_set?: string },
  ): Promise<api.DocumentItem> =>
    this.http.json('PATCH', `/agent/documents/${segment(id)}`, { json: change });
  deleteDocument = (id: string): Promise<{ message: string; deleted: api.Receipt }> =>
    this.http.json('DELETE', `/agent/documents/${segment(id)}`);
  documentSets = (): Promise<{ sets: api.DocumentSet[] }> => this.http.json('GET', '/agent/documentsets');
  deleteSet = (name: string): Promise<{ task_id: string }> =>
    this.http.json('DELETE', `/agent/documentsets/${segment(name)}`);

  async original(id: string): Promise<Blob> {
    return (await this.http.request('GET', `/agent/documents/${segment(id)}/file`)).blob();
  }

  async page(id: string, page: number, dpi: number, signal?: AbortSignal): Promise<Blob> {
    const path = withQuery(`/agent/documents/${segment(id)}/pages/${page}.png`, { dpi });
    return (await this.http.request('GET', path, { signal })).blob();
  }

  /** One request of files. `fetch` says nothing of the bytes on their way, so this is an XMLHttpRequest. @throws ApiError */
  async upload(request: UploadRequest): Promise<api.UploadAnswer> {
    const form = new FormData();
    form.append('document_set', request.document_set);
    form.append('pipeline', request.pipeline);
    if (request.include_hidden) form.append('include_hidden', 'true');
    if (Object.keys(request.metadata).length > 0) form.append('metadata', JSON.stringify(request.metadata));
    for (const { file, path } of request.files) form.append('files', file, path);
    const headers = await this.http.headers();
    return new Promise((resolve, reject) => {
      const sending = new XMLHttpRequest();
      sending.open('POST', '/agent/upload');
      for (const [name, value] of Object.entries(headers)) sending.setRequestHeader(name, value);
      sending.upload.addEventListener('progress', ({ loaded, total }) =>
        request.onProgress(total > 0 ? loaded / total : 0),
      );
      sending.addEventListener('load', () => {
        const body = parseOrNull(sending.responseText);
        if (sending.status < 300) resolve(body as api.UploadAnswer);
        else reject(this.http.refuse(sending.status, body, sending.getResponseHeader('retry-after')));
      });
      for (const end of ['error', 'abort', 'timeout'])
        sending.addEventListener(end, () =>
          reject(new ApiError(0, 'offline', 'The connection was lost.', null, true)),
        );
      request.signal.addEventListener('abort', () => sending.abort(), { once: true });
      sending.send(form);
    });
  }

  // ---- summaries ---------------------------------------------------------------------------------------------------

  summarize = (filename: string, document_set: string): Promise<{ task_id: string }> =>
    this.http.json('POST', '/agent/summarize', { json: { filename, document_set } });
  async summaryOf(document: { id: string; document_set: string }): Promise<api.Summary | null> {
    let cursor: string | null = null;
    do {
      const path: string = withQuery('/agent/summaries', {
        document_set: document.document_set,
        limit: 200,
        cursor,
      });
      const page: { summaries: api.Summary[]; next_cursor: string | null } = await this.http.json(
        'GET',
        path,
      );
      const found = page.summaries.find(({ document_id }) => document_id === document.id);
      if (found) return found;
      cursor = page.next_cursor;
    } while (cursor);
    return null;
  }
  askSummary = (filename: string, document_set: string, question: string) =>
    this.http.json<{ answer: string; answered: boolean }>('POST', '/agent/summary_qa', {
      json: { filename, document_set, question },
    });

  // ---- work --------------------------------------------------------------------------------------------------------

  task = (id: string, wait = 0): Promise<api.Task> =>
    this.http.json('GET', withQuery(`/agent/status/${segment(id)}`, { wait: wait || null }));
  tasks = (query: { status?: string | null; type?: string | null; limit?: number; cursor?: string | null }) =>
    this.http.json<{ tasks: api.Task[]; next_cursor: string | null }>(
      'GET',
      withQuery('/agent/tasks', query),
    );
  retryTask = (id: string) => this.http.json('POST', `/agent/tasks/${segment(id)}/retry`);
  retryTasks = (choice: { type?: string; code?: string }): Promise<{ retried: number }> =>
    this.http.json('POST', '/agent/tasks/retry', { json: choice });
  cancelTask = (id: string) => this.http.json('POST', `/agent/tasks/${segment(id)}/cancel`);
  workers = (): Promise<api.Workers> => this.http.json('GET', '/agent/workers');
  stats = (): Promise<api.Stats> => this.http.json('GET', '/agent/stats');
  series = (period: api.Period): Promise<api.Series> =>
    this.http.json('GET', withQuery('/agent/stats/series', { period }));

  // ---- administration ----------------------------------------------------------------------------------------------

  keys = (cursor?: string | null) =>
    this.http.json<{ keys: api.ApiKey[]; next_cursor: string | null }>(
      'GET',
      withQuery('/agent/keys', { limit: 200, cursor }),
    );
  createKey = (key: api.NewApiKey): Promise<api.ApiKey & { key: string | null }> =>
    this.http.json('POST', '/agent/keys', { json: key });
  revokeKey = (id: string) => this.http.json('DELETE', `/agent/keys/${segment(id)}`);
  audit = (query: { cursor?: string | null; limit?: number; document_id?: string }) =>
    this.http.json<{ entries: api.AuditEntry[]; next_cursor: string | null }>(
      'GET',
      withQuery('/agent/audit', { limit: 50, ...query }),
    );
  sources = (cursor?: string | null) =>
    this.http.json<{ sources: api.Source[]; next_cursor: string | null }>(
      'GET',
      withQuery('/agent/sources', { limit: 50, cursor }),
    );
  createSource = (source: api.NewSource): Promise<api.Source> =>
    this.http.json('POST', '/agent/sources', { json: source });
  runSource = (id: string) => this.http.json('POST', `/agent/sources/${segment(id)}/run`);
  deleteSource = (id: string) => this.http.json('DELETE', `/agent/sources/${segment(id)}`);
  webhooks = (cursor?: string | null) =>
    this.http.json<{ webhooks: api.Webhook[]; next_cursor: string | null }>(
      'GET',
      withQuery('/agent/webhooks', { limit: 50, cursor }),
    );
  createWebhook = (webhook: api.NewWebhook): Promise<api.Webhook & { secret: string | null }> =>
    this.http.json('POST', '/agent/webhooks', { json: webhook });
  deleteWebhook = (id: string) => this.http.json('DELETE', `/agent/webhooks/${segment(id)}`);
  deliveries = (id: string, cursor?: string | null) =>
    this.http.json<{ deliveries: api.Delivery[]; next_cursor: string | null }>(
      'GET',
      withQuery(`/agent/webhooks/${segment(id)}/deliveries`, { limit: 20, cursor }),
    );
  /** One delivery, or all that failed. */
  redeliver = (id: string, delivery_id: string | null): Promise<{ redelivered: number }> =>
    this.http.json('POST', `/agent/webhooks/${segment(id)}/redeliver`, { json: { delivery_id } });
  quota = (): Promise<api.Quota> => this.http.json('GET', '/agent/quota');
  spaces = (): Promise<{ spaces: api.Space[] }> => this.http.json('GET', '/agent/spaces');

  // ---- samples -----------------------------------------------------------------------------------------------------

  async samples(): Promise<{ file: File; path: string }[]> {
    const { samples } = await this.http.json<{ samples: string[] }>('GET', '/console/samples');
    return Promise.all(
      samples.map(async (name) => {
        const response = await this.http.request('GET', `/console/samples/${segment(name)}`);
        return { file: new File([await response.blob()], name), path: name };
      }),
    );
  }

  // ---- events ------------------------------------------------------------------------------------------------------

  /**
   * Calls `hear` with every event until the signal aborts, and `onState` with true whenever the stream is open. A broken connection is
   * made again with growing pauses and goes on where it ended.
   */
  async follow(
    hear: (notification: api.Notification) => void,
    onState: (open: boolean) => void,
    signal: AbortSignal,
  ): Promise<void> {
    let last: string | undefined;
    let wait = 500;
    while (!signal.aborted) {
      try {
        const response = await this.http.request('GET', '/agent/events', {
          headers: last ? { 'last-event-id': last } : {},
          signal,
        });
        onState(true);
        wait = 500;
        for await (const { id, event, data } of readEvents(response)) {
          last = id ?? last;
          if (event === 'notification') hear(data as api.Notification);
        }
      } catch (error) {
        if (signal.aborted || (error instanceof ApiError && error.status === 401)) return;
      }
      onState(false);
      await pause(wait + Math.random() * 300, signal).catch(() => undefined);
      wait = Math.min(wait * 2, 15_000);
    }
  }
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
