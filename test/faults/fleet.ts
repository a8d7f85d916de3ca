import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { cp, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

export type Place = 'api' | 'worker-1' | 'worker-2';
export const workers = ['worker-1', 'worker-2'] as const satisfies Place[];

export interface FleetSettings {
  /** Where the copy of the build, the blobs and the logs go. */
  folder: string;
  /** Settings of every process. */
  env: Record<string, string>;
  /** Modules that are loaded before the service, by place. */
  preload: (place: Place) => string[];
}

const restartAfterMs = 500;

/** The service as it is deployed: one API process and two workers, each started again when it ends. */
export class Fleet {
  private readonly running = new Map<Place, ChildProcess>();
  private stopping = false;
  /** Ends that nobody asked for. */
  readonly unexpected: string[] = [];
  private readonly expected = new Set<number>();

  constructor(private readonly settings: FleetSettings) {}

  /**
   * A copy of the build, so that one that is made meanwhile does not change what is tried. It starts the
   * single modules and not the joined program, since the modules loaded before it change them.
   */
  async prepare(): Promise<void> {
    const { folder } = this.settings;
    await cp('dist', join(folder, 'dist'), { recursive: true });
    await symlink(resolve('node_modules'), join(folder, 'node_modules'));
    await cp('package.json', join(folder, 'package.json'));
    await writeFile(
      join(folder, 'start.mjs'),
      `const { runProcess } = await import('./dist/app/run-process.js');\nawait runProcess();\n`,
    );
  }

  start(place: Place): void {
    const { folder, env, preload } = this.settings;
    const mode = place === 'api' ? 'api' : 'worker';
    const imports = preload(place).flatMap((path) => ['--import', pathToFileURL(resolve(path)).href]);
    const child = spawn(process.execPath, [...imports, 'start.mjs'], {
      cwd: folder,
      env: { PATH: process.env['PATH'], ...env, MODE: mode, FAULTS_DIST: join(folder, 'dist') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const log = createWriteStream(join(folder, `${place}.log`), { flags: 'a' });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    this.running.set(place, child);
    child.once('exit', (code, signal) => {
      if (this.stopping) return;
      if (!this.expected.delete(child.pid ?? 0))
        this.unexpected.push(`${place} ended by itself with ${signal ?? code}`);
      setTimeout(() => {
        if (!this.stopping) this.start(place);
      }, restartAfterMs);
    });
  }

  signal(place: Place, signal: NodeJS.Signals): void {
    const child = this.running.get(place);
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') this.expected.add(child.pid);
    child.kill(signal);
  }

  findPid(place: Place): number | undefined {
    return this.running.get(place)?.pid;
  }

  /** Resolves when the process that runs there now has ended. */
  async ended(place: Place): Promise<void> {
    const child = this.running.get(place);
    if (child && child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  async stop(): Promise<void> {
    this.stopping = true;
    for (const child of this.running.values()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      const forced = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await ended;
      clearTimeout(forced);
    }
  }
}
