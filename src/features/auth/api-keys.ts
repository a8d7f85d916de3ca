import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { parseKeyset, cutPage } from '../../common/cursor.js';
import { Problem } from '../../common/errors.js';
import { isUuid, uuidv7 } from '../../common/ids.js';
import { Database } from '../../platform/database/database.js';
import type { ApiKeyRow } from '../../platform/database/functions.js';
import { hashKey } from './auth.service.js';
import { apiKeyPrefix } from './credential.js';
import type { CreateKeyRequest } from './keys.dto.js';

const keyBytes = 32;

/** API keys of a tenant: 32 random bytes, shown once, kept as a hash. */
@Injectable()
export class ApiKeys {
  constructor(private readonly database: Database) {}

  async create(tenant: string, request: CreateKeyRequest): Promise<ApiKeyRow & { key: string }> {
    if (request.expires_at && Date.parse(request.expires_at) <= Date.now()) {
      throw new Problem('validation_failed', 'The expiry date is in the past.', {
        errors: [{ field: 'expires_at', message: 'must be in the future' }],
      });
    }
    const key = `${apiKeyPrefix}${randomBytes(keyBytes).toString('base64url')}`;
    const row = await this.database.call('create_api_key', {
      id: uuidv7(),
      tenant,
      subject: request.subject ?? request.name,
      name: request.name,
      hash: hashKey(key),
      scopes: request.scopes,
      document_sets: request.document_sets ?? null,
      expires_at: request.expires_at ?? null,
      rate_limit: request.rate_limit ?? null,
    });
    return { ...row, key };
  }

  async list(
    tenant: string,
    page: { limit: number; cursor?: string | undefined },
  ): Promise<{ rows: ApiKeyRow[]; next_cursor: string | null }> {
    const after = parseKeyset('api_keys', page.cursor);
    const rows = await this.database.call('list_api_keys', {
      tenant,
      before_at: after?.at ?? null,
      before_id: after?.id ?? null,
      limit: page.limit + 1,
    });
    return cutPage('api_keys', rows, page.limit, (row) => ({ at: row.created_at, id: row.id }));
  }

  /** @throws not_found */
  async revoke(tenant: string, id: string): Promise<void> {
    const answer = isUuid(id) ? await this.database.call('revoke_api_key', { tenant, id }) : null;
    if (!answer?.revoked) throw new Problem('not_found');
  }
}
