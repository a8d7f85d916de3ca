import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { tokenIssuer } from './token-issuer.js';

/** What the provider does wrong, one thing at a time. */
export type Misbehaviour =
  | 'refuses'
  | 'forgets the state'
  | 'names another issuer'
  | 'answers with a page'
  | 'refuses the code'
  | 'mints an id token of another sign-in'
  | 'mints for another audience'
  | 'gives no token'
  | 'hangs up';

interface Pending {
  challenge: string;
  nonce: string;
}

/** An OpenID provider that lets everybody in at once, by authorization code with PKCE. */
export interface OpenIdProvider {
  issuer: string;
  /** For `JWT_ISSUERS`. */
  setting: Record<string, unknown>;
  /** How often tokens were renewed; each refresh token works once. */
  renewals: () => number;
  /** The query of the last visit to the page for signing out. */
  signedOut: () => URLSearchParams | undefined;
  /** From now on; undefined for what is right. */
  misbehave: (how: Misbehaviour | undefined) => void;
  /** Seconds that the tokens last which are given out from now on. */
  lifetime: (seconds: number) => void;
  close: () => Promise<void>;
}

export async function openIdProvider(): Promise<OpenIdProvider> {
  const keys = await tokenIssuer();
  const codes = new Map<string, Pending>();
  const refreshTokens = new Set<string>();
  let wrong: Misbehaviour | undefined;
  let seconds = 600;
  let renewals = 0;
  let signedOut: URLSearchParams | undefined;

  const authorize = (query: URLSearchParams, response: ServerResponse) => {
    const back = new URL(query.get('redirect_uri') ?? '');
    const code = randomUUID();
    codes.set(code, { challenge: query.get('code_challenge') ?? '', nonce: query.get('nonce') ?? '' });
    const answer: Record<string, string> = { code, state: query.get('state') ?? '', iss: base };
    if (wrong === 'forgets the state') answer['state'] = 'another';
    if (wrong === 'names another issuer') answer['iss'] = 'https://elsewhere.example';
    if (wrong === 'refuses') {
      delete answer['code'];
      Object.assign(answer, { error: 'access_denied', error_description: 'You are not a member.' });
    }
    for (const [name, value] of Object.entries(answer)) back.searchParams.set(name, value);
    response.writeHead(302, { location: back.href }).end();
  };

  const mint = async (nonce: string) => {
    const exp = Math.floor(Date.now() / 1000) + seconds;
    const refresh_token = randomUUID();
    refreshTokens.add(refresh_token);
    const claims = { iss: base, sub: 'ada@example.org', exp, scope: 'read write' };
    return {
      access_token: await keys.token({
        ...claims,
        ...(wrong === 'mints for another audience' && { aud: 'another' }),
      }),
      id_token: await keys.token({
        ...claims,
        nonce: wrong === 'mints an id token of another sign-in' ? 'another' : nonce,
      }),
      refresh_token,
      expires_in: seconds,
      token_type: 'Bearer',
    };
  };

  const redeem = async (fields: URLSearchParams): Promise<Record<string, unknown> | null> => {
    const refresh = fields.get('refresh_token') ?? '';
    if (fields.get('grant_type') === 'refresh_token') {
      if (!refreshTokens.delete(refresh)) return null;
      renewals++;
      return mint('');
    }
    const pending = codes.get(fields.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(fields.get('code_verifier') ?? '')
      .digest('base64url');
    codes.delete(fields.get('code') ?? '');
    if (wrong === 'refuses the code' || pending?.challenge !== challenge) return null;
    return wrong === 'gives no token' ? { token_type: 'Bearer' } : mint(pending.nonce);
  };

  const answerToken = async (request: IncomingMessage, response: ServerResponse) => {
    if (wrong === 'hangs up') {
      request.destroy();
      return;
    }
    response.setHeader('access-control-allow-origin', '*');
    if (wrong === 'answers with a page') {
      response.writeHead(502).end('<h1>Bad gateway</h1>');
      return;
    }
    const tokens = await redeem(new URLSearchParams(await text(request)));
    response.setHeader('content-type', 'application/json');
    if (!tokens) response.statusCode = 400;
    response.end(
      JSON.stringify(tokens ?? { error: 'invalid_grant', error_description: 'The code is used up.' }),
    );
  };

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', base);
    if (pathname === '/authorize') authorize(searchParams, response);
    else if (pathname === '/token') void answerToken(request, response);
    else if (pathname === '/logout') {
      signedOut = searchParams;
      response.writeHead(302, { location: searchParams.get('post_logout_redirect_uri') ?? '/' }).end();
    } else
      response.setHeader('content-type', 'application/json').end(
        JSON.stringify({
          issuer: base,
          authorization_endpoint: `${base}/authorize`,
          token_endpoint: `${base}/token`,
          end_session_endpoint: `${base}/logout`,
        }),
      );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer: base,
    setting: { ...keys.setting, issuer: base },
    renewals: () => renewals,
    signedOut: () => signedOut,
    misbehave: (how) => {
      wrong = how;
    },
    lifetime: (lasts) => {
      seconds = lasts;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await keys.close();
    },
  };
}
