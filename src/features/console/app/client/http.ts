/** An answer that is not a success, or none at all (`status` 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    /** Seconds after which the same request may be sent again. */
    readonly retryAfter: number | null,
    readonly retryable: boolean,
  ) {
    super(detail);
  }

  /** The service was not reached: it is away, or the connection is. */
  get offline(): boolean {
    return this.status === 0;
  }
}

export interface RequestOptions {
  json?: unknown;
  body?: BodyInit;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export type Credential = () => Promise<string | null>;

const maxTries = 4;
const maxWaitSeconds = 60;

export const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
  });

/** HTTP as the API speaks it: credentials, problem answers, `Retry-After`. */
export class Http {
  constructor(
    private readonly credential: Credential,
    private readonly onUnauthenticated: () => void,
  ) {}

  /** @throws ApiError for whatever is not a success; a read that is told to slow down is sent again when it may be */
  async request(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.once(method, path, options);
      } catch (error) {
        const wait = error instanceof ApiError && method === 'GET' ? error.retryAfter : null;
        if (wait === null || wait > maxWaitSeconds || tries === maxTries) throw error;
        await pause((wait + Math.random()) * 1000, options.signal);
      }
    }
  }

  async json<T>(method: string, path: string, options?: RequestOptions): Promise<T> {
    const response = await this.request(method, path, options);
    return (await response.json()) as T;
  }

  async headers(): Promise<Record<string, string>> {
    const token = await this.credential();
    return token ? { authorization: `Bearer ${token}` } : {};
  }

  /** Makes an error of an answer, and asks for a new sign-in where the credential is refused. */
  refuse(status: number, body: unknown, retryAfter: string | null): ApiError {
    const problem = (body ?? {}) as { code?: string; detail?: string; retryable?: boolean };
    if (status === 401) this.onUnauthenticated();
    return new ApiError(
      status,
      problem.code ?? 'unknown',
      problem.detail ?? `HTTP ${status}`,
      retryAfter === null ? null : Number(retryAfter) || null,
      problem.retryable ?? status >= 500,
    );
  }

  private async once(method: string, path: string, options: RequestOptions): Promise<Response> {
    const { json, body, signal } = options;
    const headers = {
      ...(await this.headers()),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...options.headers,
    };
    let response: Response;
    try {
      response = await fetch(path, {
        method,
        headers,
        signal,
        body: json === undefined ? body : JSON.stringify(json),
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new ApiError(0, 'offline', 'The service cannot be reached.', null, true);
    }
    if (response.ok) return response;
    const problem: unknown = await response.json().catch(() => null);
    throw this.refuse(response.status, problem, response.headers.get('retry-after'));
  }
}
