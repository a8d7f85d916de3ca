export const scopes = ['read', 'write', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** Who asks. Every store call takes the tenant, and `document_sets` as `sets`. */
export interface Principal {
  tenant: string;
  subject: string;
  scopes: readonly Scope[];
  /** The only sets this principal may see; null for all. */
  document_sets: string[] | null;
  /** What stands for the key that it showed, the same for every request with it; null for a token. */
  key: string | null;
  /** How it proved itself; `none` on a loopback bind without auth. */
  via: 'none' | 'jwt' | 'api_key';
  /** Seconds since 1970 when the credential ends; null for never. */
  expires_at: number | null;
}

export const defaultTenant = 'default';

/** One name for all who see the same: the tenant, and the sets that they are held to. */
export const scopeName = ({ tenant, document_sets }: Pick<Principal, 'tenant' | 'document_sets'>): string =>
  JSON.stringify([tenant, document_sets === null ? null : document_sets.toSorted()]);

/** Whose the keys of API_KEYS are. */
export const bootstrapSubject = 'bootstrap';

/** Characters of a subject's name: as many as OpenID Connect gives it. */
export const longestSubject = 255;
