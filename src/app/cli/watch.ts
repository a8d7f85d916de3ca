import { io, type Socket } from 'socket.io-client';
import type { Notification } from '../../platform/events/events.js';
import { hasEnded, type ApiClient, type TaskView } from './client.js';
import { describeOutcome } from './outcome.js';
import type { ProgressView } from './progress.js';
import { describeStage } from './stage.js';

/** How long no event may come before the rows are asked. */
const quietMs = 1500;

/** Follows tasks by the events of the service; the rows have the last word. */
export class TaskWatch {
  private readonly socket: Socket;
  private readonly open = new Map<string, (task: TaskView) => void>();
  /** Questions under way, and whether something was heard since they were asked. */
  private readonly asked = new Map<string, boolean>();
  private readonly timer: NodeJS.Timeout;
  private heardAt = Date.now();
  /** Number of events about watched tasks. */
  heard = 0;

  constructor(
    private readonly client: ApiClient,
    private readonly view: ProgressView,
  ) {
    this.socket = io(client.url, {
      path: '/ws',
      transports: ['websocket'],
      auth: client.token ? { token: client.token } : {},
    });
    this.socket.on('notification', (notification: Notification) => this.hear(notification));
    this.timer = setInterval(() => {
      if (Date.now() - this.heardAt > quietMs) for (const id of this.open.keys()) this.ask(id);
    }, quietMs);
  }

  /** Resolves when events come, or after a second without: progress is a comfort, not a condition. */
  connected(): Promise<void> {
    return new Promise((resolve) => {
      const late = setTimeout(resolve, 1000);
      this.socket.once('connect', () => {
        clearTimeout(late);
        resolve();
      });
    });
  }

  /** Resolves with the task as it ended. */
  follow(id: string, name: string): Promise<TaskView> {
    this.view.add(id, name);
    return new Promise((resolve) => {
      this.open.set(id, resolve);
      // it may have ended before anybody listened
      this.ask(id);
    });
  }

  close(): void {
    clearInterval(this.timer);
    this.socket.disconnect();
  }

  private hear({ task_id, status, progress, stage }: Notification): void {
    if (task_id === null || !this.open.has(task_id)) return;
    this.heardAt = Date.now();
    this.heard += 1;
    if (status === 'queued' || status === 'processing')
      this.view.update(task_id, progress, stage ?? (status === 'queued' ? status : 'started'));
    else this.ask(task_id);
  }

  private ask(id: string): void {
    if (this.asked.has(id)) {
      this.asked.set(id, true);
      return;
    }
    this.asked.set(id, false);
    this.client
      .task(id)
      .then((task) => this.see(task))
      .catch(() => undefined)
      .finally(() => {
        const again = this.asked.get(id) === true && this.open.has(id);
        this.asked.delete(id);
        if (again) this.ask(id);
      });
  }

  private see(task: TaskView): void {
    const resolve = this.open.get(task.task_id);
    if (!resolve) return;
    if (!hasEnded(task)) {
      this.view.update(task.task_id, task.progress, describeStage(task));
      return;
    }
    this.open.delete(task.task_id);
    this.view.end(task.task_id, describeOutcome(task), task.status === 'SUCCESS');
    resolve(task);
  }
}
