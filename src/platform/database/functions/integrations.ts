import type { SourceRow, SourceItemRow, WebhookRow, WebhookDeliveryRow, DueDelivery } from '../rows.js';
import { read, repeatableWrite, write } from './signature.js';

/** SQL functions of sources and webhooks. */
export const integrationFunctions = {
  create_source: write<SourceRow | null>()({
    id: 'uuid',
    tenant: 'text',
    subject: 'text',
    driver: 'text',
    settings: 'jsonb',
    document_set: 'text',
    every_seconds: 'int4?',
    most: 'int4',
  }),
  list_sources: read<SourceRow[]>()({
    tenant: 'text',
    sets: 'text[]?',
    before_at: 'timestamptz?',
    before_id: 'uuid?',
    limit: 'int4',
  }),
  get_source: read<SourceRow | null>()({ tenant: 'text', sets: 'text[]?', id: 'uuid' }),
  delete_source: write<{ deleted: boolean }>()({ tenant: 'text', sets: 'text[]?', id: 'uuid' }),
  take_due_sources: write<Pick<SourceRow, 'id' | 'tenant' | 'subject' | 'document_set'>[]>()({
    limit: 'int4',
  }),
  list_source_items: read<SourceItemRow[]>()({ source: 'uuid' }),
  put_source_item: repeatableWrite<{ put: boolean }>()({
    source: 'uuid',
    key: 'text',
    version: 'text?',
    document_id: 'uuid',
    memo: 'jsonb?',
  }),
  save_source_progress: repeatableWrite<{ saved: boolean }>()({
    source: 'uuid',
    checkpoint: 'text',
    keys: 'text[]',
  }),
  drop_source_item: repeatableWrite<{ dropped: boolean }>()({ source: 'uuid', key: 'text' }),
  finish_source_run: repeatableWrite<{ finished: boolean }>()({
    source: 'uuid',
    counts: 'jsonb?',
    error: 'jsonb?',
    checkpoint: 'text?',
  }),

  create_webhook: write<WebhookRow | null>()({
    id: 'uuid',
    tenant: 'text',
    url: 'text',
    secret: 'text',
    events: 'text[]',
    document_sets: 'text[]?',
    description: 'text?',
    most: 'int4',
  }),
  list_webhooks: read<WebhookRow[]>()({
    tenant: 'text',
    before_at: 'timestamptz?',
    before_id: 'uuid?',
    limit: 'int4',
  }),
  delete_webhook: write<{ deleted: boolean }>()({ tenant: 'text', id: 'uuid' }),
  list_webhook_deliveries: read<WebhookDeliveryRow[] | null>()({
    tenant: 'text',
    webhook: 'uuid',
    status: 'text?',
    before_at: 'timestamptz?',
    before_id: 'uuid?',
    limit: 'int4',
  }),
  redeliver_webhook: write<{ redelivered: number } | null>()({
    tenant: 'text',
    webhook: 'uuid',
    delivery: 'uuid?',
  }),
  claim_webhook_deliveries: write<DueDelivery[]>()({
    limit: 'int4',
    lease_seconds: 'float8',
    keep_seconds: 'float8',
    per_tenant: 'int4',
    per_webhook: 'int4',
    busy_tenants: 'jsonb',
    busy_webhooks: 'jsonb',
  }),
  settle_webhook_delivery: write<{ settled: boolean }>()({
    id: 'uuid',
    attempts: 'int4',
    delivered: 'bool',
    response_status: 'int4?',
    error: 'text?',
    retry_seconds: 'float8?',
    disable: 'text?',
  }),
} as const;
