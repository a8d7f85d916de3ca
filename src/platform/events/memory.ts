import { EventBus, type Listener } from './event-bus.js';
import { EventHistory } from './event-history.js';
import type { NewNotification, TenantNotification } from './events.js';
import { Listeners } from './listeners.js';

/** Carries events within one process. */
export class MemoryEventBus extends EventBus {
  private readonly listeners = new Listeners();
  private readonly history: EventHistory;
  private newest = { millis: 0, number: 0 };

  /** @param now milliseconds since 1970 */
  constructor(private readonly now: () => number = Date.now) {
    super();
    this.history = new EventHistory(now);
  }

  override publish(tenant: string, fresh: NewNotification): Promise<void> {
    const event: TenantNotification = {
      tenant,
      notification: { id: this.nextId(), ...fresh, at: new Date(this.now()).toISOString() },
    };
    this.history.add(event);
    this.listeners.tell(event);
    return Promise.resolve();
  }

  override subscribe(listener: Listener): () => void {
    return this.listeners.add(listener);
  }

  override since(tenant: string, id: string): Promise<TenantNotification[]> {
    return Promise.resolve(this.history.since(tenant, id));
  }

  override ping(): Promise<void> {
    return Promise.resolve();
  }

  override close(): Promise<void> {
    this.listeners.clear();
    this.history.clear();
    return Promise.resolve();
  }

  /** Rises even when the clock is set back. */
  private nextId(): string {
    const millis = this.now();
    this.newest =
      millis > this.newest.millis
        ? { millis, number: 0 }
        : { millis: this.newest.millis, number: this.newest.number + 1 };
    return `${this.newest.millis}-${this.newest.number}`;
  }
}
