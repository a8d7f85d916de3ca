import type { Env } from '../config/env.js';

type Headers = Record<string, string>;

/**
 * Headers of every answer for browsers: the defaults of Helmet, and a content security policy under which
 * nothing is loaded and nothing is framed. They depend on the settings alone, so that they are made once.
 */
export const securityHeaders = (env: Pick<Env, 'HSTS'>): Headers => ({
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
  ...(env.HSTS && { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }),
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
});
