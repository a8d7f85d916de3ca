import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Failure } from '../../../common/errors.js';
import { spawnSandboxed } from '../../../common/sandboxed-process.js';
import type { FromChild, ToChild } from './protocol.js';

/** How one document ended in the child. */
export type Verdict =
  | { type: 'done'; parsed?: string }
  | { type: 'failed'; failure: Failure; cause: string | null }
  /** The process is gone; `started` says whether it ever was ready. */
  | { type: 'gone'; started: boolean; cause: string };

export interface ParserProcessOptions {
  /** Bound on heap, WASM and native memory together. */
  memoryMb: number;
  /** The one directory that the child may write to. */
  directory: string;
  /** Absolute paths that it may read besides. */
  readable: string[];
}

const startDeadlineMs = 30_000;
const heapMb = 768;

/** One parser child. It reads one document at a time and is not restarted after its end. */
export class ParserProcess {
  documents = 0;
  rssBytes = 0;
  gone = false;
  private ready = false;
  private tail = '';
  private readonly child: ChildProcess;
  private readonly exited: Promise<void>;
  private onMessage: (message: FromChild) => void = () => undefined;
  private onGone: () => void = () => undefined;

  constructor(options: ParserProcessOptions) {
    this.child = spawnChild(options);
    this.child.stderr?.on(
      'data',
      (data: Buffer) => (this.tail = (this.tail + data.toString('utf8')).slice(-1000)),
    );
    this.child.on('message', (message: FromChild) => {
      if ('rssBytes' in message) this.rssBytes = message.rssBytes;
      this.onMessage(message);
    });
    this.exited = new Promise((resolve) => {
      const end = (reason: string): void => {
        if (this.gone) return;
        this.gone = true;
        this.tail = `${reason} ${this.tail}`.trim();
        this.onGone();
        resolve();
      };
      this.child.on('error', (error) => end(error.message));
      this.child.on('exit', (code, signal) => end(`exit ${signal ?? code}`));
    });
    this.rest();
  }

  /**
   * Sends one document and waits for its verdict, however the process
   * ends. `onReady` marks the moment from which its deadline runs.
   */
  run(
    message: ToChild,
    onReady: () => void,
    onProgress: (done: number, total: number) => void,
  ): Promise<Verdict> {
    return new Promise((resolve) => {
      const starting = setTimeout(() => this.kill(), startDeadlineMs);
      const settle = (verdict: Verdict): void => {
        clearTimeout(starting);
        this.onMessage = () => undefined;
        this.onGone = () => undefined;
        this.rest();
        resolve(verdict);
      };
      const begin = (): void => {
        this.ready = true;
        clearTimeout(starting);
        onReady();
        this.documents += 1;
        this.child.send(message, (error) => error && this.kill());
      };
      this.onGone = () => settle({ type: 'gone', started: this.ready, cause: this.tail });
      this.onMessage = (answer) => {
        if (answer.type === 'ready') begin();
        else if (answer.id !== message.id) return;
        else if (answer.type === 'progress') onProgress(answer.done, answer.total);
        else settle(answer);
      };
      this.child.ref();
      this.child.channel?.ref();
      if (this.gone) this.onGone();
      else if (this.ready) begin();
    });
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  /** Kills it and waits until it is gone. */
  async end(): Promise<void> {
    this.child.ref();
    this.kill();
    await this.exited;
  }

  /** The memory of the process now; the last known figure if the system does not report it. */
  async measure(): Promise<number> {
    this.rssBytes = (await residentBytes(this.child.pid)) ?? this.rssBytes;
    return this.rssBytes;
  }

  /** Processor time that the process has had, in milliseconds; null where the system does not say. */
  cpuMs(): Promise<number | null> {
    return processorTime(this.child.pid);
  }

  /** An idle child keeps no process alive. */
  private rest(): void {
    this.child.unref();
    this.child.channel?.unref();
    (this.child.stderr as { unref?: () => void } | null)?.unref?.();
  }
}

function spawnChild({ memoryMb, directory, readable }: ParserProcessOptions): ChildProcess {
  return spawnSandboxed({
    script: new URL('./child', import.meta.url),
    memoryMb,
    heapMb,
    directory,
    writable: true,
    readable,
    env: { TMPDIR: directory },
  });
}

async function residentBytes(pid: number | undefined): Promise<number | null> {
  if (pid === undefined) return null;
  try {
    if (process.platform === 'linux') {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
    }
    if (process.platform === 'win32') return null;
    return await residentByPs(pid);
  } catch {
    return null;
  }
}

/** Reads `/proc`, which counts in hundredths of a second. */
async function processorTime(pid: number | undefined): Promise<number | null> {
  if (pid === undefined || process.platform !== 'linux') return null;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return user === undefined || system === undefined ? null : (user + system) * 10;
}

function residentByPs(pid: number): Promise<number | null> {
  return new Promise((resolve) => {
    const ps = spawn('ps', ['-o', 'rss=', '-p', String(pid)], { stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    ps.stdout.on('data', (data: Buffer) => (text += data.toString('utf8')));
    ps.on('error', () => resolve(null));
    ps.on('close', () => resolve(Number(text.trim()) > 0 ? Number(text.trim()) * 1024 : null));
  });
}
