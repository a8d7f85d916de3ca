#!/usr/bin/env node
// A long, gentle load: uploads, listings and searches for hours, a line a minute, and at the end whether
// every document ended, nothing answered 5xx and memory stayed. Ends with 1 when not.
//   node scripts/soak.mjs --hours 1
import { Client, testSet } from './load/client.mjs';
import { growth, hammer } from './load/measure.mjs';
import { readOptions } from './load/options.mjs';

const options = readOptions('A long, gentle load on a running docent.', {
  hours: { default: 1, min: 0.005, max: 72, help: 'how long' },
  clients: { default: 4, max: 100, help: 'clients at once' },
  'pause-ms': { default: 100, min: 0, max: 60_000, help: "each client's rest between two requests" },
});
const client = new Client(options, options.clients);
let end = Date.now() + options.hours * 3_600_000;
// ended early, it still gives its verdict
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (end = 0));
const samples = [];
const statuses = {};
let worstP95 = 0;
let failure = null;

async function act(number) {
  await new Promise((done) => setTimeout(done, options['pause-ms']));
  return number % 20 === 0
    ? client.upload(number)
    : number % 2 === 0
      ? client.listing()
      : client.search(number);
}
/** Documents that are neither ready nor failed, once the last of them had a minute. */
async function unfinished() {
  const left = async () => {
    let count = 0;
    for (const status of ['queued', 'processing']) {
      const { documents } = await client.json(
        'GET',
        `/agent/documents?document_set=${testSet}&status=${status}&limit=200`,
      );
      count += documents.length;
    }
    return count;
  };
  const deadline = Date.now() + 60_000;
  for (;;) {
    const count = await left();
    if (count === 0 || Date.now() > deadline) return count;
    await new Promise((done) => setTimeout(done, 500));
  }
}

let left = 0;
let failed = 0;
try {
  await client.liftLimits(options.hours);
  await client.seed(20);
  while (Date.now() < end) {
    const seconds = Math.max(1, Math.min(60, (end - Date.now()) / 1000));
    const { statuses: seen, ...minute } = await hammer(act, {
      clients: options.clients,
      seconds,
      goOn: () => end > 0,
    });
    for (const [status, count] of Object.entries(seen)) statuses[status] = (statuses[status] ?? 0) + count;
    // the pause is ours, not the service's
    worstP95 = Math.max(worstP95, minute.p95_ms - options['pause-ms']);
    const memory = await client.memory();
    if (memory) samples.push(memory);
    if (!options.json)
      process.stdout.write(
        `${new Date().toISOString()}  ${minute.requests} requests  p95 ${(minute.p95_ms - options['pause-ms']).toFixed(1)} ms  ${JSON.stringify(seen)}${memory ? `  RSS ${memory.rssMb.toFixed(0)} MB heap ${memory.heapMb.toFixed(0)} MB` : ''}\n`,
      );
  }
  left = await unfinished();
  failed = (await client.json('GET', `/agent/documents?document_set=${testSet}&status=failed&limit=200`))
    .documents.length;
} catch (error) {
  failure = error.message;
}
await client.tidy().catch(() => undefined);
await client.close();

const heap = growth(samples.map(({ heapMb }) => heapMb));
const bad = Object.entries(statuses).filter(([status]) => !/^[24]/.test(status));
const asked = Object.values(statuses).reduce((sum, count) => sum + count, 0);
// refused requests load nothing: with them the rest of the verdict says little
if ((statuses[429] ?? 0) > asked / 100)
  failure ??= `${statuses[429]} of ${asked} requests were answered 429: use a key with the scope admin of the tenant default, or a longer --pause-ms`;
const result = {
  statuses,
  worst_p95_ms: worstP95,
  unfinished: left,
  failed,
  heap,
  rss: growth(samples.map(({ rssMb }) => rssMb)),
};
process.stdout.write(
  options.json
    ? `${JSON.stringify(result)}\n`
    : `unfinished ${left}, failed ${failed}, worst p95 ${worstP95.toFixed(1)} ms, heap ${heap.verdict}, RSS ${result.rss.verdict}, ${JSON.stringify(statuses)}\n`,
);
if (failure) process.stderr.write(`${failure}\n`);
process.exit(failure || left > 0 || failed > 0 || bad.length > 0 || heap.verdict === 'grows' ? 1 : 0);
