import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { megabyte } from '../config/setting-types.js';

const everyMs = 10_000;
/** A process that computes for a smaller share of the time has nothing to do that could wait for a collection. */
const maxBusyAtRest = 0.01;
/** Less growth of the process since its last collection is not worth another. */
const minGrowth = 32 * megabyte;

/**
 * Collects the garbage of a process that is at rest. V8 collects when memory is asked for: what the start, an index
 * or the last questions left behind stays for as long as nobody asks again, and freed pages stay with it.
 */
export class CollectorAtRest {
  /** The least memory of the process since the last collection. */
  private least = 0;
  private collect: (() => void) | undefined;

  /** @param readBusy share of the time since the last call in which the process computed, 0 … 1 */
  constructor(private readonly readBusy: () => number) {}

  /** Collects if it is worth it now. @returns true when it did */
  look(): boolean {
    const isAtRest = this.readBusy() < maxBusyAtRest;
    const bytes = process.memoryUsage.rss();
    // V8 gives freed pages back some ten seconds later
    this.least = Math.min(this.least, bytes);
    if (!isAtRest || bytes - this.least < minGrowth) return false;
    this.collect ??= exposeCollector();
    this.collect();
    this.least = bytes;
    return true;
  }
}

function exposeCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** Looks every ten seconds, for as long as the process runs. */
export function collectAtRest(): void {
  let last = performance.eventLoopUtilization();
  const collector = new CollectorAtRest(() => {
    const before = last;
    last = performance.eventLoopUtilization();
    return performance.eventLoopUtilization(last, before).utilization;
  });
  setInterval(() => collector.look(), everyMs).unref();
}
