import { z } from 'zod';
import { PageQuery } from '../../common/cursor.js';
import { DocumentSetName } from '../../common/document-set.js';
import { Moment } from '../../common/moment.js';
import { orAbsent, orDefault } from '../../common/or-default.js';
import { scopes } from '../../common/principal.js';
import { readQuery } from '../../common/read-query.js';

const maxRateLimit = 10_000_000;

export const CreateKeyRequest = z
  .strictObject({
    name: z.string().trim().min(1).max(100).meta({ example: 'nightly import' }),
    subject: orAbsent(z.string().trim().min(1).max(200)).meta({
      description: 'Who acts with the key; by default its name',
    }),
    scopes: orDefault(z.array(z.enum(scopes)).min(1).max(3), ['read']),
    document_sets: z
      .array(DocumentSetName)
      .min(1)
      .max(100)
      .nullish()
      .meta({ description: 'The only sets it may see; nothing for all' }),
    expires_at: Moment.nullish().meta({
      description: 'In the future; nothing for a key that does not expire',
    }),
    rate_limit: z.int().min(1).max(maxRateLimit).nullish().meta({
      description:
        'Requests per window instead of `RATE_LIMIT_MAX_REQUESTS`, for load tests and bulk loads; only an administrator of the tenant `default` may set it',
    }),
  })
  .meta({
    example: { name: 'nightly import', scopes: ['read', 'write'], document_sets: null, expires_at: null },
  });
export type CreateKeyRequest = z.infer<typeof CreateKeyRequest>;
export const ListKeysQuery = readQuery(PageQuery);
export type ListKeysQuery = z.infer<typeof ListKeysQuery>;

const keyFields = {
  id: z.uuid(),
  subject: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(scopes)),
  document_sets: z.array(z.string()).nullable(),
  rate_limit: z.int().nullable(),
  expires_at: z.iso.datetime().nullable(),
  revoked_at: z.iso.datetime().nullable(),
  last_used_at: z.iso.datetime().nullable(),
  created_at: z.iso.datetime(),
};
export const CreatedKeyResponse = z.object({
  ...keyFields,
  key: z.string().nullable().meta({ description: 'The key itself: shown this once' }),
});
export const KeysResponse = z.object({
  keys: z.array(z.object(keyFields)),
  next_cursor: z.string().nullable(),
});
export const RevokedResponse = z.object({ status: z.literal('success'), id: z.uuid() });
