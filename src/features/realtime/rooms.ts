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

/**
 * What one connection has asked to hear. Nothing asked is everything the principal may see; a principal that is held to some sets
 * hears of these, and of a task only after it was looked up in its name.
 */
export class Interests {
  private readonly sets = new Set<string>();
  private readonly tasks = new Map<string, string[]>();

  constructor(private readonly principal: Principal) {}

  get size(): number {
    return this.sets.size + this.tasks.size;
  }

  addSet(set: string): void {
    this.sets.add(set);
  }

  /** @param children the tasks of a batch, which the batch stands for */
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

/** Whether an event of `rooms` reaches a listener in `listened`. */
export const reaches = (rooms: string[], listened: ReadonlySet<string>): boolean =>
  rooms.some((room) => listened.has(room));
