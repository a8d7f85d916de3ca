import { z } from 'zod';
import { IssuerList } from './issuers.js';
import { flag, httpUrl, list, lowered, setting, wholeNumber } from './setting-types.js';

/** Settings of who may do what, and how much. */
export const accessSettings = {
  AUTH: setting(
    lowered(['none', 'required']).optional(),
    'auth',
    'Whether requests need a credential; the default is `none` on a loopback bind outside production, else `required`.',
  ),
  ALLOW_INSECURE_NO_AUTH: setting(
    flag.prefault('false'),
    'auth',
    'Permits `AUTH=none` on an address that others can reach; every boot warns about it.',
  ),
  FEATURES_CONSOLE: setting(flag.prefault('true'), 'http', 'Serves the console at `/`.'),
  FEATURES_OPENAI_API: setting(
    flag.prefault('true'),
    'http',
    'Answers clients of the OpenAI API below `/v1`.',
  ),
  FEATURES_MCP: setting(flag.prefault('true'), 'http', 'Answers MCP clients at `/mcp`.'),
  FEATURES_WEBHOOKS: setting(
    flag.prefault('true'),
    'http',
    'Lets administrators have events sent to webhooks.',
  ),
  FEATURES_SOURCES: setting(
    flag.prefault('true'),
    'http',
    'Lets administrators connect sources: folders, buckets and websites.',
  ),
  FIRST_KEY: setting(
    flag.prefault('false'),
    'auth',
    'Makes a key for administrators when the service starts without any credential, and shows it once.',
  ),
  API_KEYS: setting(
    list.prefault(''),
    'auth',
    'Bootstrap API keys of tenant `default` with every scope, comma-separated, 32 characters or more each.',
    true,
  ),
  JWT_ISSUERS: setting(
    IssuerList.prefault('[]'),
    'auth',
    'JSON array of `{issuer, audience, jwks_uri, tenant_claim?, algorithms?}`.',
  ),
  JWT_TENANT_CLAIM: setting(
    z.string().max(100).optional(),
    'auth',
    'Claim that names the tenant; without it every token is of tenant `default`.',
  ),
  JWT_LEEWAY_SECONDS: setting(
    wholeNumber(0, 300).prefault('60'),
    'auth',
    'Tolerated clock difference in seconds when tokens are checked.',
  ),
  OIDC_CLIENT_ID: setting(
    z.string().min(1).max(255).optional(),
    'auth',
    'Public client of an OpenID provider: with it the console offers to sign in there, by code with PKCE.',
  ),
  OIDC_ISSUER: setting(
    httpUrl.optional(),
    'auth',
    'The provider, which must be one of `JWT_ISSUERS`; the default is the first of them.',
  ),
  OIDC_SCOPES: setting(
    z.string().max(1000).prefault('openid profile'),
    'auth',
    'Scopes that the console asks the provider for, separated by spaces.',
  ),
  AUDIT_RETENTION_DAYS: setting(
    wholeNumber(0, 36_500).prefault('365'),
    'auth',
    'Days an entry of the audit log is kept; 0 keeps it for ever.',
  ),
  METRICS_TOKEN: setting(
    z.string().optional(),
    'auth',
    'Bearer token for /metrics from other machines.',
    true,
  ),

  RATE_LIMIT_MAX_REQUESTS: setting(
    wholeNumber(1, 10_000_000).prefault('100'),
    'limits',
    'Requests of one client per window, counted separately for upload, search, answers and the rest; requests for status and events may be twenty times as many. Unless set, 10,000 on a loopback bind without authentication, where the limit only protects the machine.',
  ),
  RATE_LIMIT_WINDOW_SECONDS: setting(
    wholeNumber(1, 86_400).prefault('60'),
    'limits',
    'Length of the window of the rate limit in seconds.',
  ),
  QUOTA_DOCUMENTS: setting(
    wholeNumber(0, 1_000_000_000).prefault('0'),
    'limits',
    'Documents of one tenant; 0 is no limit.',
  ),
  QUOTA_BYTES: setting(
    wholeNumber(0, 1_000_000_000_000_000 - 1).prefault('0'),
    'limits',
    'Bytes of originals of one tenant; 0 is no limit.',
  ),
  QUOTA_TASKS: setting(
    wholeNumber(0, 1_000_000_000).prefault('0'),
    'limits',
    'Unfinished tasks of one tenant; 0 is no limit.',
  ),
  QUOTA_TOKENS_PER_DAY: setting(
    wholeNumber(0, 1_000_000_000_000).prefault('0'),
    'limits',
    'Model tokens of one tenant a day; 0 is no limit.',
  ),
} as const;
