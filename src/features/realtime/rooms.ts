import type { TenantNotification } from '../../platform/events/events.js';
import type { Principal } from '../../common/principal.js';

// A tenant may hold any character; a set and a task id hold no colon, so that no two rooms share a name.
const tenantRoom = (tenant: string): string => `tenant:${tenant}`;
const setRoom = (tenant: string, set: string): string => `set:${tenant}:${set}`;
const taskRoom = (tenant: string, task: string): string => `task:${tenant}:${task}`;

/** Every room that hears of an event. */
export function roomsOfEvent({ tenant, notification }: TenantNotification): string[] {
  const rooms = [tenantRoom(tenant)];
  if (notification.document_set !== null) rooms.push(setRoom(tenant, notification.document_set));
  if (notification.task_id !== null) rooms.push(taskRoom(tenant, notification.task_id));
  return rooms;
}

/** Document sets, and tasks with the tasks of a batch. */
export interface Subscriptions {
  sets: string[];
  tasks: [string, string[]][];
}

/**
 * The subscriptions of one connection. Without any it gets everything that the principal may see. A principal
 * that is limited to some sets gets only their events, and those of a task only after the task was looked up
 * with its rights.
 */
export class Interests {
  private readonly sets = new Set<string>();
  private readonly tasks = new Map<string, string[]>();

  constructor(private readonly principal: Principal) {}

  get size(): number {
    return this.sets.size + this.tasks.size;
  }

  /** What `restore` needs to have the same subscriptions on another connection. */
  list(): Subscriptions {
    return { sets: [...this.sets], tasks: [...this.tasks] };
  }

  restore({ sets, tasks }: Subscriptions): void {
    for (const set of sets) this.addSet(set);
    for (const [task, children] of tasks) this.addTask(task, children);
  }

  addSet(set: string): void {
    this.sets.add(set);
  }

  /** @param children the tasks of a batch */
  addTask(task: string, children: string[]): void {
    this.tasks.set(task, children);
  }

  removeSet(set: string): void {
    this.sets.delete(set);
  }

  removeTask(task: string): void {
    this.tasks.delete(task);
  }

  clear(): void {
    this.sets.clear();
    this.tasks.clear();
  }

  rooms(): Set<string> {
    const { tenant, document_sets: allowed } = this.principal;
    if (this.size > 0) {
      const tasks = [...this.tasks].flatMap(([task, children]) => [task, ...children]);
      return new Set([
        ...[...this.sets].map((set) => setRoom(tenant, set)),
        ...tasks.map((task) => taskRoom(tenant, task)),
      ]);
    }
    return new Set(allowed === null ? [tenantRoom(tenant)] : allowed.map((set) => setRoom(tenant, set)));
  }
}

/** True when an event of `rooms` reaches a listener in `listened`. */
export const reaches = (rooms: string[], listened: ReadonlySet<string>): boolean =>
  rooms.some((room) => listened.has(room));
