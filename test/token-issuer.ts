import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type JWTPayload } from 'jose';

/** A local issuer of tokens with its key set behind HTTP. */
export interface TokenIssuer {
  issuer: string;
  audience: string;
  /** For `JWT_ISSUERS`. */
  setting: Record<string, unknown>;
  /** How often the key set was fetched. */
  fetches: () => number;
  publicKey: string;
  /** A good token unless a claim or the header says otherwise; a claim of null is left out. */
  token: (claims?: Record<string, unknown>, header?: Record<string, unknown>) => Promise<string>;
  /** Signs from now on with a new key; the old one leaves the set. */
  rotate: () => Promise<void>;
  close: () => Promise<void>;
}

export async function tokenIssuer(): Promise<TokenIssuer> {
  let round = 0;
  let fetches = 0;
  const issue = async () => ({
    kid: `key-${++round}`,
    ...(await generateKeyPair('ES256', { extractable: true })),
  });
  let current = await issue();
  const publicKey = await exportSPKI(current.publicKey);
  const server = createServer((_request, response) => {
    fetches++;
    void exportJWK(current.publicKey).then((jwk) =>
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ keys: [{ ...jwk, kid: current.kid, alg: 'ES256', use: 'sig' }] })),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const audience = 'docent-test';
  return {
    issuer: base,
    audience,
    setting: { issuer: base, audience, jwks_uri: `${base}/keys`, algorithms: ['ES256'] },
    fetches: () => fetches,
    publicKey,
    token: async (claims = {}, header = {}) => {
      const now = Math.floor(Date.now() / 1000);
      const all = { iss: base, aud: audience, sub: 'user-1', iat: now, exp: now + 600, ...claims };
      const payload = Object.fromEntries(
        Object.entries(all).filter(([, value]) => value !== null),
      ) as JWTPayload;
      return new SignJWT(payload)
        .setProtectedHeader({ alg: 'ES256', kid: current.kid, ...header })
        .sign(current.privateKey);
    },
    rotate: async () => {
      current = await issue();
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
