import type { IncomingHttpHeaders } from 'node:http';

/** The credential that a client sends. */
export type Credential = { kind: 'api_key'; value: string } | { kind: 'jwt'; value: string };

export const apiKeyPrefix = 'dk_';
const maxLength = 8192;

/** A bearer value is a key if it has our prefix or is not a JWT. */
export const parseCredential = (token: string): Credential =>
  !token.startsWith(apiKeyPrefix) && token.split('.').length >= 3
    ? { kind: 'jwt', value: token }
    : { kind: 'api_key', value: token };

/**
 * `Authorization: Bearer …` or `X-API-Key`; undefined without either.
 * A malformed header counts as an empty key, which fails like any wrong one.
 */
export function credentialFrom(headers: IncomingHttpHeaders): Credential | undefined {
  const key = headers['x-api-key'];
  if (typeof key === 'string') return { kind: 'api_key', value: key.slice(0, maxLength) };
  const { authorization } = headers;
  if (authorization === undefined) return undefined;
  const match = /^(?:Bearer|ApiKey) ([^\s,]+)$/i.exec(authorization);
  return match?.[1] && match[1].length <= maxLength
    ? parseCredential(match[1])
    : { kind: 'api_key', value: '' };
}
