import { DocentError, problemError } from './errors.js';
import { events, type EventsOptions } from './events.js';
import { serverSentEvents } from './sse.js';
import { idempotent, Transport, type Call, type CallOptions, type Token } from './transport.js';
import type * as api from './types.js';
import { upload, type UploadFile, type UploadOptions } from './upload.js';
import { wait, type WaitOptions } from './wait.js';

export interface DocentOptions {
  /** Address of the service, e.g. `http://127.0.0.1:8000`. */
  url: string;
  /**
   * API key or JWT, or a function that returns the current one before each try; nothing where the service
   * needs none.
   */
  token?: Token;
  /** Tries after the first one, for every call that does not say otherwise; 3 by default. */
  retry?: number;
  /** Takes the place of the global `fetch`. */
  fetch?: typeof globalThis.fetch;
}

const segment = encodeURIComponent;

/** A docent service. Every method throws `DocentError`, or the reason of its signal once that aborts. */
export class Docent {
  private readonly transport: Transport;

  constructor({ url, token, ...options }: DocentOptions) {
    if (!/^https?:\/\//i.test(url)) throw new TypeError('`url` must be an http or https address.');
    this.transport = new Transport(url, token, options);
  }

  /**
   * Sends files; what becomes of them tells `wait(task_id)`. Safe to repeat: the service does the work once.
   */
  upload(files: UploadFile[], options: UploadOptions = {}): Promise<api.Uploaded> {
    return upload(this.transport, files, options);
  }

  /** Sends texts or base64 as JSON, 1…100 files. */
  ingest(files: api.IngestFile[], options: api.IngestOptions & CallOptions = {}): Promise<api.Uploaded> {
    const { signal, retry, ...fields } = options;
    const json = { ...fields, files };
    return this.transport.json('POST', '/agent/ingest', { json, headers: idempotent(), signal, retry });
  }

  /** Every document that fits, page by page as they are read. */
  async *documents(query: api.DocumentsQuery & CallOptions = {}): AsyncGenerator<api.Document> {
    const { signal, retry, ...fields } = query;
    let cursor: string | null = null;
    do {
      const page: { documents: api.Document[]; next_cursor: string | null } = await this.transport.json(
        'GET',
        '/agent/documents',
        { query: { ...fields, cursor }, signal, retry },
      );
      yield* page.documents;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  document(id: string, options: CallOptions = {}): Promise<api.Document> {
    return this.transport.json('GET', `/agent/documents/${segment(id)}`, options);
  }

  /**
   * @param key file name or id; a name that stands in several sets needs `documentSet`
   * @throws DocentError; `not_found` may also tell that
   * the deletion worked but its answer was lost on the way
   */
  remove(key: string, options: CallOptions & { documentSet?: string } = {}): Promise<api.Deletion> {
    const { documentSet, ...call } = options;
    const query = { document_set: documentSet };
    return this.transport.json('DELETE', `/agent/documents/${segment(key)}`, { ...call, query });
  }

  /** Passages without an answer. */
  search(prompt: string, options: api.SearchOptions & CallOptions = {}): Promise<api.SearchResponse> {
    const { signal, retry, ...fields } = options;
    const json = { ...fields, prompt, answer: false };
    return this.transport.json('POST', '/agent/search', { json, signal, retry });
  }

  /** The answer as it is written. To stop reading ends the work of the service, too. */
  async *ask(question: string, options: api.AskOptions & CallOptions = {}): AsyncGenerator<api.AnswerEvent> {
    const { signal, retry, ...fields } = options;
    const response = await this.transport.request('POST', '/agent/search', {
      json: { ...fields, prompt: question },
      headers: { accept: 'text/event-stream' },
      signal,
      retry,
    });
    const whole: Partial<api.SearchResponse> = {};
    for await (const { event, data } of serverSentEvents(response.body, signal)) {
      if (event === 'error') throw problemError(data as object, { status: response.status });
      if (event === 'token') {
        yield { type: 'token', token: (data as { token: string }).token };
        continue;
      }
      Object.assign(whole, data);
      if (event === 'done') {
        yield { type: 'done', response: whole as api.SearchResponse };
        return;
      }
      if (event === 'results' || event === 'citations')
        yield { type: event, ...(data as object) } as api.AnswerEvent;
    }
    throw new DocentError('unreachable', 'The connection ended before the answer did.', { retryable: true });
  }

  /** Writes a summary of a ready document; `wait(task_id)` has it as its result. */
  summarize(
    filename: string,
    options: CallOptions & { documentSet?: string } = {},
  ): Promise<{ task_id: string; message: string }> {
    const { documentSet, ...call } = options;
    const json = { filename, document_set: documentSet };
    return this.transport.json('POST', '/agent/summarize', { ...call, json, headers: idempotent() });
  }

  /** The state of a task now. */
  task(id: string, options: CallOptions = {}): Promise<api.Task> {
    return this.transport.json('GET', `/agent/status/${segment(id)}`, options);
  }

  /** The task as it ended, well or not: look at `status` and `error`. */
  wait(taskId: string, options: WaitOptions = {}): Promise<api.Task> {
    return wait(this.transport, taskId, options);
  }

  /**
   * Events as they happen, until the signal aborts. A lost
   * connection is made again and misses nothing of two minutes.
   */
  events(options: EventsOptions = {}): AsyncGenerator<api.Notification> {
    return events(this.transport, options);
  }

  /**
   * Any call of the API, with the same credential, retries and errors as the methods above. A POST carries an
   * idempotency key, so that a repeated one does not do its work twice.
   * @param path as in the OpenAPI document, e.g. `/agent/stats`
   */
  request(method: string, path: string, call: Call = {}): Promise<Response> {
    return this.transport.request(method, path, repeatable(method, call));
  }

  /** The same for an answer that is JSON. @throws DocentError `invalid_response` where it is not */
  json<T>(method: string, path: string, call: Call = {}): Promise<T> {
    return this.transport.json<T>(method, path, repeatable(method, call));
  }
}

const repeatable = (method: string, call: Call): Call =>
  method.toUpperCase() === 'POST' ? { ...call, headers: { ...idempotent(), ...call.headers } } : call;
