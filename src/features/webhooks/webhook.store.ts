import { Injectable } from '@nestjs/common';
import { parseKeyset, cutPage } from '../../common/cursor.js';
import { Problem } from '../../common/errors.js';
import { isUuid, uuidv7 } from '../../common/ids.js';
import { Database } from '../../platform/database/database.js';
import type { DueDelivery, WebhookDeliveryRow, WebhookRow } from '../../platform/database/functions.js';
import type { CreateWebhookRequest, ListDeliveriesQuery, ListWebhooksQuery } from './webhooks.dto.js';

const maxWebhooks = 50;
const keepSeconds = 14 * 86_400;

/** How one attempt ended. */
export interface Settlement {
  delivered: boolean;
  responseStatus: number | null;
  error: string | null;
  /** Seconds until the next attempt; null if there is none. */
  retrySeconds: number | null;
  /** Why the webhook gets nothing any more. */
  disable: string | null;
}

/** The number of deliveries that one process may take now. */
interface Claim {
  limit: number;
  leaseSeconds: number;
  /** Deliveries of one tenant at once … */
  perTenant: number;
  /** … and of one webhook, those under way included. */
  perWebhook: number;
  /** Deliveries under way in this process. */
  busy: Iterable<DueDelivery>;
}

function countBy(deliveries: Iterable<DueDelivery>, name: (delivery: DueDelivery) => string) {
  const counts = new Map<string, number>();
  for (const delivery of deliveries) counts.set(name(delivery), (counts.get(name(delivery)) ?? 0) + 1);
  return Object.fromEntries(counts);
}

/** Webhooks of a tenant, and their deliveries. */
@Injectable()
export class WebhookStore {
  constructor(private readonly database: Database) {}

  /** Resolves when the database takes calls. */
  ready(): Promise<void> {
    return this.database.ready();
  }

  /** @throws conflict when the tenant has the maximum number */
  async create(tenant: string, secret: string, request: CreateWebhookRequest): Promise<WebhookRow> {
    const row = await this.database.call('create_webhook', {
      id: uuidv7(),
      tenant,
      secret,
      url: request.url,
      events: request.events,
      document_sets: request.document_sets ?? null,
      description: request.description ?? null,
      most: maxWebhooks,
    });
    if (!row) throw new Problem('conflict', `There are ${maxWebhooks} webhooks already. Delete one first.`);
    return row;
  }

  async list(tenant: string, { limit, cursor }: ListWebhooksQuery) {
    const after = parseKeyset('webhooks', cursor);
    const rows = await this.database.call('list_webhooks', {
      tenant,
      before_at: after?.at ?? null,
      before_id: after?.id ?? null,
      limit: limit + 1,
    });
    return cutPage('webhooks', rows, limit, (row) => ({ at: row.created_at, id: row.id }));
  }

  /** @throws not_found */
  async delete(tenant: string, id: string): Promise<void> {
    const answer = isUuid(id) ? await this.database.call('delete_webhook', { tenant, id }) : null;
    if (!answer?.deleted) throw new Problem('not_found');
  }

  /** @throws not_found */
  async deliveries(tenant: string, webhook: string, query: ListDeliveriesQuery) {
    const after = parseKeyset('deliveries', query.cursor);
    const rows: WebhookDeliveryRow[] | null = isUuid(webhook)
      ? await this.database.call('list_webhook_deliveries', {
          tenant,
          webhook,
          status: query.status ?? null,
          before_at: after?.at ?? null,
          before_id: after?.id ?? null,
          limit: query.limit + 1,
        })
      : null;
    if (!rows) throw new Problem('not_found');
    return cutPage('deliveries', rows, query.limit, (row) => ({ at: row.created_at, id: row.id }));
  }

  /** @param delivery null for all that failed @throws not_found */
  async redeliver(tenant: string, webhook: string, delivery: string | null): Promise<number> {
    const answer = isUuid(webhook)
      ? await this.database.call('redeliver_webhook', { tenant, webhook, delivery })
      : null;
    if (!answer || (delivery !== null && answer.redelivered === 0)) throw new Problem('not_found');
    return answer.redelivered;
  }

  /** Deliveries that are due, taken in turns from the tenants and their webhooks. */
  claim({ limit, leaseSeconds, perTenant, perWebhook, busy }: Claim): Promise<DueDelivery[]> {
    return this.database.call('claim_webhook_deliveries', {
      limit,
      lease_seconds: leaseSeconds,
      keep_seconds: keepSeconds,
      per_tenant: perTenant,
      per_webhook: perWebhook,
      busy_tenants: countBy(busy, ({ tenant }) => tenant),
      busy_webhooks: countBy(busy, ({ webhook_id }) => webhook_id),
    });
  }

  async settle({ id, attempts }: DueDelivery, settlement: Settlement): Promise<void> {
    await this.database.call('settle_webhook_delivery', {
      id,
      attempts,
      delivered: settlement.delivered,
      response_status: settlement.responseStatus,
      error: settlement.error,
      retry_seconds: settlement.retrySeconds,
      disable: settlement.disable,
    });
  }
}
