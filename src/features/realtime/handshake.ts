import type { IncomingHttpHeaders } from 'node:http';
import { Problem } from '../../common/errors.js';
import { isLoopback } from '../../config/drivers.js';
import type { Env } from '../../config/env.js';
import { credentialFrom, parseCredential, type Credential } from '../auth/credential.js';

/**
 * Reads `auth: {token}` of a handshake, or the headers that every other route accepts.
 * @throws validation_failed for a token that is not text
 */
export function credentialOfHandshake(auth: unknown, headers: IncomingHttpHeaders): Credential | undefined {
  const token: unknown =
    auth !== null && typeof auth === 'object' && 'token' in auth ? auth.token : undefined;
  if (token === undefined || token === null || token === '') return credentialFrom(headers);
  if (typeof token !== 'string') throw new Problem('validation_failed', 'auth.token must be a string.');
  return parseCredential(token);
}

/** `?token=` of a plain WebSocket, or the headers; a page of a browser can set no header there. */
export function credentialOfAddress(url: URL, headers: IncomingHttpHeaders): Credential | undefined {
  const token = url.searchParams.get('token');
  return token ? parseCredential(token) : credentialFrom(headers);
}

const readHost = (origin: string): string | undefined =>
  URL.canParse(origin) ? new URL(origin).host : undefined;

/**
 * Browsers do not apply the same-origin rule to websockets: a page of any site may open one. So the `Origin`
 * must be our own or a listed one. Without authentication the `Host` must also be a loopback name or a listed
 * one, since for a browser a rebound name is an origin like any other.
 * @throws origin_not_allowed, host_not_allowed
 */
export function assertAllowedOrigin(headers: IncomingHttpHeaders, env: Env): void {
  const host = headers.host?.toLowerCase() ?? '';
  const name = host.replace(/:\d+$/, '');
  if (env.AUTH === 'none' && isLoopback(env.HOST) && !isLoopback(name) && !env.ALLOWED_HOSTS.includes(name))
    throw new Problem('host_not_allowed');
  const { origin } = headers;
  if (origin === undefined || env.ALLOWED_ORIGINS.includes(origin)) return;
  if (readHost(origin) !== host) throw new Problem('origin_not_allowed');
}
