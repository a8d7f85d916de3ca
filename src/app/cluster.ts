import cluster, { type Worker } from 'node:cluster';
import type { Env } from '../config/env.js';
import { serveClusterMetrics } from '../platform/metrics/cluster-metrics.js';
import { watchHeartbeats } from './cluster-heartbeat.js';

type Role = 'api' | 'worker';

const firstPauseMs = 500;
const maxPauseMs = 30_000;
/** After this lifetime the next restart is immediate again. */
const healthyMs = 30_000;
const exitConfiguration = 78;
const sameSignalMs = 1000;
/** Time after the grace period before SIGKILL: a process that is still alive is stuck. */
const lastMs = 5000;

/** Processes that the configuration asks for; a single one of both kinds needs no cluster. */
export function listRoles(env: Env): Role[] {
  const api = env.MODE === 'worker' ? 0 : env.API_PROCESSES;
  const worker = env.MODE === 'api' ? 0 : env.WORKER_PROCESSES;
  return [...Array<Role>(api).fill('api'), ...Array<Role>(worker).fill('worker')];
}
export const needsCluster = (env: Env): boolean => listRoles(env).length > (env.MODE === 'all' ? 2 : 1);

const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** One process of the cluster; its place stays when it is restarted. */
interface Member {
  role: Role;
  place: number;
  started: number;
}

/** Runs all processes of the configuration. Resolves with the exit code. */
export function runCluster(env: Env): Promise<number> {
  const primary = new ClusterPrimary(env);
  process.on('SIGTERM', (signal) => primary.end(signal));
  process.on('SIGINT', (signal) => primary.end(signal));
  return primary.run();
}

/** Starts the processes, kills stuck ones, restarts ended ones after a growing pause, and relays signals. */
class ClusterPrimary {
  private readonly failures = new Map<number, number>();
  private readonly exit = Promise.withResolvers<number>();
  private ending = false;
  private toldAt = 0;

  constructor(private readonly env: Env) {}

  run(): Promise<number> {
    serveClusterMetrics();
    watchHeartbeats(this.env.PROCESS_STUCK_SECONDS, (worker) => this.killStuck(worker));
    for (const [place, role] of listRoles(this.env).entries()) this.start(role, place);
    return this.exit.promise;
  }

  /** The first signal lets work finish, a second one ends the processes at once. */
  end(signal: NodeJS.Signals): void {
    const again = this.ending;
    // npm passes Ctrl-C on to a process that already got it from the terminal
    if (again && Date.now() - this.toldAt < sameSignalMs) return;
    this.toldAt = Date.now();
    this.ending = true;
    const grace = this.env.SHUTDOWN_GRACE_SECONDS;
    say(
      again ? `${signal} again: ending now` : `${signal}: the processes finish their work within ${grace} s`,
    );
    const tell = (how: NodeJS.Signals): void => alive().forEach((child) => child.process.kill(how));
    tell(again ? 'SIGKILL' : 'SIGTERM');
    setTimeout(tell, grace * 1000 + lastMs, 'SIGKILL').unref();
    if (alive().length === 0) this.exit.resolve(0);
  }

  private start(role: Role, place: number): void {
    if (this.ending) return;
    const member = { role, place, started: Date.now() };
    const child = cluster.fork({ MODE: role, API_PROCESSES: '1', WORKER_PROCESSES: '1' });
    child.once('exit', (code: number | null, signal: string | null) => this.ended(member, code, signal));
  }

  private ended(member: Member, code: number | null, signal: string | null): void {
    if (this.ending) {
      if (alive().length === 0) this.exit.resolve(0);
    } else if (code === exitConfiguration) this.giveUp();
    else this.restart(member, signal ?? code);
  }

  /** Ends all processes: a wrong configuration would stop every one of them. */
  private giveUp(): void {
    this.ending = true;
    for (const child of alive()) child.kill('SIGTERM');
    this.exit.resolve(exitConfiguration);
  }

  private restart({ role, place, started }: Member, reason: string | number | null): void {
    const lived = Date.now() - started;
    const failed = lived > healthyMs ? 0 : (this.failures.get(place) ?? 0) + 1;
    this.failures.set(place, failed);
    const pause = failed === 0 ? 0 : Math.min(maxPauseMs, firstPauseMs * 2 ** (failed - 1));
    say(
      `a ${role} process ended (${reason}) after ${Math.round(lived / 1000)} s; the next one starts in ${pause} ms`,
    );
    setTimeout(() => this.start(role, place), pause);
  }

  private killStuck(worker: Worker): void {
    say(
      `process ${worker.process.pid} has shown no sign of life for ${this.env.PROCESS_STUCK_SECONDS} s: it is killed`,
    );
    worker.process.kill('SIGKILL');
  }
}

const alive = (): Worker[] =>
  Object.values(cluster.workers ?? {}).filter(
    (worker): worker is Worker => worker !== undefined && !worker.isDead(),
  );
