import type { ApiKeyRow } from '../rows.js';
import { read, repeatableWrite, write } from './signature.js';

/** SQL functions of API keys and suspended principals. */
export const accessFunctions = {
  find_api_key: read<(ApiKeyRow & { suspended: boolean }) | null>()({ hash: 'text' }),
  touch_api_keys: repeatableWrite<{ touched: number }>()({ ids: 'uuid[]' }),
  has_api_keys: read<{ found: boolean }>()({}),
  create_api_key: write<ApiKeyRow>()({
    id: 'uuid',
    tenant: 'text',
    subject: 'text',
    name: 'text',
    hash: 'text',
    scopes: 'text[]',
    document_sets: 'text[]?',
    expires_at: 'timestamptz?',
    rate_limit: 'int4?',
  }),
  list_api_keys: read<ApiKeyRow[]>()({
    tenant: 'text',
    before_at: 'timestamptz?',
    before_id: 'uuid?',
    limit: 'int4',
  }),
  revoke_api_key: write<{ revoked: boolean }>()({ tenant: 'text', id: 'uuid' }),

  is_suspended: read<{ suspended: boolean }>()({ tenant: 'text', subject: 'text' }),
  suspend_subject: write<{ changed: boolean }>()({ tenant: 'text', subject: 'text', suspended: 'bool' }),
} as const;
