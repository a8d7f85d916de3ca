#!/usr/bin/env node
// Opens many sockets, holds them, and measures how long an event takes to reach all of them.
//   node scripts/websocket-load-test.mjs --sockets 1000 --events 5
// The service refuses more than WEBSOCKET_MAX_CONNECTIONS and, of one principal, WEBSOCKET_MAX_PER_SUBJECT:
// refusals are told apart. Ends with 1 when a socket was refused or dropped, or missed an event.
import { Client, testSet, documentText } from './load/client.mjs';
import { summarize } from './load/measure.mjs';
import { readOptions } from './load/options.mjs';
import { openSockets } from './load/sockets.mjs';

const options = readOptions('Many sockets on a running docent.', {
  sockets: { default: 100, max: 20_000, help: 'sockets to open' },
  events: { default: 3, max: 1000, help: 'documents whose end is told to all' },
  hold: { default: 2, max: 3600, help: 'seconds to hold them open at the end' },
});
const client = new Client(options);
await client.liftLimits().catch(() => undefined);
const begun = performance.now();
const { open, times, refused } = await openSockets(options, options.sockets);
const opened = summarize(
  times,
  { ...(open.length > 0 && { '2xx': open.length }), ...refused },
  (performance.now() - begun) / 1000,
);

const spread = [];
let missed = 0;
let failure = open.length === 0 ? 'no socket opened' : null;
try {
  for (let number = 0; number < options.events && open.length > 0; number += 1) {
    const filename = `socket-${number}-${process.pid}.md`;
    let first;
    const heard = open.map(
      (socket) =>
        new Promise((done) => {
          const late = setTimeout(() => done(false), 30_000);
          const listen = (event) => {
            if (event.type !== 'ingest_complete' || event.filename !== filename) return;
            first ??= performance.now();
            clearTimeout(late);
            socket.off('notification', listen);
            spread.push(performance.now() - first);
            done(true);
          };
          socket.on('notification', listen);
        }),
    );
    await client.json('POST', '/agent/ingest', {
      files: [{ filename, content: documentText(number), document_set: testSet }],
    });
    missed += (await Promise.all(heard)).filter((got) => !got).length;
  }
  await new Promise((done) => setTimeout(done, options.hold * 1000));
} catch (error) {
  failure = error.message;
}
const dropped = open.filter(({ connected }) => !connected).length;
const memory = await client.memory().catch(() => null);
for (const socket of open) socket.close();
await client.tidy().catch(() => undefined);
await client.close();

const events = summarize(spread, { '2xx': spread.length }, 1);
const result = {
  wanted: options.sockets,
  open: open.length,
  refused,
  dropped,
  missed,
  connect: opened,
  first_to_last_ms: events.max_ms,
  spread_p95_ms: events.p95_ms,
  memory,
};
if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
else {
  process.stdout.write(
    `${open.length} of ${options.sockets} sockets open (${opened.per_second}/s, p95 ${opened.p95_ms} ms), refused ${JSON.stringify(refused)}, dropped later ${dropped}\n`,
  );
  process.stdout.write(
    `${options.events} events to ${open.length} sockets: from the first to hear it to the last ${events.max_ms} ms, missed ${missed}\n`,
  );
  if (memory) process.stdout.write(`memory ${memory.rssMb.toFixed(0)} MB\n`);
}
if (failure) process.stderr.write(`${failure}\n`);
process.exit(failure || missed > 0 || dropped > 0 || open.length < options.sockets ? 1 : 0);
