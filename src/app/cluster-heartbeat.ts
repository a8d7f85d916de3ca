import cluster, { type Worker } from 'node:cluster';
import { url as inspectorUrl } from 'node:inspector';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Env } from '../config/env.js';

const maxBeatMs = 2000;
/** A process counts as stuck after this many missed beats. */
const beatsMissed = 10;
const beatMs = (stuckSeconds: number): number => Math.min(maxBeatMs, (stuckSeconds * 1000) / beatsMissed);

interface Beat {
  docent: 'beat';
  /** With an inspector open, a process may pause at a breakpoint. */
  inspected: boolean;
}
const isBeat = (message: unknown): message is Beat =>
  typeof message === 'object' && message !== null && 'docent' in message && message.docent === 'beat';

/**
 * In a process of a cluster: sends the primary a beat while the event loop turns, from the loading of the
 * modules until the process ends.
 */
@Injectable()
export class ClusterHeartbeat implements OnModuleInit {
  constructor(private readonly env: Env) {}

  onModuleInit(): void {
    if (!cluster.isWorker) return;
    const beat = () => {
      if (process.connected)
        process.send?.({ docent: 'beat', inspected: inspectorUrl() !== undefined } satisfies Beat);
    };
    beat();
    // not ended with the application: its shutdown may hang too
    setInterval(beat, beatMs(this.env.PROCESS_STUCK_SECONDS)).unref();
  }
}

/**
 * In the primary: reports each process that has beaten once and was then silent for `stuckSeconds`. A process
 * that is still starting has not beaten yet. It counts checks instead of reading a clock, so that processes
 * do not count as stuck after the machine was asleep.
 */
export function watchHeartbeats(stuckSeconds: number, stuck: (worker: Worker) => void): void {
  const everyMs = beatMs(stuckSeconds);
  const most = Math.ceil((stuckSeconds * 1000) / everyMs);
  const silentChecks = new Map<Worker, number>();
  cluster.on('message', (worker, message: unknown) => {
    if (!isBeat(message)) return;
    if (message.inspected) silentChecks.delete(worker);
    else silentChecks.set(worker, 0);
  });
  cluster.on('exit', (worker) => silentChecks.delete(worker));
  setInterval(() => {
    for (const [worker, silent] of silentChecks) {
      silentChecks.set(worker, silent + 1);
      if (silent + 1 < most) continue;
      silentChecks.delete(worker);
      stuck(worker);
    }
  }, everyMs).unref();
}
