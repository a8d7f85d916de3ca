import type { SignInSettings } from '../client/types.js';
import { t } from '../text/texts.js';

type Provider = Exclude<NonNullable<SignInSettings['oidc']>, { unavailable: true }>;

export interface OidcTokens {
  /** The token for the API: the access token where it is a JWT, else the id token. */
  token: string;
  refresh_token: string | null;
  id_token: string | null;
  /** Milliseconds since 1970. */
  expires_at: number;
}

const pendingName = 'docent.oidc';
interface Pending {
  state: string;
  verifier: string;
  /** The id token must hold it: one that was made for another sign-in does not. */
  nonce: string;
  hash: string;
}

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
const randomText = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)));
const redirectUri = (): string => `${location.origin}/`;

/**
 * Leaves for the provider: authorization code with PKCE (RFC
 * 7636). @throws Error where the page may not use cryptography
 */
export async function beginOidcSignIn(provider: Provider): Promise<void> {
  if (!isSecureContext) throw new Error(t().signIn.insecure);
  const pending: Pending = {
    state: randomText(),
    verifier: randomText(),
    nonce: randomText(),
    hash: location.hash,
  };
  sessionStorage.setItem(pendingName, JSON.stringify(pending));
  const challenge = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(pending.verifier));
  const address = new URL(provider.authorization_endpoint);
  const parameters = {
    response_type: 'code',
    client_id: provider.client_id,
    redirect_uri: redirectUri(),
    scope: provider.scopes,
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: base64url(new Uint8Array(challenge)),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  location.assign(address);
}

/**
 * Redeems the code that the provider sent back in the address;
 * null where there is none. @throws Error with the reason in words
 */
export async function finishOidcSignIn(provider: Provider): Promise<OidcTokens | null> {
  const answer = new URLSearchParams(location.search);
  const code = answer.get('code');
  const refusal = answer.get('error');
  if (!code && !refusal) return null;
  const pending = JSON.parse(sessionStorage.getItem(pendingName) ?? 'null') as Pending | null;
  sessionStorage.removeItem(pendingName);
  history.replaceState(null, '', `/${pending?.hash ?? ''}`);
  if (!pending || answer.get('state') !== pending.state) throw new Error(t().signIn.otherTab);
  // a code of another provider must not be redeemed here (RFC 9207)
  const issuer = answer.get('iss');
  if (issuer !== null && issuer !== provider.issuer) throw new Error(t().signIn.badAnswer);
  if (!code) throw new Error(answer.get('error_description') ?? refusal ?? '');
  const tokens = await requestTokens(provider, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri(),
    code_verifier: pending.verifier,
  });
  if (tokens.id_token !== null && readClaims(tokens.id_token)?.['nonce'] !== pending.nonce)
    throw new Error(t().signIn.badAnswer);
  return tokens;
}

/** Reads the claims of a token; the service checks its signature. Null for other text. */
function readClaims(token: string): Record<string, unknown> | null {
  try {
    const payload = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    return JSON.parse(atob(payload)) as Record<string, unknown>;
  } catch {
    return null;
  }
}

export async function refreshTokens(
  provider: NonNullable<SignInSettings['oidc']>,
  tokens: OidcTokens,
): Promise<OidcTokens> {
  if (provider.unavailable || !tokens.refresh_token) return tokens;
  const fresh = await requestTokens(provider, {
    grant_type: 'refresh_token',
    refresh_token: tokens.refresh_token,
  });
  return { ...fresh, refresh_token: fresh.refresh_token ?? tokens.refresh_token };
}

/** @throws Error with the provider's own reason, where it gives one */
async function requestTokens(provider: Provider, fields: Record<string, string>): Promise<OidcTokens> {
  let response: Response;
  try {
    response = await fetch(provider.token_endpoint, {
      method: 'POST',
      body: new URLSearchParams({ ...fields, client_id: provider.client_id }),
    });
  } catch {
    throw new Error(t().signIn.oidcAway);
  }
  const body = (await response.json().catch(() => null)) as Record<string, string | number> | null;
  if (body === null) throw new Error(t().signIn.badAnswer);
  if (!response.ok) throw new Error(String(body['error_description'] ?? body['error'] ?? response.status));
  const access = String(body['access_token'] ?? '');
  const id = body['id_token'] === undefined ? null : String(body['id_token']);
  const token = access.split('.').length === 3 ? access : (id ?? access);
  if (token === '') throw new Error(t().signIn.badAnswer);
  return {
    token,
    refresh_token: body['refresh_token'] === undefined ? null : String(body['refresh_token']),
    id_token: id,
    expires_at: Date.now() + (Number(body['expires_in']) || 3600) * 1000,
  };
}
