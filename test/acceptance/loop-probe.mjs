// Preloaded into a service: writes to LOOP_PROBE_FILE a line a second with the longest stretch of processor
// time between two turns of the event loop, in milliseconds. Unlike the delay
// of a timer, it does not grow when other processes take the processor.
import { appendFileSync } from 'node:fs';

const file = process.env.LOOP_PROBE_FILE;
const everyMs = 10;
let last = process.threadCpuUsage();
let longest = 0;
setInterval(() => {
  const { user, system } = process.threadCpuUsage(last);
  longest = Math.max(longest, (user + system) / 1000);
  last = process.threadCpuUsage();
}, everyMs).unref();
setInterval(() => {
  appendFileSync(file, `${longest}\n`);
  longest = 0;
  last = process.threadCpuUsage();
}, 1000).unref();
