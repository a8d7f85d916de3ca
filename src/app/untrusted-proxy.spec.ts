import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { fastify, type FastifyInstance } from 'fastify';
import { noticeUntrustedProxy } from './untrusted-proxy.js';

describe('a proxy that TRUST_PROXY does not name', () => {
  let server: FastifyInstance;
  const warn = jest.spyOn(Logger.prototype, 'warn');
  beforeEach(() => {
    warn.mockReset();
    server = fastify();
    noticeUntrustedProxy(server);
    server.get('/', () => 'here');
  });
  afterEach(() => server.close());

  const ask = (remoteAddress: string, forwardedFor?: string) =>
    server.inject({
      url: '/',
      remoteAddress,
      headers: forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor },
    });

  it('is told to the operator once, with its address, when several clients come through it', async () => {
    await ask('10.0.3.2');
    await ask('10.0.3.2', '198.51.100.7');
    await ask('10.0.3.2', '198.51.100.7');
    expect(warn).not.toHaveBeenCalled();
    await ask('10.0.3.2', '198.51.100.8');
    await ask('10.0.3.2', '198.51.100.9');
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/10\.0\.3\.2 .*TRUST_PROXY is not set/)]]);
  });

  it('is not taken from a client on a public address, which may invent the header', async () => {
    for (const client of ['198.51.100.7', '198.51.100.8', 'unknown']) await ask('203.0.113.20', client);
    expect(warn).not.toHaveBeenCalled();
  });
});
