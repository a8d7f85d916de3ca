import type { ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { spawnSandboxed } from '../../common/sandboxed-process.js';
import type { FromChild, ModelAnswer, ModelJob, ModelsToLoad } from './protocol.js';

export interface ModelProcessOptions {
  models: ModelsToLoad;
  /** Bound on heap and native memory together. */
  memoryMb: number;
  /** Runs at once. */
  parallel: number;
}

type Outcome = { answer: ModelAnswer[keyof ModelAnswer] } | { failed: string };

const heapMb = 256;
/** A run that takes longer counts as hung. */
const maxRunMs = 120_000;
const maxStartMs = 120_000;

/** One child that holds the models. Once it has ended, it is not started again. */
export class ModelProcess {
  gone = false;
  /**
   * Resolves when the models are loaded and have run once; rejects
   * when they cannot be loaded or the process dies before.
   */
  readonly ready: Promise<{ dimensions: number | null }>;
  /** Resolves with a reason when the process is gone. */
  readonly exited: Promise<string>;
  private tail = '';
  private next = 0;
  private readonly child: ChildProcess;
  private readonly running = new Map<number, (outcome: Outcome | null) => void>();

  constructor(options: ModelProcessOptions) {
    this.child = startChild(options);
    this.child.stderr?.on('data', (data: Buffer) => (this.tail = (this.tail + String(data)).slice(-1000)));
    this.exited = new Promise((resolve) => {
      const end = (reason: string): void => {
        if (this.gone) return;
        this.gone = true;
        for (const settle of this.running.values()) settle(null);
        resolve(`${reason} ${this.tail}`.trim());
      };
      this.child.on('error', (error) => end(error.message));
      this.child.on('exit', (code, signal) => end(`exit ${signal ?? code}`));
    });
    this.ready = this.load(options.models);
    this.ready.catch(() => undefined);
    this.child.on('message', (message: FromChild) => this.settle(message));
    this.unref();
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** @returns null when the process is gone before it has answered @throws Error that the model gave */
  async run(job: ModelJob): Promise<ModelAnswer[keyof ModelAnswer] | null> {
    if (this.gone) return null;
    const id = (this.next += 1);
    const hung = setTimeout(() => this.kill(), maxRunMs);
    hung.unref();
    try {
      const outcome = await new Promise<Outcome | null>((resolve) => {
        this.running.set(id, resolve);
        this.child.send({ type: 'job', id, job }, (error) => error && this.kill());
      });
      if (outcome && 'failed' in outcome) throw new Error(outcome.failed);
      return outcome?.answer ?? null;
    } finally {
      clearTimeout(hung);
      this.running.delete(id);
    }
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private load(models: ModelsToLoad): Promise<{ dimensions: number | null }> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => this.kill(), maxStartMs);
      late.unref();
      this.child.on('message', (message: FromChild) => {
        if (message.type === 'ready') resolve({ dimensions: message.dimensions });
        if (message.type === 'unusable') reject(new UnusableModels(message.cause));
        clearTimeout(late);
      });
      void this.exited.then((reason) => reject(new Error(reason)));
      this.child.send({ type: 'load', models }, (error) => error && this.kill());
    });
  }

  private settle(message: FromChild): void {
    if (message.type === 'answer') this.running.get(message.id)?.({ answer: message.answer });
    if (message.type === 'failed') this.running.get(message.id)?.({ failed: message.cause });
  }

  /** The child keeps no process alive: it ends with the channel. */
  private unref(): void {
    this.child.unref();
    this.child.channel?.unref();
    (this.child.stderr as { unref?: () => void } | null)?.unref?.();
  }
}

/** The models themselves are the fault: another start would end the same way. */
export class UnusableModels extends Error {}

function startChild({ models, memoryMb, parallel }: ModelProcessOptions): ChildProcess {
  return spawnSandboxed({
    script: new URL('./child', import.meta.url),
    memoryMb,
    heapMb,
    directory: tmpdir(),
    writable: false,
    readable: [models.embedder?.directory, models.reader, models.matcher, models.reranker].filter(
      (path) => path != null,
    ),
    // Reading the tokenizer leaves much garbage: a small young generation saves 40 MB.
    flags: ['--max-semi-space-size=4'],
    env: { UV_THREADPOOL_SIZE: String(parallel + 1) },
  });
}
