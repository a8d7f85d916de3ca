import type { IncomingHttpHeaders } from 'node:http';
import { type ErrorCode, Problem, type ProblemOptions } from '../../common/errors.js';

/**
 * The model server refused the input as too long for the model,
 * or a batch as too large. Fewer or shorter inputs may pass.
 */
export class ContextOverflow extends Problem {
  constructor(options: ProblemOptions) {
    super('upstream_rejected', 'The input is longer than the model takes', options);
  }
}

const overflowWords =
  /context.?(length|window|size)|maximum (context|input|sequence|number of tokens)|too many (input )?tokens|(input|prompt|sequence|inputs?) (is |are )?too (long|large)|tokens? (limit|exceed)|batch size|must have less than/i;

interface UpstreamError {
  message: string;
  code: string;
}

/** Parses an OpenAI-like error body; empty for any other text. */
function errorIn(text: string): UpstreamError {
  const empty = { message: text.slice(0, 500), code: '' };
  try {
    const body = JSON.parse(text) as { error?: unknown; message?: unknown; detail?: unknown } | null;
    const error = (body?.error ?? body ?? {}) as
      { message?: unknown; code?: unknown; type?: unknown; detail?: unknown } | string;
    if (typeof error === 'string') return { message: error.slice(0, 500), code: '' };
    const word = [error.code, error.type].find(
      (value): value is string => typeof value === 'string' && /^[\w.-]{1,60}$/.test(value),
    );
    const message = [error.message, error.detail].find((value): value is string => typeof value === 'string');
    return { message: message?.slice(0, 500) ?? empty.message, code: word ?? '' };
  } catch {
    return empty;
  }
}

/**
 * Seconds until a retry makes sense, out of `retry-after-ms` or `Retry-After`
 * as seconds or an HTTP date; undefined where neither is usable.
 */
export function retryAfterSeconds(
  headers: IncomingHttpHeaders,
  now: number = Date.now(),
): number | undefined {
  const ms = Number(headers['retry-after-ms']);
  if (headers['retry-after-ms'] !== undefined && ms >= 0) return ms / 1000;
  const value = headers['retry-after']?.trim();
  if (!value) return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, (at - now) / 1000);
}

/**
 * Turns an answer that is not 2xx into a Problem. The server's own text goes only into `cause`: it may repeat
 * keys and inputs.
 */
export function statusProblem(status: number, headers: IncomingHttpHeaders, text: string): Problem {
  const { message, code } = errorIn(text);
  const cause = new Error(message || `status ${status}`);
  const shown = code ? `${status}, ${code}` : String(status);
  const retryAfter = retryAfterSeconds(headers);
  if (status === 429 && /quota|billing/i.test(code)) {
    return new Problem('upstream_rate_limited', `The quota at the model server is used up (${shown}).`, {
      retryAfter: retryAfter ?? 600,
      cause,
    });
  }
  if (status === 429) return new Problem('upstream_rate_limited', undefined, { retryAfter, cause });
  if (status === 408 || status === 504)
    return new Problem('upstream_timeout', undefined, { retryAfter, cause });
  if (status >= 500 || status === 409 || status === 425) {
    return new Problem('upstream_unavailable', `The model server failed (${shown}).`, { retryAfter, cause });
  }
  if (
    status === 413 ||
    ((status === 400 || status === 422) && (/context_length/.test(code) || overflowWords.test(message)))
  ) {
    return new ContextOverflow({ cause });
  }
  return new Problem('upstream_rejected', `The model server refused the request (${shown}).`, { cause });
}

const isCode = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && 'code' in error && typeof error.code === 'string';

/** Turns a broken or refused connection into a Problem; a Problem passes unchanged. */
export function connectionProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const what = isCode(error) ? ` (${error.code})` : '';
  const code: ErrorCode =
    isCode(error) && error.code.startsWith('HPE_') ? 'upstream_invalid' : 'upstream_unavailable';
  return new Problem(code, `The connection to the model server failed${what}.`, { cause: error });
}

/** The server's own text of a refusal, for drivers that adapt to it. */
export const upstreamWords = (problem: Problem): string =>
  problem.cause instanceof Error ? problem.cause.message : '';
