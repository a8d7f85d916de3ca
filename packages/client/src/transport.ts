import { DocentError, errorOfAnswer } from './errors.js';
import { withRetries } from './retry.js';

export interface CallOptions {
  signal?: AbortSignal;
  /** Tries after the first one; 3 by default, 0 for none. */
  retry?: number;
}

export type Query = Record<string, string | number | boolean | null | undefined>;

export interface Call extends CallOptions {
  query?: Query;
  json?: unknown;
  headers?: Record<string, string>;
}

/** An API key or JWT, or a function that returns the current one before each try. */
export type Token = string | (() => string | null | undefined | Promise<string | null | undefined>);

const defaultRetries = 3;

const getMember = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/** What `fetch` throws when nobody answers, as an error of ours; an abort stays what it is. */
export function unreachable(url: string, cause: unknown): DocentError {
  const reason = getMember(getMember(cause, 'cause'), 'code');
  const told = typeof reason === 'string' ? ` (${reason})` : '';
  return new DocentError('unreachable', `${url} does not answer${told}.`, { retryable: true, cause });
}

/** One service: its address, the credential, and how often to try. */
export class Transport {
  readonly retries: number;
  /** Files that one upload may hold, once the service has told. */
  maxFiles: number | undefined;
  private readonly fetch: typeof globalThis.fetch;

  constructor(
    readonly url: string,
    private readonly token: Token | undefined,
    options: { retry?: number; fetch?: typeof globalThis.fetch } = {},
  ) {
    this.retries = options.retry ?? defaultRetries;
    this.fetch = options.fetch ?? ((...args) => globalThis.fetch(...args));
  }

  async headers(more: Record<string, string> = {}): Promise<Record<string, string>> {
    const token = typeof this.token === 'function' ? await this.token() : this.token;
    return { ...(token != null && { authorization: `Bearer ${token}` }), ...more };
  }

  address(path: string, query: Query = {}): string {
    // a service may live below a path of its own
    const url = new URL(`.${path}`, this.url.endsWith('/') ? this.url : `${this.url}/`);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined && value !== null) url.searchParams.set(name, String(value));
    return url.href;
  }

  /** One try. @throws DocentError; the signal's reason when it aborts */
  async once(url: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await this.fetch(url, init);
    } catch (error) {
      init.signal?.throwIfAborted();
      throw unreachable(this.url, error);
    }
    if (response.ok) return response;
    throw errorOfAnswer(response.status, response.headers, await response.text().catch(() => ''));
  }

  /** A call that may be repeated: it only reads, or it carries an `Idempotency-Key`. */
  request(method: string, path: string, call: Call = {}): Promise<Response> {
    const { query, json, headers, signal, retry = this.retries } = call;
    const more = { ...(json !== undefined && { 'content-type': 'application/json' }), ...headers };
    const init: RequestInit = {
      method,
      ...(json !== undefined && { body: JSON.stringify(json) }),
      ...(signal && { signal }),
    };
    const send = async () =>
      this.once(this.address(path, query), { ...init, headers: await this.headers(more) });
    return withRetries(send, retry, signal);
  }

  async json<T>(method: string, path: string, call: Call = {}): Promise<T> {
    const response = await this.request(method, path, call);
    try {
      return (await response.json()) as T;
    } catch (cause) {
      call.signal?.throwIfAborted();
      throw new DocentError('invalid_response', 'The answer is no JSON: is this the address of docent?', {
        status: response.status,
        cause,
      });
    }
  }
}

/** The service does the work of one key once, however often it is sent. */
export const idempotent = (): Record<string, string> => ({ 'idempotency-key': newKey() });

/** `crypto.randomUUID` is missing in browsers on pages without TLS. */
const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
