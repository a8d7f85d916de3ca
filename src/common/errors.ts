/**
 * The one catalogue of errors. Every answer that is not a success, every failed task and every rejected file
 * carries a `code` from here; `docs/errors.md` is rendered from it. `retryable`
 * says whether the same request may succeed later without a change.
 */
export const errorCatalogue = {
  // requests
  invalid_json: { status: 400, title: 'The body is not valid JSON', retryable: false },
  bad_request: { status: 400, title: 'The request is malformed', retryable: false },
  malformed_multipart: { status: 400, title: 'The multipart body is malformed', retryable: false },
  validation_failed: { status: 422, title: 'The request does not match the schema', retryable: false },
  invalid_filename: { status: 422, title: 'The file name cannot be used', retryable: false },
  duplicate_filename: {
    status: 409,
    title: 'Another file in the request has this name',
    retryable: false,
  },
  unsupported_media_type: { status: 415, title: 'The content type is not accepted here', retryable: false },
  method_not_allowed: { status: 405, title: 'The method is not allowed here', retryable: false },
  not_found: { status: 404, title: 'Resource not found', retryable: false },
  address_not_allowed: { status: 422, title: 'Requests to this address are not allowed', retryable: false },
  model_not_found: { status: 404, title: 'The model does not exist', retryable: false },
  page_not_found: { status: 404, title: 'The document has no such page', retryable: false },
  summary_not_found: { status: 404, title: 'There is no summary of that document yet', retryable: false },
  payload_too_large: { status: 413, title: 'The body or a file is too large', retryable: false },
  uri_too_long: { status: 414, title: 'The address is too long', retryable: false },
  request_timeout: { status: 408, title: 'The request did not arrive in time', retryable: true },
  headers_too_large: { status: 431, title: 'The request headers are too large', retryable: false },
  expectation_failed: { status: 417, title: 'The Expect header cannot be met', retryable: false },
  range_not_satisfiable: { status: 416, title: 'The range is outside the file', retryable: false },
  precondition_failed: { status: 412, title: 'A precondition failed', retryable: false },
  ambiguous_document: {
    status: 409,
    title: 'The file name exists in several document sets',
    retryable: false,
  },
  conflict: { status: 409, title: 'The current state does not allow this', retryable: false },
  idempotency_mismatch: {
    status: 422,
    title: 'The idempotency key was used with other parameters',
    retryable: false,
  },
  request_in_progress: {
    status: 409,
    title: 'A request with this idempotency key is still running',
    retryable: true,
  },
  rate_limited: { status: 429, title: 'Too many requests', retryable: true },
  quota_exceeded: { status: 429, title: 'A quota of the tenant is used up', retryable: true },
  too_many_connections: { status: 503, title: 'Too many connections', retryable: true },
  websocket_required: { status: 400, title: 'This service needs the transport websocket', retryable: false },
  unknown_event: { status: 400, title: 'Unknown socket event', retryable: false },
  connection_expired: { status: 408, title: 'The connection reached its maximum age', retryable: true },
  slow_consumer: { status: 408, title: 'The client reads too slowly', retryable: true },
  // principals
  unauthenticated: { status: 401, title: 'A valid credential is needed', retryable: false },
  token_expired: { status: 401, title: 'The token has expired', retryable: false },
  issuer_unavailable: {
    status: 503,
    title: 'The signing keys of the token’s issuer are unavailable',
    retryable: true,
  },
  forbidden: { status: 403, title: 'This principal is not allowed to do this', retryable: false },
  host_not_allowed: { status: 421, title: 'The Host header does not name this server', retryable: false },
  origin_not_allowed: { status: 403, title: 'Requests from this origin are not accepted', retryable: false },
  // documents
  unsupported_file_type: { status: 415, title: 'The file type is not supported', retryable: false },
  content_mismatch: { status: 415, title: 'The content does not match the file name', retryable: false },
  empty_file: { status: 422, title: 'The file is empty', retryable: false },
  encrypted_document: { status: 422, title: 'The document is encrypted', retryable: false },
  corrupt_document: { status: 422, title: 'The document cannot be read', retryable: false },
  archive_bomb: { status: 422, title: 'The document expands to an excessive size', retryable: false },
  too_large: { status: 422, title: 'The document has too many pages, cells or characters', retryable: false },
  no_text_content: { status: 422, title: 'The document contains no text', retryable: false },
  needs_ocr: { status: 422, title: 'The document is a scan and needs OCR', retryable: true },
  parse_timeout: { status: 422, title: 'Parsing exceeded its deadline', retryable: true },
  parser_crashed: { status: 422, title: 'The parser crashed on this document', retryable: true },
  // work
  cancelled: { status: 409, title: 'The task was cancelled', retryable: true },
  superseded: { status: 409, title: 'A newer version replaced this one', retryable: false },
  worker_lost: { status: 503, title: 'The worker of this task was lost too often', retryable: true },
  task_timeout: { status: 504, title: 'The task exceeded its time limit', retryable: true },
  // upstreams
  embedding_unavailable: { status: 409, title: 'No embedding model is configured', retryable: false },
  vision_unavailable: { status: 409, title: 'No vision model is configured', retryable: true },
  upstream_unavailable: { status: 503, title: 'A model server cannot be reached', retryable: true },
  upstream_rate_limited: { status: 503, title: 'A model server limits the request rate', retryable: true },
  upstream_timeout: { status: 504, title: 'A model server did not answer in time', retryable: true },
  upstream_invalid: { status: 503, title: 'A model server returned an unusable answer', retryable: true },
  upstream_rejected: { status: 503, title: 'A model server refused the request', retryable: false },
  database_unavailable: { status: 503, title: 'The database cannot be reached', retryable: true },
  queue_unavailable: { status: 503, title: 'The queue cannot be reached', retryable: true },
  storage_unavailable: { status: 503, title: 'The blob store cannot be reached', retryable: true },
  storage_full: { status: 507, title: 'The blob store is full', retryable: true },
  blob_not_found: { status: 404, title: 'The stored file is missing', retryable: false },
  not_ready: { status: 503, title: 'The service is starting or stopping', retryable: true },
  internal: { status: 500, title: 'Something went wrong on the server', retryable: true },
} as const satisfies Record<string, { status: number; title: string; retryable: boolean }>;

export type ErrorCode = keyof typeof errorCatalogue;

/** What a client can do about an error that is thrown without a detail of its own. */
const advice: Partial<Record<ErrorCode, string>> = {
  not_found: 'Check its name or id, and that your credential may see it.',
  unauthenticated: 'Send a valid key or token as `Authorization: Bearer …`.',
  token_expired: 'Get a new one.',
  websocket_required:
    "Connect with `transports: ['websocket']`. Where no websocket gets through, read the events of `GET /agent/events`.",
  idempotency_mismatch: 'Use a new key for another request.',
  request_in_progress: 'Wait for its end, and send it again.',
  summary_not_found: 'Request one with `POST /agent/summarize`.',
  empty_file: 'Check that it was saved completely, and upload it again.',
  encrypted_document: 'Save a copy without a password, and upload the copy.',
  corrupt_document: 'Open it in its own program, save a copy, and upload the copy.',
  too_large: 'Split it, and upload the parts.',
  archive_bomb: 'Upload its parts by themselves.',
  storage_full: 'Ask who runs the service to make room, then try again.',
  no_text_content: 'Check that it is the right file.',
};

/** The detail of an error about which no more is known. */
export const defaultDetail = (code: ErrorCode): string =>
  [`${errorCatalogue[code].title}.`, advice[code]].filter(Boolean).join(' ');

/** One violated rule of a request: where, and what is wrong with it. */
export interface FieldError {
  /** Dotted path of the field, e.g. `files.0.filename`. */
  field: string;
  message: string;
}

/** A file of a request that was not taken, and why. */
export interface RejectedFile {
  filename: string;
  /** Its place in the archive that held it, the name of the archive included. */
  path?: string;
  code: ErrorCode;
  detail: string;
}

export interface ProblemOptions {
  errors?: FieldError[];
  /** Every file of an upload of several files that were all rejected. */
  rejected?: RejectedFile[];
  /** Seconds until a retry makes sense; sent as `Retry-After`. */
  retryAfter?: number;
  /** Overrides the catalogue when one cause of the same code is final and another is not. */
  retryable?: boolean;
  /** Overrides the catalogue's status, e.g. 400 for a syntactically broken path segment. */
  status?: number;
  /** Extra response headers, e.g. `Allow`. */
  headers?: Record<string, string>;
  cause?: unknown;
}

/** The only error that leaves a module. Clients see `detail`: it contains no paths, SQL or secrets. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly errors?: FieldError[];
  readonly rejected?: RejectedFile[];
  readonly retryAfter?: number;
  readonly retryable: boolean;
  readonly status: number;
  readonly headers?: Record<string, string>;

  constructor(
    readonly code: ErrorCode,
    readonly detail: string = defaultDetail(code),
    options: ProblemOptions = {},
  ) {
    super(`${code}: ${detail}`, { cause: options.cause });
    this.errors = options.errors;
    this.rejected = options.rejected;
    this.retryAfter = options.retryAfter;
    this.retryable = options.retryable ?? errorCatalogue[code].retryable;
    this.status = options.status ?? errorCatalogue[code].status;
    this.headers = options.headers;
  }
}

/** The failure of a task, a document or an event. */
export interface Failure {
  code: ErrorCode;
  detail: string;
  retryable: boolean;
}

/**
 * Turns anything thrown into a failure. An error that is not a `Problem` becomes `internal` without details.
 */
export function toFailure(error: unknown): Failure {
  if (error instanceof Problem) return { code: error.code, detail: error.detail, retryable: error.retryable };
  return { code: 'internal', detail: defaultDetail('internal'), retryable: true };
}
