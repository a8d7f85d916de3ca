// Preloaded into a service: what it does every ten seconds or less often it does fifty times as often, and a
// collection of garbage that was asked for writes a line to its log.
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const seldomMs = 10_000;
const hurry = 50;

if (isMainThread) {
  const { setInterval } = globalThis;
  globalThis.setInterval = (callback, delay, ...rest) =>
    setInterval(callback, delay >= seldomMs ? delay / hurry : delay, ...rest);
  new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries())
      if ((detail.flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) !== 0)
        process.stderr.write('garbage was collected on demand\n');
  }).observe({ entryTypes: ['gc'] });
}
