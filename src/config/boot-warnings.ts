import { isLoopback } from './drivers.js';
import { formerlyNamed, type Env } from './env.js';
import { unknownSettings } from './unknown-settings.js';

/** Risky settings that are allowed: every boot warns about them, one sentence each. */
export function bootWarnings(env: Env): string[] {
  const warnings: string[] = [];
  if (env.AUTH === 'none' && !isLoopback(env.HOST))
    warnings.push(
      'ALLOW_INSECURE_NO_AUTH: everybody who reaches this address may read, change and delete everything',
    );
  if (env.ENVIRONMENT === 'production' && process.getuid?.() === 0)
    warnings.push('running as root in production: use an unprivileged user');
  const plain = env.JWT_ISSUERS.filter(
    ({ jwks_uri }) => new URL(jwks_uri).protocol === 'http:' && !isLoopback(new URL(jwks_uri).hostname),
  );
  if (plain.length > 0)
    warnings.push(
      'JWT_ISSUERS: the keys of an issuer are fetched over http, so anybody on the way can replace them',
    );
  return [
    ...warnings,
    ...formerlyNamed(),
    ...unknownSettings().map(
      ({ name, meant }) =>
        `${name} is set, but there is no such setting${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    ),
  ];
}
