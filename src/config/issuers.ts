import { z } from 'zod';

const asymmetric = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

const IssuerSetting = z.strictObject({
  issuer: z.string().min(1),
  audience: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  jwks_uri: z.url({ protocol: /^https?$/ }),
  tenant_claim: z.string().optional(),
  algorithms: z.array(z.enum(asymmetric)).min(1).default(['RS256', 'ES256', 'EdDSA']),
  /** Scopes of a token without a `scope` claim, or with nothing but identity scopes (`openid profile …`). */
  default_scopes: z.array(z.enum(['read', 'write', 'admin'])).default(['read', 'write']),
});
export type IssuerSetting = z.infer<typeof IssuerSetting>;

const Issuers = z.array(IssuerSetting);

/**
 * Issuers of tokens as JSON text. There is one message for every mistake, since the text may contain private
 * names.
 */
export const IssuerList = z.string().transform((text, context): IssuerSetting[] => {
  try {
    return Issuers.parse(JSON.parse(text));
  } catch {
    context.addIssue({
      code: 'custom',
      message: 'must be a JSON array of {issuer, audience, jwks_uri, tenant_claim?, algorithms?}',
    });
    return z.NEVER;
  }
});
