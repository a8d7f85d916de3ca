import { compareEventIds, historyMilliseconds, isEventId, toMilliseconds } from './event-id.js';
import type { Notification, TenantNotification } from './events.js';

/** Maximum events kept for one tenant, so that a busy one cannot fill the memory within two minutes. */
const maxEventsPerTenant = 5000;

/** The events that this process has seen in the last two minutes, by tenant. */
export class EventHistory {
  private readonly tenants = new Map<string, Notification[]>();
  private prunedAt = 0;

  /** @param now milliseconds since 1970 */
  constructor(private readonly now: () => number = Date.now) {}

  add({ tenant, notification }: TenantNotification): void {
    const events = this.tenants.get(tenant) ?? [];
    this.tenants.set(tenant, events);
    events.push(notification);
    // not at every event: removing from the front costs as much as the length of the list
    if (events.length > maxEventsPerTenant * 1.2) events.splice(0, events.length - maxEventsPerTenant);
    if (this.now() - this.prunedAt > historyMilliseconds / 4) this.prune();
  }

  /** Events after `id`, oldest first; empty for an invalid id. */
  since(tenant: string, id: string): TenantNotification[] {
    if (!isEventId(id)) return [];
    const oldest = this.now() - historyMilliseconds;
    const missed = (this.tenants.get(tenant) ?? []).filter(
      (event) => toMilliseconds(event.id) >= oldest && compareEventIds(event.id, id) > 0,
    );
    return missed.map((notification) => ({ tenant, notification }));
  }

  clear(): void {
    this.tenants.clear();
  }

  private prune(): void {
    this.prunedAt = this.now();
    const oldest = this.now() - historyMilliseconds;
    for (const [tenant, events] of this.tenants) {
      const kept = events.filter((event) => toMilliseconds(event.id) >= oldest);
      if (kept.length === 0) this.tenants.delete(tenant);
      else this.tenants.set(tenant, kept);
    }
  }
}
