import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { EventBus } from '../../platform/events/event-bus.js';
import { compareEventIds } from '../../platform/events/event-id.js';
import type { Notification, TenantNotification } from '../../platform/events/events.js';
import { reaches, roomsOfEvent } from './rooms.js';

export type Sink = (event: TenantNotification, rooms: string[]) => void;

/** Events that a listener has certainly received. */
export interface Told {
  /** Events after this id … */
  after: string;
  /** … that reach these rooms. */
  rooms: ReadonlySet<string>;
}

/** The one consumer of the bus in this process: passes each event to the sockets and to the streams. */
@Injectable()
export class FanOut implements OnApplicationShutdown {
  private readonly sinks = new Set<Sink>();
  private readonly stop: () => void;
  /** Id of the last event that went out here. */
  private last = `${Date.now()}-0`;

  constructor(private readonly bus: EventBus) {
    this.stop = bus.subscribe((event) => this.pass(event));
  }

  get newest(): string {
    return this.last;
  }

  /** @returns the way to remove the sink again */
  add(sink: Sink): () => void {
    this.sinks.add(sink);
    return () => void this.sinks.delete(sink);
  }

  /**
   * The past for a listener that joined `rooms` in this very tick: everything later than the newest event of
   * now reaches it live, so that nothing is missing between the two and nothing comes twice.
   */
  async missed(
    tenant: string,
    since: string,
    rooms: ReadonlySet<string>,
    told?: Told,
  ): Promise<Notification[]> {
    const joined = this.last;
    const events = await this.bus.since(tenant, since);
    const wanted = events.filter((event) => {
      const reached = roomsOfEvent(event);
      const { id } = event.notification;
      const known = told !== undefined && compareEventIds(id, told.after) > 0 && reaches(reached, told.rooms);
      return compareEventIds(id, joined) <= 0 && reaches(reached, rooms) && !known;
    });
    return wanted.map((event) => event.notification);
  }

  onApplicationShutdown(): void {
    this.stop();
    this.sinks.clear();
  }

  private pass(event: TenantNotification): void {
    this.last = event.notification.id;
    const rooms = roomsOfEvent(event);
    for (const sink of this.sinks) sink(event, rooms);
  }
}
