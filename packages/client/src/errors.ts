interface RejectedFile {
  filename: string;
  code: string;
  detail: string;
}

interface Problem {
  code?: string;
  detail?: string;
  retryable?: boolean;
  request_id?: string;
  errors?: { field: string; message: string }[];
  rejected?: RejectedFile[];
}

interface Facts {
  status?: number;
  retryable?: boolean;
  retryAfter?: number;
  requestId?: string;
  errors?: { field: string; message: string }[];
  rejected?: RejectedFile[];
  cause?: unknown;
}

/**
 * Everything that goes wrong between client and service. `code` is a word of docs/errors.md, or one of the
 * client's own: `unreachable` (nobody answers), `timeout` (`wait` has
 * waited long enough), `invalid_response` (not an answer of docent).
 */
export class DocentError extends Error {
  override readonly name = 'DocentError';
  /** Of the HTTP answer; 0 where there was none. */
  readonly status: number;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** Seconds until a retry makes sense, where the service said so. */
  readonly retryAfter: number | undefined;
  /** Names the request in the logs of the service. */
  readonly requestId: string | undefined;
  /** The violated rules of a `validation_failed`. */
  readonly errors: { field: string; message: string }[];
  /** The reason of each file, when several were uploaded and none was taken. */
  readonly rejected: RejectedFile[];

  constructor(
    readonly code: string,
    readonly detail: string,
    facts: Facts = {},
  ) {
    super(`${code}: ${detail}`, { cause: facts.cause });
    this.status = facts.status ?? 0;
    this.retryable = facts.retryable ?? false;
    this.retryAfter = facts.retryAfter;
    this.requestId = facts.requestId;
    this.errors = facts.errors ?? [];
    this.rejected = facts.rejected ?? [];
  }
}

/** `Retry-After` is seconds or a date. */
function toSeconds(header: string | null): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, (at - Date.now()) / 1000);
}

export const problemError = (problem: Problem, facts: Facts = {}): DocentError =>
  new DocentError(problem.code ?? `http_${facts.status ?? 0}`, problem.detail ?? 'The request failed.', {
    ...facts,
    retryable: problem.retryable ?? facts.retryable,
    requestId: problem.request_id ?? facts.requestId,
    errors: problem.errors,
    rejected: problem.rejected,
  });

/** @param text the body; a proxy between may have written it */
export function errorOfAnswer(status: number, headers: Pick<Headers, 'get'>, text: string): DocentError {
  const facts: Facts = {
    status,
    retryAfter: toSeconds(headers.get('retry-after')),
    requestId: headers.get('x-request-id') ?? undefined,
    // a gateway that has lost the service for a moment writes no problem of ours
    retryable: status === 429 || status === 502 || status === 503 || status === 504,
  };
  try {
    const problem = JSON.parse(text) as Problem | null;
    if (problem !== null && typeof problem === 'object') return problemError(problem, facts);
  } catch {
    // told below
  }
  return new DocentError(`http_${status}`, 'The answer is none of docent.', facts);
}
