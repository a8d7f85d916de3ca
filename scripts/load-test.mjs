#!/usr/bin/env node
// Puts load on a running docent and says how it bore it. Documents of
// its own stand in the set load_test, which is removed at the end.
//   node scripts/load-test.mjs --concurrency 50 --duration 10 [--only health,search]
//   node scripts/load-test.mjs --sla          100, 500 and 1,000 clients that ask 250 times a second together (--rate); ends with 1 over
//                                             p95 500 ms, 1% errors or under 200 answers a second. Three seconds of warm-up do not count; 50 questions come again and again
import { Client } from './load/client.mjs';
import { hammer, summarize } from './load/measure.mjs';
import { readOptions } from './load/options.mjs';
import { openSockets } from './load/sockets.mjs';

const scenarios = ['health', 'listing', 'search', 'upload', 'websocket'];
const sla = { clients: [100, 500, 1000], p95_ms: 500, error_rate: 0.01, per_second: 200, rate: 250 };
const warmUpSeconds = 3;

const options = readOptions('Load on a running docent.', {
  concurrency: { default: 20, max: 5000, help: 'clients at once' },
  duration: { default: 10, max: 3600, help: 'seconds for each scenario' },
  only: { default: scenarios.join(','), help: 'scenarios, by comma' },
  documents: { default: 50, max: 100, help: 'documents to search in' },
  rate: {
    default: 0,
    min: 0,
    max: 100_000,
    help: 'requests a second of all clients together; 0: each as fast as it is answered',
  },
  sla: {
    default: false,
    help: 'hold 100, 500 and 1,000 clients to the agreed figures; asks 250 times a second where no --rate says more',
  },
});
const say = (line) => options.json || process.stdout.write(`${line}\n`);
const client = new Client(options, options.sla ? sla.clients.at(-1) : options.concurrency);

/** The mix of a working day: four listings and five searches to one health check. */
const mixed = (number) =>
  number % 10 === 0 ? client.health() : number % 10 < 5 ? client.listing() : client.search(number);

async function sockets() {
  const begun = performance.now();
  const { open, times, refused } = await openSockets(options, options.concurrency);
  for (const socket of open) socket.close();
  return summarize(
    times,
    { ...(open.length > 0 && { '2xx': open.length }), ...refused },
    (performance.now() - begun) / 1000,
  );
}

function tell(name, result) {
  const { requests, per_second, p50_ms, p95_ms, p99_ms, error_rate, statuses } = result;
  say(
    `${name.padEnd(14)} ${String(requests).padStart(8)} requests ${String(per_second).padStart(8)}/s   p50 ${p50_ms} ms  p95 ${p95_ms} ms  p99 ${p99_ms} ms   errors ${(error_rate * 100).toFixed(2)}%  ${JSON.stringify(statuses)}`,
  );
}

const results = {};
let broken = [];
try {
  await client.liftLimits();
  const before = await client.memory();
  if ((await client.seed(options.documents)) !== 'SUCCESS')
    throw new Error('the documents to search in could not be made');
  if (options.sla) {
    // a process that has just been started compiles as it goes: what
    // it takes in its first seconds says nothing about its hours
    await hammer(mixed, { clients: 20, seconds: warmUpSeconds, perSecond: 50 });
    for (const clients of sla.clients) {
      const result = await hammer(mixed, {
        clients,
        seconds: options.duration,
        perSecond: options.rate || sla.rate,
      });
      results[`${clients} clients`] = result;
      tell(`${clients} clients`, result);
      if (!(result.p95_ms <= sla.p95_ms))
        broken.push(`${clients} clients: p95 ${result.p95_ms} ms, more than ${sla.p95_ms}`);
      if (result.error_rate > sla.error_rate)
        broken.push(`${clients} clients: ${(result.error_rate * 100).toFixed(2)}% errors, more than 1%`);
      if (result.per_second < sla.per_second)
        broken.push(
          `${clients} clients: ${result.per_second} requests a second, less than ${sla.per_second}`,
        );
    }
  } else {
    for (const name of options.only.split(',')) {
      if (!scenarios.includes(name)) throw new Error(`there is no scenario ${name}: ${scenarios.join(', ')}`);
      const result =
        name === 'websocket'
          ? await sockets()
          : await hammer((number) => client[name](number), {
              clients: options.concurrency,
              seconds: options.duration,
              perSecond: options.rate,
            });
      results[name] = result;
      tell(name, result);
    }
  }
  const after = await client.memory();
  if (before && after)
    say(
      `memory         ${before.rssMb.toFixed(0)} MB before, ${after.rssMb.toFixed(0)} MB after (of the processes that answered /metrics)`,
    );
  if (Object.values(results).some(({ statuses }) => statuses[429]))
    say(
      '429: the service limits this client; give a key with the scope admin of the tenant default, which makes itself a key without that limit',
    );
  if (options.json)
    process.stdout.write(`${JSON.stringify({ results, broken, memory: { before, after } })}\n`);
} catch (error) {
  broken = [...broken, error.message];
} finally {
  await client.tidy().catch(() => undefined);
  await client.close();
}
for (const line of broken) process.stderr.write(`${line}\n`);
if (options.sla && broken.length === 0) say('within the agreed figures');
process.exit(broken.length > 0 ? 1 : 0);
