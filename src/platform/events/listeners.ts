import { Logger } from '@nestjs/common';
import type { Listener } from './event-bus.js';
import type { TenantNotification } from './events.js';

/** Who listens in this process. One that fails does not keep the others from hearing. */
export class Listeners {
  private readonly logger = new Logger('EventBus');
  private readonly all = new Set<Listener>();

  get size(): number {
    return this.all.size;
  }

  add(listener: Listener): () => void {
    // an own function each time: the same listener added twice is two
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
          `A listener failed on ${event.notification.type}`,
          error instanceof Error ? error.stack : String(error),
        );
      }
    }
  }

  clear(): void {
    this.all.clear();
  }
}
