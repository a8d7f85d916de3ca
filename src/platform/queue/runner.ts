import { randomUUID } from 'node:crypto';
import { availableParallelism, hostname } from 'node:os';
import { Injectable, Logger } from '@nestjs/common';
import { Problem, toFailure } from '../../common/errors.js';
import { availableMemory } from '../../common/memory.js';
import { runInContext } from '../../common/request-context.js';
import { failureName, openSpan, within } from '../../common/spans.js';
import { freshContext } from '../../common/trace-context.js';
import { Env } from '../../config/env.js';
import type { ClaimedTask } from '../database/functions.js';
import { Metrics } from '../metrics/metrics.js';
import { Tracing } from '../tracing/tracing.js';
import { Announcer } from './announcer.js';
import { type Outage, detectOutage, retryDelay, worthRetrying } from './backoff.js';
import { Claims } from './claims.js';
import type { Handlers } from './handlers.js';
import { Heartbeat } from './heartbeat.js';
import { JobQueue } from './job-queue.js';
import { isJobName, type JobName, jobs, type QueueName, queueNames } from './jobs.js';
import { RunningTask } from './running-task.js';
import { TaskStore } from './task-store.js';
import type { Settled } from './work.js';

type Outcome =
  { kind: 'done'; result: unknown; settled?: Settled<JobName> } | { kind: 'failed'; error: unknown };
type Ending = 'succeeded' | 'failed' | 'retry' | 'cancelled' | 'released' | 'lost';

const megabyte = 1024 * 1024;
/** Seconds until a task is looked at again that was left for lack of memory. */
const memoryPause = 5;
/**
 * Seconds until a task is tried again after an outage. A parse is repeated when its result could not be
 * stored.
 */
const outagePauses: Record<Outage, number> = { database: 2, storage: 5 };
const handBackMs = 5000;
/** Small tasks that may be under way beside the others, for each task that the queue may have at once. */
const smallForEach = 4;

/**
 * Answers the doorbell: claims the task, has its handler do the
 * work within its limits, and writes down what became of it.
 */
@Injectable()
export class TaskRunner {
  /** Names this process in leases. */
  readonly owner = `${hostname().slice(0, 40)}:${process.pid}:${randomUUID().slice(0, 8)}`;

  private readonly logger = new Logger(TaskRunner.name);
  private readonly heartbeat: Heartbeat;
  private readonly claims: Claims;
  private readonly running = new Set<RunningTask>();
  private readonly pending = new Set<Promise<void>>();
  private readonly reminders = new Set<NodeJS.Timeout>();
  private handlers: Handlers = new Map();
  private draining = false;
  private small = 0;

  constructor(
    private readonly env: Env,
    private readonly tasks: TaskStore,
    private readonly queue: JobQueue,
    private readonly announcer: Announcer,
    private readonly metrics: Metrics,
    private readonly tracing: Tracing,
  ) {
    const { owner } = this;
    const { TASK_LEASE_SECONDS: leaseSeconds, UPLOAD_INTENT_SECONDS: blobSeconds } = env;
    this.heartbeat = new Heartbeat(tasks, owner, leaseSeconds);
    this.claims = new Claims(tasks, { owner, leaseSeconds, blobSeconds });
  }

  /**
   * Starts taking from the queues that `WORKER_QUEUES` names. @param handlers as `assertHandlers` gives them
   */
  async start(handlers: Handlers): Promise<void> {
    this.handlers = handlers;
    for (const name of queueNames) {
      if (this.env.WORKER_QUEUES.includes(name)) await this.consume(name, this.chooseConcurrency(name));
    }
  }

  private consume(queue: QueueName, concurrency: number): Promise<void> {
    // a queue that asks for one task at a time gets no more
    const maxSmall = concurrency > 1 ? smallForEach * concurrency : 0;
    return this.queue.consume(queue, concurrency, (task) => this.answer(task, maxSmall), this.owner);
  }

  /** Tasks under way in this process. */
  get active(): number {
    return this.running.size;
  }

  /**
   * Stops taking tasks and lets running work end. Work that resumes is handed back at once, what is unfinished
   * five seconds before the grace is over then, both without counting an attempt.
   * @param graceSeconds resolves after this time in any case: a lease that could not be handed back expires
   * by itself
   */
  async drain(graceSeconds: number): Promise<void> {
    this.draining = true;
    for (const reminder of this.reminders) clearTimeout(reminder);
    for (const running of this.running) this.stopResuming(running);
    await this.queue.pause();
    const handBack = setTimeout(
      () => this.handBack(),
      Math.max(graceSeconds * 500, graceSeconds * 1000 - handBackMs),
    );
    let over: NodeJS.Timeout | undefined;
    const graceOver = new Promise<void>((resolve) => (over = setTimeout(resolve, graceSeconds * 1000)));
    await Promise.race([this.idle(), graceOver]);
    clearTimeout(handBack);
    clearTimeout(over);
  }

  /** Stops running work at once; the rows go back to their queues without counting an attempt. */
  handBack(): void {
    for (const running of this.running) running.stop('shutdown');
  }

  private stopResuming(running: RunningTask): void {
    if (this.handlers.get(running.task.type)?.resumes) running.stop('shutdown');
  }

  private async idle(): Promise<void> {
    while (this.pending.size > 0) await Promise.all(this.pending);
  }

  private chooseConcurrency(queue: QueueName): number {
    // one model computes the vectors: a second task would only wait for the first
    if (queue === 'embedding') return 1;
    return this.env.WORKER_CONCURRENCY ?? (queue === 'ingestion' ? availableParallelism() + 2 : 4);
  }

  /** Resolves when the next ring may come: with the end of the work, or sooner if it is small. */
  private answer(task: string, maxSmall: number): Promise<void> {
    if (this.draining) return Promise.resolve();
    return new Promise((resolve) => {
      const work = this.claimAndWork(task, maxSmall, resolve)
        .catch((error: unknown) => {
          // the row still says what is left to do, and the sweeper rings again
          this.logger.warn({ err: error, task_id: task }, 'task could not be taken');
        })
        .finally(() => {
          this.pending.delete(work);
          resolve();
        });
      this.pending.add(work);
    });
  }

  private async claimAndWork(task: string, maxSmall: number, takeNext: () => void): Promise<void> {
    const starved = availableMemory() < this.env.MEMORY_FLOOR_MB * megabyte;
    const row = await this.claims.claim(task);
    if (!row) return;
    if (starved) return this.putBack(row, 'memory', memoryPause);
    const { spans } = this.tracing;
    const traceContext = row.trace_context ?? (spans ? undefined : freshContext());
    const context = {
      requestId: row.request_id ?? row.id,
      tenant: row.tenant,
      subject: row.subject,
      taskId: row.id,
      traceContext,
      spans,
    };
    const isSmall = this.small < maxSmall && this.isSmall(row);
    if (!isSmall) return runInContext(context, () => this.traced(row));
    this.small += 1;
    takeNext();
    try {
      await runInContext(context, () => this.traced(row));
    } finally {
      this.small -= 1;
    }
  }

  private isSmall(row: ClaimedTask): boolean {
    return this.handlers.get(row.type)?.isSmall?.(row) ?? false;
  }

  /**
   * One span for each attempt, below the request that made the task, perhaps much later and in another
   * process.
   */
  private async traced(row: ClaimedTask): Promise<void> {
    const span = openSpan(`task ${row.type}`, {
      kind: 'consumer',
      attributes: {
        'docent.task_id': row.id,
        'docent.tenant': row.tenant,
        'docent.attempt': row.attempts,
        'docent.queue': row.queue,
      },
    });
    try {
      const ending = await within(span, () => this.work(row));
      span?.set({ 'docent.ending': ending });
      span?.end(ending === 'succeeded' ? undefined : ending);
    } catch (error) {
      span?.end(failureName(error));
      throw error;
    }
  }

  private async work(row: ClaimedTask): Promise<Ending> {
    const started = performance.now();
    const running = new RunningTask(row, {
      stageEnded: (stage, seconds) => this.metrics.stageDuration.observe({ stage }, seconds),
      progressed: ({ notice }) => void this.announcer.announce([notice]),
    });
    this.running.add(running);
    if (this.draining) this.stopResuming(running);
    this.heartbeat.add(running);
    if (isJobName(row.type)) this.metrics.queueTasks.inc({ task_name: row.type, status: 'started' });
    running.limit(this.env.TASK_SOFT_TIME_LIMIT, this.env.TASK_TIME_LIMIT);
    try {
      const outcome = await this.attempt(running);
      const ending = await this.patiently(running, () => this.settle(running, outcome));
      this.report(running, outcome, ending, (performance.now() - started) / 1000);
      return ending;
    } finally {
      running.end();
      this.heartbeat.remove(running);
      this.running.delete(running);
    }
  }

  private async attempt(running: RunningTask): Promise<Outcome> {
    const { task } = running;
    try {
      if (!isJobName(task.type))
        throw new Problem('internal', `There is no job ${task.type}.`, { retryable: false });
      const answer = await Promise.race([this.handle(task.type, running), running.abandoned]);
      return isSettled(answer)
        ? { kind: 'done', result: answer.result, settled: answer }
        : { kind: 'done', result: answer };
    } catch (error) {
      // the reason for stopping counts, and not the error that it caused
      return { kind: 'failed', error: running.stopped ? running.signal.reason : error };
    }
  }

  private async handle(type: JobName, running: RunningTask): Promise<unknown> {
    const handler = this.handlers.get(type);
    if (!handler) throw new Problem('internal', `This worker has no handler for ${type}.`);
    const payload = jobs[type].payload.safeParse(running.task.payload);
    if (!payload.success)
      throw new Problem('internal', 'The payload of the task is malformed.', {
        retryable: false,
        cause: payload.error,
      });
    return handler.run(payload.data, running);
  }

  private async settle(running: RunningTask, outcome: Outcome): Promise<Ending> {
    if (outcome.kind === 'done')
      return outcome.settled
        ? this.announceSettled(running, outcome.settled)
        : this.complete(running, outcome.result);
    if (running.stopped === 'lost') return 'lost';
    if (running.stopped === 'shutdown')
      return (await this.tasks.release(running.claim, null, 0)) ? 'released' : 'lost';
    const outage = detectOutage(outcome.error);
    if (outage) {
      await this.putBack(running.task, outage, outagePauses[outage]);
      return 'released';
    }
    return this.fail(running, outcome.error);
  }

  private async announceSettled(running: RunningTask, { result, rings }: Settled<JobName>): Promise<Ending> {
    await this.announcer.announce([{ ...running.notice, status: 'succeeded', progress: 1, result }]);
    await this.announcer.ring(rings);
    return 'succeeded';
  }

  private async complete(running: RunningTask, result: unknown): Promise<Ending> {
    const completed = await this.tasks.complete(running.claim, result, running.stages);
    if (!completed) return 'lost';
    await this.announcer.announce([completed.notice]);
    await this.announcer.ring(completed.rings);
    return 'succeeded';
  }

  private async fail(running: RunningTask, error: unknown): Promise<Ending> {
    const { task, claim, stages } = running;
    const retryAfter = error instanceof Problem ? error.retryAfter : undefined;
    const delay = retryDelay(task.attempts, {
      base: this.env.TASK_RETRY_DELAY_SECONDS,
      ...(retryAfter && { retryAfter }),
    });
    const again = !(error instanceof Problem) || worthRetrying(error);
    const failed = await this.tasks.fail(claim, toFailure(error), again ? delay : null, stages);
    if (!failed) return 'lost';
    await this.announcer.announce([failed.notice, ...failed.cancelled]);
    if (failed.retry_at) this.remind(task, delay);
    return failed.retry_at ? 'retry' : failed.notice.status === 'cancelled' ? 'cancelled' : 'failed';
  }

  private async putBack(row: ClaimedTask, waitingOn: string | null, seconds: number): Promise<void> {
    await this.tasks.release({ task: row.id, token: row.token }, waitingOn, seconds);
    this.remind(row, seconds);
  }

  /** Rings by itself when the task is due again: sooner than the sweeper would. */
  private remind({ id, token, queue, priority }: ClaimedTask, seconds: number): void {
    if (this.draining) return;
    const reminder = setTimeout(
      () => {
        this.reminders.delete(reminder);
        void this.announcer.ring([{ task: id, token, queue, priority }]);
      },
      seconds * 1000 + 50,
    ).unref();
    this.reminders.add(reminder);
  }

  /**
   * A finished task must not be done again because the database was away
   * for a moment: the end is written until the lease is somebody else's.
   */
  private async patiently<T>(running: RunningTask, write: () => Promise<T>): Promise<T> {
    const until = performance.now() + this.env.TASK_LEASE_SECONDS * 1000;
    for (let pause = 100; ; pause = Math.min(pause * 2, 2000)) {
      try {
        return await write();
      } catch (error) {
        const away = error instanceof Problem && error.code === 'database_unavailable';
        if (!away || running.stopped === 'lost' || performance.now() + pause > until) throw error;
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  private report({ task, stages }: RunningTask, outcome: Outcome, ending: Ending, seconds: number): void {
    this.metrics.queueTasks.inc({ task_name: task.type, status: ending });
    this.metrics.queueTaskDuration.observe({ task_name: task.type }, seconds);
    const line = {
      task_id: task.id,
      job: task.type,
      attempt: task.attempts,
      ending,
      ms: Math.round(seconds * 1000),
      stages,
    };
    if (outcome.kind === 'done') return this.logger.log(line, 'task ended');
    const { code, detail } = toFailure(outcome.error);
    const defect = !(outcome.error instanceof Problem);
    if (ending === 'failed' || defect)
      this.logger.error({ ...line, code, detail, ...(defect && { err: outcome.error }) }, 'task failed');
    else this.logger.warn({ ...line, code, detail }, 'task attempt ended');
  }
}

const isSettled = (answer: unknown): answer is Settled<JobName> =>
  typeof answer === 'object' && answer !== null && 'settled' in answer && answer.settled === true;
