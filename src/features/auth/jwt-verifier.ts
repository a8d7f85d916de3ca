import { Injectable, Logger } from '@nestjs/common';
import {
  createRemoteJWKSet,
  decodeJwt,
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import { Problem } from '../../common/errors.js';
import { Env } from '../../config/env.js';
import type { IssuerSetting } from '../../config/issuers.js';
import {
  defaultTenant,
  maxSubjectLength,
  scopes,
  type Principal,
  type Scope,
} from '../../common/principal.js';

interface Issuer extends IssuerSetting {
  keys: JWTVerifyGetKey;
}

const tenantPattern = /^[A-Za-z0-9._:@-]{1,128}$/;
// Supabase: the keys of a project are tokens too, but not users
const projectRoles = new Set(['anon', 'service_role']);

/**
 * Checks tokens of the configured issuers: key by `kid` from the issuer's own
 * JWKS, algorithm from its list, `iss`, `aud`, `exp`, `nbf`, `iat`, `sub`.
 */
@Injectable()
export class JwtVerifier {
  private readonly logger = new Logger(JwtVerifier.name);
  private readonly issuers: Map<string, Issuer>;

  constructor(private readonly env: Env) {
    this.issuers = new Map(
      env.JWT_ISSUERS.map((setting) => [setting.issuer, { ...setting, keys: openKeys(setting) }]),
    );
  }

  /** Null for every defect but an expired one. @throws token_expired, issuer_unavailable */
  async verify(token: string): Promise<Principal | null> {
    const issuer = this.findIssuer(token);
    if (!issuer) return null;
    try {
      const { payload } = await jwtVerify(token, issuer.keys, {
        issuer: issuer.issuer,
        audience: issuer.audience,
        algorithms: issuer.algorithms,
        clockTolerance: this.env.JWT_LEEWAY_SECONDS,
        requiredClaims: ['exp', 'sub'],
      });
      return this.toPrincipal(payload, issuer);
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new Problem('token_expired');
      if (error instanceof Problem) {
        this.logger.warn({
          msg: 'the keys of an issuer cannot be read',
          issuer: issuer.issuer,
          err: error.cause,
        });
        throw error;
      }
      this.logger.debug(
        `a token was refused: ${error instanceof errors.JOSEError ? error.code : 'it is malformed'}`,
      );
      return null;
    }
  }

  // the claim is not yet trusted: it only chooses which issuer's keys must prove it
  private findIssuer(token: string): Issuer | undefined {
    try {
      return this.issuers.get(decodeJwt(token).iss ?? '');
    } catch {
      return undefined;
    }
  }

  private toPrincipal(payload: JWTPayload, issuer: Issuer): Principal | null {
    const now = Date.now() / 1000;
    if (!isSubject(payload.sub) || projectRoles.has(String(payload['role']))) return null;
    if (payload.iat !== undefined && payload.iat > now + this.env.JWT_LEEWAY_SECONDS) return null;
    const tenant = this.findTenant(payload, issuer);
    if (tenant === null) return null;
    return {
      tenant,
      subject: payload.sub,
      scopes: readScopes(payload, issuer),
      document_sets: null,
      key: null,
      via: 'jwt',
      expires_at: payload.exp ?? null,
    };
  }

  private findTenant(payload: JWTPayload, issuer: Issuer): string | null {
    const claim = issuer.tenant_claim ?? this.env.JWT_TENANT_CLAIM;
    if (claim === undefined) return defaultTenant;
    // the name of a claim may be an address, dots and all; else dots lead into objects
    const value = Object.hasOwn(payload, claim)
      ? payload[claim]
      : claim.split('.').reduce<unknown>(inside, payload);
    return typeof value === 'string' && tenantPattern.test(value) ? value : null;
  }
}

const inside = (node: unknown, part: string): unknown =>
  typeof node === 'object' && node !== null && Object.hasOwn(node, part)
    ? Reflect.get(node, part)
    : undefined;

/** A name that can be suspended, logged and stored unchanged. */
const isSubject = (sub: unknown): sub is string =>
  typeof sub === 'string' &&
  sub !== '' &&
  sub.length <= maxSubjectLength &&
  !/[\p{Cc}\p{Surrogate}]/u.test(sub);

/**
 * The key set of an issuer; an unknown `kid` fetches it again, at most once per cool-down. If the set cannot
 * be read, the token is not at fault: its holder is asked to come again.
 */
function openKeys({ jwks_uri }: IssuerSetting): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(jwks_uri), { cooldownDuration: 30_000, timeoutDuration: 3000 });
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      const ofTheToken = [
        errors.JWKSNoMatchingKey,
        errors.JWKSMultipleMatchingKeys,
        errors.JOSENotSupported,
        errors.JWSInvalid,
      ];
      if (ofTheToken.some((type) => error instanceof type)) throw error;
      throw new Problem('issuer_unavailable', undefined, { retryAfter: 2, cause: error });
    }
  };
}

/**
 * Scopes of OpenID Connect Core, section 5.4 and 11. They ask
 * for facts about the person and say nothing about an API.
 */
const identityScopes = new Set(['openid', 'profile', 'email', 'address', 'phone', 'offline_access']);

function readScopes(payload: JWTPayload, issuer: Issuer): Scope[] {
  const claim = payload['scope'] ?? payload['scopes'];
  if (claim === undefined) return issuer.default_scopes;
  const given: unknown[] = Array.isArray(claim) ? claim : typeof claim === 'string' ? claim.split(' ') : [];
  // providers such as Keycloak repeat these in the access token of every sign-in
  const onlyIdentity = given.includes('openid') && given.every((scope) => identityScopes.has(String(scope)));
  return onlyIdentity ? issuer.default_scopes : scopes.filter((scope) => given.includes(scope));
}
