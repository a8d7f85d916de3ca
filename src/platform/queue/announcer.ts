import { Injectable } from '@nestjs/common';
import type { Ring, TaskNotice } from '../database/functions.js';
import { EventBus } from '../events/event-bus.js';
import { makeNotification } from '../events/events.js';
import { JobQueue } from './job-queue.js';

/**
 * Sends clients the state of tasks, and rings the queue for tasks that can go on. Both are hints: a failure
 * harms no task.
 */
@Injectable()
export class Announcer {
  constructor(
    private readonly events: EventBus,
    private readonly queue: JobQueue,
  ) {}

  async announce(notices: readonly TaskNotice[]): Promise<void> {
    for (const notice of notices) {
      const notification = makeNotification(notice);
      if (notification) await this.events.publish(notice.tenant, notification);
    }
  }

  async ring(rings: Ring[]): Promise<void> {
    if (rings.length > 0) await this.queue.ring(rings);
  }
}

/** The notice of a row in its present state. */
export function makeNotice(row: Omit<TaskNotice, 'task_id'> & { id: string }): TaskNotice {
  const {
    id,
    tenant,
    type,
    status,
    stage,
    progress,
    document_id,
    filename,
    document_set,
    result,
    error,
    request_id,
  } = row;
  return {
    task_id: id,
    tenant,
    type,
    status,
    stage,
    progress,
    document_id,
    filename,
    document_set,
    result,
    error,
    request_id,
  };
}
