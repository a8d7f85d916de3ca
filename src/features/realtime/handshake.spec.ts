import { describe, expect, it } from '@jest/globals';
import { loadEnv } from '../../config/env.js';
import { assertAllowedOrigin, credentialOfHandshake } from './handshake.js';

const open = loadEnv({ ALLOWED_HOSTS: 'docs.internal', ALLOWED_ORIGINS: 'https://intranet.example' });
const guarded = loadEnv({ AUTH: 'required', HOST: '0.0.0.0' });
const at = (host: string, origin?: string) => ({ host, ...(origin !== undefined && { origin }) });

describe('the handshake of a socket', () => {
  it.each([
    ['a client that is no browser', open, at('127.0.0.1:8000')],
    ['our own page', open, at('localhost:8000', 'http://localhost:8000')],
    ['our own page under a listed name', open, at('docs.internal:8000', 'http://docs.internal:8000')],
    ['a listed origin', open, at('127.0.0.1:8000', 'https://intranet.example')],
    [
      'our own page behind a name, with authentication',
      guarded,
      at('docent.example', 'https://docent.example'),
    ],
  ])('lets in %s', (_, env, headers) => {
    expect(() => assertAllowedOrigin(headers, env)).not.toThrow();
  });

  it.each([
    ['a foreign page', open, at('127.0.0.1:8000', 'https://evil.example'), 'origin_not_allowed'],
    ['a page without an origin of its own', open, at('127.0.0.1:8000', 'null'), 'origin_not_allowed'],
    ['our host on another port', open, at('127.0.0.1:8000', 'http://127.0.0.1:9000'), 'origin_not_allowed'],
    ['a rebound name', open, at('evil.example:8000', 'http://evil.example:8000'), 'host_not_allowed'],
    [
      'a foreign page, with authentication',
      guarded,
      at('docent.example', 'https://evil.example'),
      'origin_not_allowed',
    ],
  ])('refuses %s', (_, env, headers, code) => {
    expect(() => assertAllowedOrigin(headers, env)).toThrow(expect.objectContaining({ code }));
  });

  it('takes the token of the handshake before the one of the headers, and refuses one that is no text', () => {
    const headers = { authorization: 'Bearer from-header' };
    expect(credentialOfHandshake({ token: 'dk_x' }, headers)).toEqual({ kind: 'api_key', value: 'dk_x' });
    expect(credentialOfHandshake({}, headers)).toEqual({ kind: 'api_key', value: 'from-header' });
    expect(credentialOfHandshake(undefined, {})).toBeUndefined();
    expect(() => credentialOfHandshake({ token: { a: 1 } }, {})).toThrow(
      expect.objectContaining({ code: 'validation_failed' }),
    );
  });
});
