export const scopes = ['read', 'write', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** The caller of a request. Every store call takes its tenant, and its `document_sets` as `sets`. */
export interface Principal {
  tenant: string;
  subject: string;
  scopes: readonly Scope[];
  /** The only sets this principal may see; null for all. */
  document_sets: string[] | null;
  /** Identifies the API key, the same for every request with it; null for a token. */
  key: string | null;
  /** How it authenticated; `none` on a loopback bind without auth. */
  via: 'none' | 'jwt' | 'api_key';
  /** Requests per window of this key alone; undefined for those of every client. */
  rate_limit?: number | undefined;
  /** When the credential expires, in seconds since 1970; null for never. */
  expires_at: number | null;
}

export const defaultTenant = 'default';

/** One name for all principals with the same view: the tenant, and the sets that they are limited to. */
export const scopeName = ({ tenant, document_sets }: Pick<Principal, 'tenant' | 'document_sets'>): string =>
  JSON.stringify([tenant, document_sets === null ? null : document_sets.toSorted()]);

/** The arguments of SQL functions that limit rows to the view of a principal. */
export const scopeArguments = ({ tenant, document_sets }: Pick<Principal, 'tenant' | 'document_sets'>) => ({
  tenant,
  sets: document_sets,
});

/** The subject of the keys in API_KEYS. */
export const bootstrapSubject = 'bootstrap';

/** Maximum characters of a subject's name; OpenID Connect has the same limit. */
export const maxSubjectLength = 255;
