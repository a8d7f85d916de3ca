import type { RequestBody } from './protocol.js';

/** One way in which a model server misbehaves. */
export type Misbehaviour =
  /** 429; `retryAfter` is seconds or an HTTP date, `code` the error's own (e.g. `insufficient_quota`). */
  | { kind: 'rate_limited'; retryAfter?: number | string; code?: string }
  /** 5xx with a JSON error. */
  | { kind: 'server_error'; status?: number; retryAfter?: number | string }
  /** 4xx with a JSON error. */
  | { kind: 'rejected'; status?: number; message?: string }
  /** 200 with a page of HTML. */
  | { kind: 'garbage' }
  /** 200 with well-formed JSON of some other shape. */
  | { kind: 'other_shape' }
  /** 200, cut in the middle of the JSON with the right length header. */
  | { kind: 'truncated_json' }
  /** Half of the body, then the connection is reset. */
  | { kind: 'reset_midway'; pieces?: number }
  /** The connection is reset before any answer. */
  | { kind: 'reset' }
  /** No answer at all until the client goes away. */
  | { kind: 'hang' }
  /** The right body, `bytes` at a time every `intervalMs`. */
  | { kind: 'slow_drip'; bytes?: number; intervalMs?: number; pieces?: number }
  /** A body or a stream that never ends. */
  | { kind: 'endless'; intervalMs?: number; pieces?: number }
  /** 400 `context_length_exceeded` for every request above `limit` characters (default 0). */
  | { kind: 'context_length'; limit?: number; message?: string }
  // embeddings
  | { kind: 'wrong_dimension'; dimensions?: number }
  | { kind: 'nan'; as?: 'literal' | 'null' | 'overflow' }
  | { kind: 'zero_vector' }
  | { kind: 'fewer_vectors' }
  /** A right answer: the vectors come in reverse, each with its `index`. */
  | { kind: 'reordered' }
  | { kind: 'repeated_index' }
  // chat
  | { kind: 'unasked_tools'; content?: string }
  | { kind: 'empty_answer' }
  | { kind: 'no_choices' }
  /** The stream stops after `pieces` pieces and the connection stays open. */
  | { kind: 'stall'; pieces?: number }
  /**
   * The stream is cut off after `pieces` pieces: by a reset,
   * or by a regular end without `[DONE]` and finish reason.
   */
  | { kind: 'cut_stream'; pieces?: number; how?: 'reset' | 'end' }
  /** A line of the stream that is no JSON, after `pieces` pieces. */
  | { kind: 'broken_stream'; pieces?: number }
  /** 200 and a stream whose first event is an error object. */
  | { kind: 'error_in_stream'; pieces?: number };

export type Fault = Misbehaviour & {
  /** How many requests it hits; default 1, `Infinity` until `clearFaults`. */
  times?: number;
  /** Only these requests. */
  when?: (body: RequestBody) => boolean;
};

export interface PlainAnswer {
  status: number;
  headers?: Record<string, string>;
  body: string;
}

const problem = (
  status: number,
  message: string,
  code: string,
  retryAfter?: number | string,
): PlainAnswer => ({
  status,
  headers: {
    'content-type': 'application/json',
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
  },
  body: JSON.stringify({ error: { message, type: code, code, param: null } }),
});

/** The faults that are an answer of their own; undefined for those that bend the right answer. */
export function plainFault(fault: Misbehaviour): PlainAnswer | undefined {
  switch (fault.kind) {
    case 'rate_limited':
      return problem(429, 'Rate limit reached', fault.code ?? 'rate_limit_exceeded', fault.retryAfter);
    case 'server_error':
      return problem(fault.status ?? 500, 'The server had an error', 'server_error', fault.retryAfter);
    case 'rejected':
      return problem(fault.status ?? 400, fault.message ?? 'Invalid request', 'invalid_request_error');
    case 'garbage':
      return {
        status: 200,
        headers: { 'content-type': 'text/html' },
        body: '<!doctype html><title>Gateway</title><p>Sign in to continue',
      };
    case 'other_shape':
      return {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: '{"object":"list","data":{"0":"?"},"choices":"none","results":{}}',
      };
    case 'context_length':
      return problem(
        400,
        fault.message ?? "This model's maximum context length is 8192 tokens, however you requested more.",
        'context_length_exceeded',
      );
    default:
      return undefined;
  }
}

/** True when a fault applies to this request. */
export function hits(fault: Fault, body: RequestBody): boolean {
  if (fault.when && !fault.when(body)) return false;
  if (fault.kind !== 'context_length') return true;
  const longest =
    body.input === undefined ? JSON.stringify(body.messages ?? []) : [body.input].flat().join('');
  return longest.length > (fault.limit ?? 0);
}
