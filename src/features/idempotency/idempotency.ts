import { createHash } from 'node:crypto';
import { SetMetadata } from '@nestjs/common';
import { Problem } from '../../common/errors.js';

export const idempotencyDaySeconds = 24 * 3600;

export const withheldKey = 'docent:withheld';
/** Fields of an answer that are told once and written down nowhere: a repeated request finds null there. */
export const ToldOnce = (...fields: string[]): MethodDecorator => SetMetadata(withheldKey, fields);

/** The first answer to a key, as it will be given again. */
export interface FirstAnswer {
  requestHash: string | null;
  status: number;
  body: unknown;
}

/** What a request with an `Idempotency-Key` carries; for bodies that are streams the handler says at the end what was in them. */
export interface Idempotency {
  /** The answer that stands, once the parameters are known to be the same. */
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
    .update(JSON.stringify(canonical(value)))
    .digest('hex');

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, canonical(part)]),
  );
}

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
export function sameParameters(first: FirstAnswer, requestHash: string): unknown {
  if (first.requestHash !== requestHash) throw new Problem('idempotency_mismatch');
  return first.body;
}
