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

/**
 * The primary: starts the processes, kills stuck ones, starts ended ones again with
 * a growing pause, relays signals, adds up metrics. Resolves with the exit code.
 */
export function runCluster(env: Env): Promise<number> {
  serveClusterMetrics();
  watchHeartbeats(env.PROCESS_STUCK_SECONDS, (worker) => {
    say(
      `process ${worker.process.pid} has shown no sign of life for ${env.PROCESS_STUCK_SECONDS} s: it is killed`,
    );
    worker.process.kill('SIGKILL');
  });
  const failures = new Map<number, number>();
  let ending = false;
  let toldAt = 0;

  return new Promise((resolve) => {
    const start = (role: Role, place: number): void => {
      if (ending) return;
      const started = Date.now();
      const child = cluster.fork({ MODE: role, API_PROCESSES: '1', WORKER_PROCESSES: '1' });
      child.once('exit', (code, signal) => ended({ role, place, started, code, signal }));
    };
    const ended = ({
      role,
      place,
      started,
      code,
      signal,
    }: {
      role: Role;
      place: number;
      started: number;
      code: number | null;
      signal: string | null;
    }): void => {
      if (ending) {
        if (alive().length === 0) resolve(0);
        return;
      }
      if (code === exitConfiguration) {
        // this fault would stop every process
        ending = true;
        for (const child of alive()) child.kill('SIGTERM');
        resolve(exitConfiguration);
        return;
      }
      const lived = Date.now() - started;
      const failed = lived > healthyMs ? 0 : (failures.get(place) ?? 0) + 1;
      failures.set(place, failed);
      const pause = failed === 0 ? 0 : Math.min(maxPauseMs, firstPauseMs * 2 ** (failed - 1));
      say(
        `a ${role} process ended (${signal ?? code}) after ${Math.round(lived / 1000)} s; the next one starts in ${pause} ms`,
      );
      setTimeout(() => start(role, place), pause);
    };
    const end = (signal: NodeJS.Signals): void => {
      const again = ending;
      // npm passes Ctrl-C on to a process that already got it from the terminal
      if (again && Date.now() - toldAt < sameSignalMs) return;
      toldAt = Date.now();
      ending = true;
      say(
        again
          ? `${signal} again: ending now`
          : `${signal}: the processes finish their work within ${env.SHUTDOWN_GRACE_SECONDS} s`,
      );
      const tell = (how: NodeJS.Signals): void => alive().forEach((child) => child.process.kill(how));
      tell(again ? 'SIGKILL' : 'SIGTERM');
      setTimeout(tell, env.SHUTDOWN_GRACE_SECONDS * 1000 + lastMs, 'SIGKILL').unref();
      if (alive().length === 0) resolve(0);
    };
    process.on('SIGTERM', end);
    process.on('SIGINT', end);
    listRoles(env).forEach(start);
  });
}

const alive = (): Worker[] =>
  Object.values(cluster.workers ?? {}).filter(
    (worker): worker is Worker => worker !== undefined && !worker.isDead(),
  );
