import { Problem } from '../../common/errors.js';
import { inSpan } from '../../common/spans.js';
import type { ClaimedTask, TaskNotice } from '../database/functions.js';
import { makeNotice } from './announcer.js';
import type { Beat } from './task-store.js';
import type { Claim, Stage, Work } from './work.js';

/** Why work was stopped from outside. */
export type Stop = 'cancelled' | 'lost' | 'soft_limit' | 'hard_limit' | 'shutdown';

const reasons: Record<Stop, () => Problem> = {
  cancelled: () => new Problem('cancelled'),
  lost: () => new Problem('cancelled', 'Another worker has taken over the task.'),
  soft_limit: () => new Problem('task_timeout'),
  hard_limit: () => new Problem('task_timeout'),
  shutdown: () => new Problem('not_ready'),
};

export interface Observer {
  stageEnded(stage: Stage, seconds: number): void;
  /** At most four times a second. */
  progressed(running: RunningTask): void;
}

const quietMs = 250;
/** Longest wait for work that was stopped and goes on: it can write nothing more that counts. */
const patienceMs = 3000;

/** One claimed task in this process: the interface for its handler, and the values for its heartbeat. */
export class RunningTask implements Work {
  readonly claim: Claim;
  readonly signal: AbortSignal;
  /** Milliseconds by stage, those of earlier attempts included. */
  readonly stages: Record<string, number>;
  /** Rejects when the work has been stopped and does not end by itself. */
  readonly abandoned: Promise<never>;
  stopped: Stop | undefined;

  private readonly controller = new AbortController();
  private readonly timers = new Set<NodeJS.Timeout>();
  private abandon: (reason: Problem) => void = () => undefined;
  private current: Stage | null = null;
  private fraction: number;
  private waiting: string | null = null;
  private lastToldAt = 0;

  constructor(
    readonly task: ClaimedTask,
    private readonly observer: Observer,
  ) {
    this.claim = { task: task.id, token: task.token };
    this.signal = this.controller.signal;
    this.stages = { ...task.stages };
    this.fraction = task.progress;
    this.abandoned = new Promise((_resolve, reject) => (this.abandon = reject));
    this.abandoned.catch(() => undefined);
  }

  async stage<T>(name: Stage, run: () => Promise<T>): Promise<T> {
    this.signal.throwIfAborted();
    const started = performance.now();
    this.current = name;
    this.tell();
    try {
      return await inSpan(`stage ${name}`, {}, run);
    } finally {
      const elapsed = performance.now() - started;
      this.stages[name] = Math.round((this.stages[name] ?? 0) + elapsed);
      this.observer.stageEnded(name, elapsed / 1000);
    }
  }

  progress(fraction: number): void {
    // A resumed run repeats steps that take no time; progress never goes back.
    this.fraction = Math.max(this.fraction, Math.min(1, fraction));
    this.tell();
  }

  waitingOn(what: string | null): void {
    this.waiting = what;
  }

  /** The state of the task that clients may see now. */
  get notice(): TaskNotice {
    const { task } = this;
    const stage = this.current ?? task.stage;
    return makeNotice({ ...task, stage, progress: this.fraction, result: null, error: null });
  }

  beat(): Beat {
    return { ...this.claim, stage: this.current, progress: this.fraction, waiting_on: this.waiting };
  }

  /** Stops the work; only the first reason counts. */
  stop(why: Stop): void {
    if (this.stopped) return;
    this.stopped = why;
    const reason = reasons[why]();
    this.controller.abort(reason);
    this.after(patienceMs, () => this.abandon(reason));
  }

  /**
   * @param soft seconds until the work is asked to stop
   * @param hard seconds until the work is no longer awaited
   */
  limit(soft: number, hard: number): void {
    this.after(soft * 1000, () => this.stop('soft_limit'));
    this.after(hard * 1000, () => {
      this.stop('hard_limit');
      this.abandon(reasons.hard_limit());
    });
  }

  /** Ends reporting and stopping. */
  end(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }

  private after(ms: number, act: () => void): void {
    this.timers.add(setTimeout(act, ms).unref());
  }

  private tell(): void {
    const now = performance.now();
    if (now - this.lastToldAt < quietMs && this.lastToldAt > 0) return;
    this.lastToldAt = now;
    this.observer.progressed(this);
  }
}
