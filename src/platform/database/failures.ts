import { errorCatalogue, Problem, type ErrorCode } from '../../common/errors.js';

/** The fields of a refused statement that both drivers report. */
export interface SqlError {
  message: string;
  /** SQLSTATE, or the error code of a socket. */
  code?: string;
  detail?: string;
}

/** Raised by our own functions: the message is a code of the catalogue, the detail is shown to the client. */
const ownState = 'DC001';
/** Rolled back whole by Postgres itself, so that even a write may be sent again. */
const rolledBack = new Set(['40001', '40P01']);
/**
 * Connection lost, resources used up, statement or lock
 * time-out, shutdown; PostgREST's own words for the same.
 */
const unavailable = /^(08...|53...|57P..|57014|55P03|40001|40P01|25006|PGRST00[0-3])$/;
const unsent =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENOENT|53300|57P03|PGRST000|PGRST003)$/;
const brokenSocket =
  /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENOENT)$/;
const brokenConnection =
  /connection terminated|timeout expired|timeout exceeded when trying to connect|query read timeout|client has encountered a connection error|server closed the connection/i;

/** Checked by shape: where code runs in its own context, errors of Node's core belong to another realm. */
const isSqlError = (error: unknown): error is SqlError =>
  typeof error === 'object' && error !== null && typeof (error as SqlError).message === 'string';

export const isRolledBack = (error: unknown): boolean =>
  isSqlError(error) && rolledBack.has(error.code ?? '');

/** True when no part of the statement can have reached the server. */
export const isUnsent = (error: unknown): boolean =>
  isSqlError(error) &&
  (unsent.test(error.code ?? '') || /timeout exceeded when trying to connect/i.test(error.message));

export const isUnavailable = (error: unknown): boolean =>
  isSqlError(error) &&
  (unavailable.test(error.code ?? '') ||
    brokenSocket.test(error.code ?? '') ||
    brokenConnection.test(error.message));

export const isTimeout = (error: unknown): boolean =>
  isSqlError(error) && (error.code === '57014' || /time(d )?out/i.test(error.message));

export const databaseUnavailable = (cause?: unknown): Problem =>
  new Problem('database_unavailable', undefined, { retryAfter: 2, cause });

/** Turns a driver's error into a problem of the port; a defect passes unchanged. */
export function asProblem(error: unknown): unknown {
  if (error instanceof Problem || !isSqlError(error)) return error;
  if (error.code === ownState && error.message in errorCatalogue)
    return new Problem(error.message as ErrorCode, error.detail, { cause: error });
  return isUnavailable(error) ? databaseUnavailable(error) : error;
}
