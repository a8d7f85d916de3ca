import { Logger } from '@nestjs/common';
import type { Listener } from './event-bus.js';
import type { TenantNotification } from './events.js';

/** The listeners of this process. A failing listener does not stop the others. */
export class Listeners {
  private readonly logger = new Logger('EventBus');
  private readonly all = new Set<Listener>();

  get size(): number {
    return this.all.size;
  }

  add(listener: Listener): () => void {
    // a new function each time, so that the same listener added twice counts as two
    const own: Listener = (event) => listener(event);
    this.all.add(own);
    return () => void this.all.delete(own);
  }

  tell(event: TenantNotification): void {
    for (const listener of this.all) {
      try {
        listener(event);
      } catch (error) {
        this.logger.error(
          `a listener failed on ${event.notification.type}`,
          error instanceof Error ? error.stack : String(error),
        );
      }
    }
  }

  clear(): void {
    this.all.clear();
  }
}
