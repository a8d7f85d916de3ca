#!/usr/bin/env node
// Whether memory grows with work: rounds of documents and searches,
// heap and RSS after each, and a verdict. Ends with 1 when it grows.
//   node scripts/memory-profile.mjs --rounds 12 --documents 20 --searches 200
import { Client } from './load/client.mjs';
import { growth } from './load/measure.mjs';
import { readOptions } from './load/options.mjs';

const options = readOptions('Memory of a running docent over many documents and searches.', {
  rounds: { default: 12, min: 6, max: 1000, help: 'rounds; the first third is warm-up' },
  documents: { default: 20, max: 100, help: 'documents a round, the same names each time' },
  searches: { default: 200, max: 100_000, help: 'searches a round' },
});
const client = new Client(options, 8);
const samples = [];
let failure = null;
try {
  await client.liftLimits();
  for (let round = 1; round <= options.rounds; round += 1) {
    if ((await client.seed(options.documents)) !== 'SUCCESS') throw new Error('documents failed');
    for (let number = 0; number < options.searches; number += 8)
      await Promise.all(
        Array.from({ length: 8 }, (_, index) => client.sendPatiently(() => client.search(number + index))),
      );
    const memory = await client.memory();
    if (!memory)
      throw new Error('/metrics is closed to us: give the METRICS_TOKEN of the service as --metrics-token');
    samples.push(memory);
    if (!options.json)
      process.stdout.write(
        `round ${String(round).padStart(4)}   RSS ${memory.rssMb.toFixed(0)} MB   heap ${memory.heapMb.toFixed(0)} MB\n`,
      );
  }
} catch (error) {
  failure = error.message;
}
await client.tidy().catch(() => undefined);
await client.close();
const heap = growth(samples.map(({ heapMb }) => heapMb));
const rss = growth(samples.map(({ rssMb }) => rssMb));
if (options.json) process.stdout.write(`${JSON.stringify({ samples, heap, rss, failure })}\n`);
else
  process.stdout.write(
    `heap ${heap.verdict} (${heap.from_mb} → ${heap.to_mb} MB), RSS ${rss.verdict} (${rss.from_mb} → ${rss.to_mb} MB)\n`,
  );
if (failure) process.stderr.write(`${failure}\n`);
process.exit(failure || heap.verdict === 'grows' || rss.verdict === 'grows' ? 1 : 0);
