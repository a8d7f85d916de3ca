import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../../common/errors.js';
import { sortKeys } from '../../common/sort-keys.js';

export const idempotencyDaySeconds = 24 * 3600;

/** The first answer to a key, which repeated requests get again. */
export interface FirstAnswer {
  requestHash: string | null;
  status: number;
  body: unknown;
}

/** State of a request with an `Idempotency-Key`. */
export interface Idempotency {
  /** The answer of the first request; null when this request is the first. */
  first: FirstAnswer | null;
  /** Hash of the parameters; null until a streamed body has been read. */
  requestHash: string | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    idempotency?: Idempotency;
  }
}

/** A hash of parameters in any order of keys. */
export const hashParameters = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(sortKeys(value)))
    .digest('hex');

/** @throws validation_failed for an unusable key */
export function checkKey(key: string): string {
  if (!/^[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?$/.test(key)) {
    throw new Problem('validation_failed', 'The Idempotency-Key is not valid.', {
      errors: [{ field: 'Idempotency-Key', message: 'needs 1 to 255 printable ASCII characters' }],
    });
  }
  return key;
}

/** @throws idempotency_mismatch unless the parameters are those of the first request */
export function assertSameParameters(first: FirstAnswer, requestHash: string | null): void {
  if (first.requestHash !== requestHash) throw new Problem('idempotency_mismatch');
}

/**
 * For routes whose body is a stream, which only their handler reads: stores the parameters of the request, or
 * compares them with those of the first request.
 * @returns true when the request is a repetition, which the interceptor answers
 * @throws idempotency_mismatch
 */
export function compareRepeated({ idempotency }: FastifyRequest, parameters: unknown): boolean {
  if (!idempotency) return false;
  idempotency.requestHash = hashParameters(parameters);
  if (!idempotency.first) return false;
  assertSameParameters(idempotency.first, idempotency.requestHash);
  return true;
}
