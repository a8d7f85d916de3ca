import type { NewNotification, TenantNotification } from './events.js';

export type Listener = (event: TenantNotification) => void;

/** Carries each notification once to every process that listens. Losing one is allowed, doubling one is not. */
export abstract class EventBus {
  /** Never throws: an event is a hint. */
  abstract publish(tenant: string, notification: NewNotification): Promise<void>;
  /** @returns the way to stop listening */
  abstract subscribe(listener: Listener): () => void;
  /** What a tenant missed after the event `id`, oldest first, at most two minutes back. */
  abstract since(tenant: string, id: string): Promise<TenantNotification[]>;
  abstract ping(): Promise<void>;
  abstract close(): Promise<void>;
}
