import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { loadEnv } from '../../config/env.js';
import { SignIn } from './sign-in.js';

describe('how to sign in', () => {
  beforeAll(() => Logger.overrideLogger(false));
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
  });

  /** A provider whose discovery document is what `answer` makes of its address. */
  async function settingsAt(answer: (issuer: string) => string) {
    server = createServer((_request, response) => response.end(answer(issuer)));
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const env = loadEnv({
      AUTH: 'required',
      OIDC_CLIENT_ID: 'console',
      JWT_ISSUERS: JSON.stringify([{ issuer, audience: 'docent', jwks_uri: `${issuer}/keys` }]),
    });
    return { issuer, settings: await new SignIn(env).settings() };
  }
  const findDocument = (issuer: string, more: Record<string, unknown> = {}) =>
    JSON.stringify({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: 'https://tokens.example/token',
      ...more,
    });

  it('offers the provider and lets the page call its address for tokens', async () => {
    const { issuer, settings } = await settingsAt((base) => findDocument(base));
    expect(settings).toMatchObject({
      auth: 'required',
      oidc: { issuer, client_id: 'console', authorization_endpoint: `${issuer}/authorize` },
      origins: ['https://tokens.example'],
    });
  });

  it('takes an issuer that differs in the slash at its end', async () => {
    const { settings } = await settingsAt((base) => findDocument(`${base}/`));
    expect(settings.oidc).toMatchObject({ client_id: 'console', scopes: 'openid profile' });
  });

  it.each([
    ['calls itself something else', () => findDocument('https://elsewhere.example')],
    ['answers with a page', () => '<h1>Not found</h1>'],
    ['names no address for tokens', (issuer: string) => JSON.stringify({ issuer })],
    [
      'names an address that is not of the web',
      (issuer: string) => findDocument(issuer, { token_endpoint: 'data:text/html,tokens' }),
    ],
  ])('offers only keys where the provider %s', async (_case, answer) => {
    const { settings } = await settingsAt(answer);
    expect(settings).toMatchObject({ oidc: { client_id: 'console', unavailable: true }, origins: [] });
  });
});
