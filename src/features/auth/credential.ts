import type { IncomingHttpHeaders } from 'node:http';

/** What a client shows to prove itself. */
export type Credential = { kind: 'api_key'; value: string } | { kind: 'jwt'; value: string };

export const apiKeyPrefix = 'dk_';
const longest = 8192;

/** A bearer value is a key when it has our prefix or is no JWT. */
export const credentialOf = (token: string): Credential =>
  !token.startsWith(apiKeyPrefix) && token.split('.').length >= 3
    ? { kind: 'jwt', value: token }
    : { kind: 'api_key', value: token };

/**
 * `Authorization: Bearer …` or `X-API-Key`; undefined where neither stands.
 * A malformed header is an empty key: it fails like any wrong one.
 */
export function credentialFrom(headers: IncomingHttpHeaders): Credential | undefined {
  const key = headers['x-api-key'];
  if (typeof key === 'string') return { kind: 'api_key', value: key.slice(0, longest) };
  const { authorization } = headers;
  if (authorization === undefined) return undefined;
  const match = /^(?:Bearer|ApiKey) ([^\s,]+)$/i.exec(authorization);
  return match?.[1] && match[1].length <= longest ? credentialOf(match[1]) : { kind: 'api_key', value: '' };
}
