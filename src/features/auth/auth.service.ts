import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Problem } from '../../common/errors.js';
import { Env } from '../../config/env.js';
import { Database } from '../../platform/database/database.js';
import { parseCredential, type Credential } from './credential.js';
import { JwtVerifier } from './jwt-verifier.js';
import {
  bootstrapSubject,
  defaultTenant,
  scopes,
  type Principal,
  type Scope,
} from '../../common/principal.js';

// a revoked key must be dead everywhere within five seconds
const keyMemorySeconds = 3;

export const hashKey = (key: string): string => createHash('sha256').update(key).digest('hex');

/**
 * The only authentication, for HTTP and sockets, for tokens and keys. All failures look the same from
 * outside.
 */
@Injectable()
export class AuthService {
  private readonly keys = new LRUCache<string, { principal: Principal; id: string } | { principal: null }>({
    max: 10_000,
    ttl: keyMemorySeconds * 1000,
  });
  private readonly suspended = new LRUCache<string, boolean>({ max: 10_000, ttl: keyMemorySeconds * 1000 });
  private readonly bootstrapHashes: Buffer[];
  private readonly used = new Set<string>();

  constructor(
    private readonly env: Env,
    private readonly database: Database,
    private readonly tokens: JwtVerifier,
  ) {
    this.bootstrapHashes = env.API_KEYS.map((key) => Buffer.from(hashKey(key), 'hex'));
  }

  /** The principal of a connection without a credential. @throws unauthenticated unless auth is off */
  anonymous(): Principal {
    if (this.env.AUTH === 'required') throw new Problem('unauthenticated');
    return {
      tenant: defaultTenant,
      subject: 'anonymous',
      scopes,
      document_sets: null,
      key: null,
      via: 'none',
      expires_at: null,
    };
  }

  /** @throws unauthenticated, token_expired, database_unavailable */
  async authenticate(credential: Credential | undefined): Promise<Principal> {
    if (!credential) return this.anonymous();
    if (this.env.AUTH === 'none') return this.anonymous();
    const principal =
      credential.kind === 'jwt'
        ? await this.principalOfToken(credential.value)
        : await this.principalOfKey(credential.value);
    if (!principal) throw new Problem('unauthenticated');
    return principal;
  }

  /**
   * Checks that a previously accepted credential is still valid. Cheap enough for every open connection every
   * second.
   * @throws unauthenticated
   */
  async recheck(credential: Credential | undefined, principal: Principal): Promise<void> {
    if (!credential || principal.via === 'none') return;
    // a token's own claims cannot have changed, and its end is watched by the clock
    const welcome =
      credential.kind === 'jwt'
        ? !(await this.isSuspended(principal))
        : (await this.principalOfKey(credential.value)) !== null;
    if (!welcome) throw new Problem('unauthenticated');
  }

  /** For a socket's handshake, which has one string: a key or a token. */
  findPrincipal(token: string | undefined): Promise<Principal> {
    return this.authenticate(token === undefined ? undefined : parseCredential(token));
  }

  /** Key ids used since the last call; `KeyUse` writes them down. */
  takeUsedKeys(): string[] {
    const ids = [...this.used];
    this.used.clear();
    return ids;
  }

  private async principalOfToken(token: string): Promise<Principal | null> {
    const principal = await this.tokens.verify(token);
    if (!principal) return null;
    return (await this.isSuspended(principal)) ? null : principal;
  }

  private async isSuspended({ tenant, subject }: Principal): Promise<boolean> {
    const name = JSON.stringify([tenant, subject]);
    const known = this.suspended.get(name);
    if (known !== undefined) return known;
    const { suspended } = await this.database.call('is_suspended', { tenant, subject });
    this.suspended.set(name, suspended);
    return suspended;
  }

  private async principalOfKey(key: string): Promise<Principal | null> {
    if (key === '') return null;
    const hash = hashKey(key);
    if (this.isBootstrapKey(hash)) {
      const key = `bootstrap-${hash.slice(0, 16)}`;
      return {
        tenant: defaultTenant,
        subject: bootstrapSubject,
        scopes,
        document_sets: null,
        key,
        via: 'api_key',
        expires_at: null,
      };
    }
    const known = this.keys.get(hash) ?? (await this.lookUpKey(hash));
    this.keys.set(hash, known, { noUpdateTTL: true });
    if (known.principal) this.used.add(known.id);
    return known.principal;
  }

  private isBootstrapKey(hash: string): boolean {
    const bytes = Buffer.from(hash, 'hex');
    // every key is compared, so that the time reveals nothing
    return this.bootstrapHashes.map((known) => timingSafeEqual(known, bytes)).includes(true);
  }

  private async lookUpKey(hash: string): Promise<{ principal: Principal; id: string } | { principal: null }> {
    const row = await this.database.call('find_api_key', { hash });
    if (!row || row.suspended || row.revoked_at !== null) return { principal: null };
    const expires = row.expires_at === null ? null : Date.parse(row.expires_at) / 1000;
    if (expires !== null && expires <= Date.now() / 1000) return { principal: null };
    const principal: Principal = {
      tenant: row.tenant,
      subject: row.subject,
      scopes: row.scopes.filter((scope): scope is Scope => (scopes as readonly string[]).includes(scope)),
      document_sets: row.document_sets,
      key: row.id,
      via: 'api_key',
      rate_limit: row.rate_limit ?? undefined,
      expires_at: expires,
    };
    return { principal, id: row.id };
  }
}
