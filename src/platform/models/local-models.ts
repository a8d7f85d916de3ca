import { Logger } from '@nestjs/common';
import { unlessAborted } from '../../common/abort.js';
import { Problem } from '../../common/errors.js';
import { abortProblem, Deadline } from '../upstream/deadline.js';
import { ModelProcess, UnusableModels } from './model-process.js';
import type { ModelAnswer, ModelJob, ModelsToLoad } from './protocol.js';

export interface LocalModelsOptions {
  models: ModelsToLoad;
  memoryMb: number;
  /** Urgent runs at once; of bulk work one fewer runs, at least one. */
  parallel: number;
  /** Without work for this long the child is given up, and the next job starts another; 0 keeps it. */
  idleMs: number;
  /** First pause before another start. */
  restartMs?: number;
}

/** A person waits for urgent work; it overtakes bulk work and runs beside it. */
export type Lane = 'urgent' | 'bulk';

interface Waiting {
  job: ModelJob;
  lane: Lane;
  /** Processes that were lost while they computed it. */
  losses: number;
  resolve: (answer: ModelAnswer[keyof ModelAnswer]) => void;
  reject: (error: unknown) => void;
}

const maxRestartMs = 30_000;
const maxLosses = 3;
const maxAwakenMs = 10_000;

/**
 * The models of this machine, all in one child process. The
 * first job starts it, and when it dies it is started again.
 */
export class LocalModels {
  private readonly logger = new Logger(LocalModels.name);
  private readonly queues: Record<Lane, Waiting[]> = { urgent: [], bulk: [] };
  private readonly running: Record<Lane, number> = { urgent: 0, bulk: 0 };
  private process: ModelProcess | null = null;
  private isReady = false;
  /** Starts that failed one after the other; 0 from the first job that succeeds. */
  private failures = 0;
  private fault: Problem | null = null;
  private starting: Promise<void> | null = null;
  private idle: NodeJS.Timeout | undefined;

  constructor(private readonly options: LocalModelsOptions) {}

  /**
   * Starts the models unless they run. Resolves when each has run
   * once, or could not be loaded; `problem` then names the reason.
   */
  async warm(): Promise<void> {
    if (this.fault || this.process) return this.starting ?? undefined;
    await this.start();
  }

  /**
   * Waits for models that are starting, for a limited time: a
   * question that comes first needs more than its usual time.
   */
  async awaken(signal?: AbortSignal): Promise<void> {
    if (this.isReady || this.fault || this.failures > 0) return;
    const deadline = new Deadline(maxAwakenMs, signal);
    await unlessAborted(this.warm(), deadline.signal, { reason: abortProblem }).finally(() =>
      deadline.clear(),
    );
  }

  /** Why the models cannot be asked now; null when they can, even if they must be started first. */
  get problem(): Problem | null {
    if (this.fault) return this.fault;
    const isLost = !this.isReady && this.failures > 0;
    return isLost ? new Problem('upstream_unavailable', 'The local models are starting.') : null;
  }

  /** True once the models could not be loaded: no later start will help. */
  get isUnusable(): boolean {
    return this.fault !== null;
  }

  /** Memory of the child is that of `pid`. */
  get pid(): number | undefined {
    return this.isReady ? this.process?.pid : undefined;
  }

  get waiting(): Record<Lane, number> {
    return { urgent: this.queues.urgent.length, bulk: this.queues.bulk.length };
  }

  /**
   * Computes one job in its turn. Urgent jobs fail at once
   * while the models are down; bulk jobs wait for them.
   * @throws upstream_unavailable, upstream_invalid, and the reason of the signal
   */
  async ask<J extends ModelJob>(job: J, lane: Lane, signal?: AbortSignal): Promise<ModelAnswer[J['type']]> {
    if (signal?.aborted) throw abortProblem(signal);
    if (this.fault) throw this.fault;
    if (lane === 'urgent' && !this.isReady && this.failures > 0) throw this.problem ?? unavailable();
    let waiting: Waiting | undefined;
    const answered = new Promise<ModelAnswer[keyof ModelAnswer]>((resolve, reject) => {
      waiting = { job, lane, losses: 0, resolve, reject };
      this.queues[lane].push(waiting);
      void this.warm();
      this.dispatch();
    });
    try {
      return (await unlessAborted(answered, signal, { reason: abortProblem })) as ModelAnswer[J['type']];
    } finally {
      this.queues[lane] = this.queues[lane].filter((one) => one !== waiting);
    }
  }

  async close(): Promise<void> {
    this.fail(new Problem('not_ready', 'The local models are shutting down.'));
    clearTimeout(this.idle);
    const { process } = this;
    process?.kill();
    await process?.exited;
  }

  private start(): Promise<void> {
    this.starting = this.load().finally(() => (this.starting = null));
    return this.starting;
  }

  private async load(): Promise<void> {
    const { models, memoryMb, parallel } = this.options;
    const process = new ModelProcess({ models, memoryMb, parallel });
    this.process = process;
    void process.exited.then((reason) => this.onExit(process, reason));
    try {
      await process.ready;
      this.isReady = true;
      this.dispatch();
      this.rest();
    } catch (error) {
      if (!(error instanceof UnusableModels)) return;
      this.logger.error({ msg: 'the local models cannot be loaded', cause: error.message });
      this.fail(new Problem('upstream_unavailable', `The local models cannot be loaded: ${error.message}.`));
      process.kill();
    }
  }

  private onExit(process: ModelProcess, reason: string): void {
    if (this.fault || this.process !== process) return;
    this.isReady = false;
    this.failures += 1;
    const pause = Math.min(maxRestartMs, (this.options.restartMs ?? 500) * 2 ** (this.failures - 1));
    this.logger.warn({ msg: 'the model process ended; starting it again', reason, pause_ms: pause });
    for (const waiting of this.queues.urgent.splice(0)) waiting.reject(unavailable());
    setTimeout(() => {
      if (!this.fault) void this.start();
    }, pause).unref();
  }

  /** Gives the child up once nothing has been asked for `idleMs`. */
  private rest(): void {
    clearTimeout(this.idle);
    const { idleMs } = this.options;
    if (idleMs === 0 || this.running.urgent + this.running.bulk > 0) return;
    this.idle = setTimeout(() => {
      const { process } = this;
      if (!this.isReady || this.running.urgent + this.running.bulk > 0) return;
      this.isReady = false;
      this.process = null;
      process?.kill();
    }, idleMs).unref();
  }

  private fail(problem: Problem): void {
    this.fault ??= problem;
    this.isReady = false;
    for (const lane of ['urgent', 'bulk'] as const)
      for (const waiting of this.queues[lane].splice(0)) waiting.reject(this.fault);
  }

  private dispatch(): void {
    if (!this.isReady || !this.process) return;
    const { parallel } = this.options;
    while (this.running.urgent < parallel && this.queues.urgent.length > 0)
      void this.run(this.process, this.queues.urgent.shift());
    const maxBulk = Math.max(1, parallel - 1);
    while (this.running.urgent === 0 && this.running.bulk < maxBulk && this.queues.bulk.length > 0)
      void this.run(this.process, this.queues.bulk.shift());
  }

  private async run(process: ModelProcess, waiting: Waiting | undefined): Promise<void> {
    if (!waiting) return;
    this.running[waiting.lane] += 1;
    try {
      const answer = await process.run(waiting.job);
      if (answer === null) return this.retry(waiting);
      this.failures = 0;
      waiting.resolve(answer);
    } catch (error) {
      waiting.reject(
        new Problem('upstream_invalid', 'The local model failed on this text.', { cause: error }),
      );
    } finally {
      this.running[waiting.lane] -= 1;
      this.dispatch();
      this.rest();
    }
  }

  /** Bulk work waits for the next process, unless it seems to be what kills them. */
  private retry(waiting: Waiting): void {
    waiting.losses += 1;
    if (this.fault) waiting.reject(this.fault);
    else if (waiting.lane === 'urgent' || waiting.losses >= maxLosses) waiting.reject(unavailable());
    else this.queues.bulk.unshift(waiting);
  }
}

const unavailable = (): Problem =>
  new Problem('upstream_unavailable', 'The process of the local models was lost and is started again.');
