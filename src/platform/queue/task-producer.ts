import { Injectable } from '@nestjs/common';
import { uuidv7 } from '../../common/ids.js';
import { currentContext } from '../../common/request-context.js';
import { Env } from '../../config/env.js';
import type { NewTask, TaskTemplate, TenantQuota } from '../database/functions.js';
import { Announcer } from './announcer.js';
import { dedupeKey, jobs, type JobName, type Payload } from './jobs.js';
import { TaskStore } from './task-store.js';

/** The owner of a task. */
export interface TaskOwner {
  tenant: string;
  subject: string;
}

/** The subject of a task, for lists, events and access checks. */
export type TaskSubject = Partial<
  Pick<NewTask, 'document_id' | 'filename' | 'document_set' | 'document_sets'>
>;

/** A task that is not in the database yet. */
export interface PlannedTask<J extends JobName = JobName> extends NewTask {
  type: J;
  priority: number;
}

/**
 * The only place where tasks are made. Queue, priority,
 * attempts and dedupe key come from the catalogue of jobs.
 */
@Injectable()
export class TaskProducer {
  constructor(
    private readonly env: Env,
    private readonly store: TaskStore,
    private readonly announcer: Announcer,
  ) {}

  /**
   * Creates one task and rings for it.
   * @returns its id, or the id of an equal task that waits or runs already
   * @throws quota_exceeded when a quota is given
   */
  async create<J extends JobName>(
    name: J,
    payload: Payload<J>,
    owner: TaskOwner,
    { quota = null, ...subject }: TaskSubject & { quota?: TenantQuota | null } = {},
  ): Promise<string> {
    const task = this.plan(name, payload, subject);
    const [id] = await this.createAll(owner, [task], quota);
    return id ?? task.id;
  }

  /** @param waitsFor a task of the same call that must succeed first */
  plan<J extends JobName>(
    name: J,
    payload: Payload<J>,
    subject: TaskSubject = {},
    waitsFor?: PlannedTask,
  ): PlannedTask<J> {
    const { queue, priority, max_attempts } = templateFor(name, this.env.TASK_MAX_ATTEMPTS);
    return {
      ...subject,
      id: uuidv7(),
      type: name,
      queue,
      priority,
      max_attempts,
      payload,
      dedupe_key: dedupeKey(name, payload),
      waits_for: waitsFor?.id ?? null,
    };
  }

  /**
   * Creates tasks in one transaction and rings for those that can start.
   * @returns their ids in the same order; see `create`
   * @throws quota_exceeded
   */
  async createAll(
    owner: TaskOwner,
    tasks: readonly PlannedTask[],
    quota: TenantQuota | null = null,
  ): Promise<string[]> {
    const created = await this.store.create({ ...makeOrigin(owner), tasks, quota });
    await this.announcer.ring(created.rings);
    return created.tasks.map(({ id }) => id);
  }
}

/** Owner, request and trace, which every new row of a task carries. */
export const makeOrigin = ({ tenant, subject }: TaskOwner) => ({
  tenant,
  subject,
  request_id: currentContext()?.requestId ?? null,
  trace_context: currentContext()?.traceContext ?? null,
});

/** For SQL functions that make tasks themselves, in the transaction of the rows that the tasks work on. */
export function templateFor(name: JobName, maxAttempts: number): TaskTemplate {
  const { queue, priority = 0, dedupe = [] } = jobs[name];
  return { type: name, queue, priority, max_attempts: maxAttempts, dedupe };
}
