import type { JobName, JobResult, Payload } from './jobs.js';
import type { ClaimedTask, Ring } from '../database/functions.js';

/** Proof of being the one who works on a task; every write of the work carries it. */
export interface Claim {
  task: string;
  token: number;
}

export type Stage =
  | 'download'
  | 'parse'
  | 'vision'
  | 'ocr'
  | 'chunk'
  | 'embed'
  | 'index'
  | 'publish'
  | 'search'
  | 'answer'
  | 'summarize'
  | 'delete';

/** The context in which a handler works. */
export interface Work {
  readonly task: ClaimedTask;
  readonly claim: Claim;
  /** Aborts on cancel, loss of the lease, time limit and shutdown; the reason is a Problem. */
  readonly signal: AbortSignal;
  /** Milliseconds by stage so far. */
  readonly stages: Readonly<Record<string, number>>;
  /**
   * Runs one stage under its name; its milliseconds land in the
   * row and in the metrics. Stages with the same name add up.
   */
  stage<T>(name: Stage, run: () => Promise<T>): Promise<T>;
  /**
   * @param fraction of the whole task, 0…1; carried by the next
   * heartbeat, and as an event at most four times a second
   */
  progress(fraction: number): void;
  /** The resource that the work waits for (`memory`, `rate_limit`), or null; shown at /agent/status. */
  waitingOn(what: string | null): void;
}

/**
 * Does one kind of job. A handler that publishes or saves its
 * result in one transaction with the task's end returns `settled`.
 */
export interface Handler<J extends JobName> {
  /**
   * True for work that mostly waits for the database and needs little memory: the worker goes on to the next
   * task meanwhile. Absent: never.
   */
  isSmall?(task: ClaimedTask): boolean;
  /**
   * True for long work whose every step is stored: the end of the process hands it back at once, and the next
   * attempt goes on from there. Absent: it may finish within the grace period.
   */
  readonly resumes?: true;
  run(payload: Payload<J>, work: Work): Promise<JobResult<J> | Settled<J>>;
}

/** The task row has already been completed in the transaction that stored the result. */
export interface Settled<J extends JobName> {
  settled: true;
  result: JobResult<J>;
  /** Rings for tasks that waited for this one and can go on. */
  rings: Ring[];
}

const handledJob = Symbol('handled job');

/** Marks the class that does a job; `worker.module.ts` lists it. */
export const Handles =
  (name: JobName): ClassDecorator =>
  (target) => {
    Reflect.defineMetadata(handledJob, name, target);
  };
export const findJob = (target: object): JobName | undefined =>
  Reflect.getMetadata(handledJob, target) as JobName | undefined;
