import type { NewNotification, TenantNotification } from './events.js';

export type Listener = (event: TenantNotification) => void;

/** Delivers each notification at most once to every listening process. */
export abstract class EventBus {
  /** Never throws: an event is a hint. */
  abstract publish(tenant: string, notification: NewNotification): Promise<void>;
  /** @returns a function that stops listening */
  abstract subscribe(listener: Listener): () => void;
  /** The events of a tenant after the event `id`, oldest first, at most two minutes old. */
  abstract since(tenant: string, id: string): Promise<TenantNotification[]>;
  abstract ping(): Promise<void>;
  abstract close(): Promise<void>;
}
