import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
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

  constructor(
    private readonly bus: EventBus,
    private readonly database: Database,
  ) {
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
    return this.withPresentResults(
      tenant,
      wanted.map((event) => event.notification),
    );
  }

  /** An event of the past must not tell what was deleted since: the task's row is the truth. */
  private async withPresentResults(tenant: string, events: Notification[]): Promise<Notification[]> {
    const tasks = events.flatMap((event) => (holdsText(event) && event.task_id ? [event.task_id] : []));
    if (tasks.length === 0) return events;
    const results = await this.database.call('task_results', { tenant, tasks });
    return events.map((event) =>
      holdsText(event) ? { ...event, result: results[event.task_id ?? ''] ?? null } : event,
    );
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

/** Results of other kinds hold ids and counts only. */
const textual: readonly string[] = ['summary_complete', 'answer_complete'];
const holdsText = ({ type, result }: Notification): boolean => result !== null && textual.includes(type);
