import type { AnswerEvent } from '@docent/client';
import { Http, type Credential } from './http.js';
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

/**
 * The public API, one method a call, through `@docent/client`. The console reaches the service through this
 * and nothing else.
 */
export class Docent {
  private readonly http: Http;

  constructor(
    private readonly credential: Credential,
    onUnauthenticated: () => void,
  ) {
    this.http = new Http(credential, onUnauthenticated);
  }

  me = (): Promise<api.Me> => this.http.json('GET', '/agent/me');
  signInSettings = (): Promise<api.SignInSettings> => this.http.json('GET', '/console/sign-in.json');
  ready = async (): Promise<void> => void (await this.http.request('GET', '/health/live'));

  /** Health answers 503 with the same body when a part is down. */
  async health(): Promise<api.Health> {
    const token = await this.credential();
    const response = await fetch('/health', token ? { headers: { authorization: `Bearer ${token}` } } : {});
    return (await response.json()) as api.Health;
  }

  // ---- questions ---------------------------------------------------------------------------------------------------

  async *ask(question: api.Question, signal: AbortSignal): AsyncGenerator<AnswerEvent> {
    const { prompt, document_set, filter, history } = question;
    const options = { ...(document_set && { document_set }), ...(filter && { filter }), history };
    const events = this.http.client.ask(prompt, { ...options, signal, retry: 0 });
    for (;;) {
      const { value, done } = await this.http.watch(events.next());
      if (done) return;
      yield value;
    }
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
  /** At most 200 ids. */
  deleteDocuments = (ids: string[]): Promise<{ deleted: api.Receipt; missing: string[] }> =>
    this.http.json('POST', '/agent/documents/delete', { json: { ids } });
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

  /** One request of files. @throws DocentError */
  upload(request: UploadRequest): Promise<api.UploadAnswer> {
    const { files, document_set, pipeline, include_hidden, metadata, onProgress, signal } = request;
    const sent = this.http.client.upload(
      files.map(({ file, path }) => ({ name: path, content: file })),
      {
        documentSet: document_set,
        pipeline,
        ...(include_hidden && { includeHidden: true }),
        ...(Object.keys(metadata).length > 0 && { metadata }),
        onProgress: ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0),
        signal,
        retry: 0,
      },
    );
    return this.http.watch(sent);
  }

  // ---- summaries ---------------------------------------------------------------------------------------------------

  summarize = (filename: string, document_set: string): Promise<{ task_id: string }> =>
    this.http.json('POST', '/agent/summarize', { json: { filename, document_set } });
  async readSummary(document: { id: string; document_set: string }): Promise<api.Summary | null> {
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
  /** The quotas of the tenant, and what the answer's own headers say of the caller's requests. */
  async quota(): Promise<{ quota: api.Quota; requests: api.RequestUse | null }> {
    const response = await this.http.request('GET', '/agent/quota');
    const quota = (await response.json()) as api.Quota;
    const told = ['limit', 'remaining', 'reset'].map((name) => response.headers.get(`ratelimit-${name}`));
    const [limit = 0, remaining = 0, reset = 0] = told.map(Number);
    const requests = told.includes(null) ? null : { limit, used: limit - remaining, reset };
    return { quota, requests };
  }
  configuration = (): Promise<api.Configuration> => this.http.json('GET', '/agent/configuration');
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
   * Calls `hear` with every event until the signal aborts,
   * and `onState` with true whenever the stream is open.
   */
  async follow(
    hear: (notification: api.Notification) => void,
    onState: (open: boolean) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const read = async () => {
      for await (const event of this.http.client.events({ signal, onConnection: onState })) hear(event);
    };
    await this.http.watch(read()).catch(() => undefined);
  }
}
