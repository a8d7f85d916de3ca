import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { check, checkBlobs, unfinished, type Expectation } from './checker.js';
import { markedFailures, referencePrints } from './groundwork.js';
import { faults, needsPostgres, noticeable, planFaults } from './faults.js';
import { Random } from './random.js';
import { isStarved } from './starved.js';
import { History, summarize, type Recovery } from './history.js';
import { openStage, type Control, type DatabaseDriver } from './stage.js';

// The fault suite: `npm run test:faults -- [--seconds 180] [--seed 1] [--control no-fencing|no-sweeper]
// [--only "kill worker,wipe redis"] [--database pg|supabase] [--queue bull|bullmq] [--without-vectors] [--keep]`.
// Ends with 0 when every invariant held, 1 when one did not, 2 when it could not be run. A control run must end with 1;
// it ends with 2 when too few faults happened to judge it, and goes on for up to three times as long to have enough.
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '180' },
    seed: { type: 'string', default: '1' },
    control: { type: 'string' },
    database: { type: 'string', default: 'pg' },
    queue: { type: 'string', default: 'bull' },
    only: { type: 'string' },
    pace: { type: 'string', default: '400' },
    history: { type: 'string', default: 'data/faults' },
    keep: { type: 'boolean', default: false },
    'without-vectors': { type: 'boolean', default: false },
  },
});

const recoverWithinMs = 60_000;
const minControlFaults = 6;
const maxControlStretch = 3;

async function run(): Promise<number> {
  const seed = Number(values.seed);
  const control = values.control as Control | undefined;
  if (control && control !== 'no-fencing' && control !== 'no-sweeper')
    throw new Error(`there is no control run ${String(control)}`);
  const only = values.only?.split(',').map((name) => name.trim());
  const possible: readonly string[] = control ? noticeable[control] : Object.keys(faults);
  if (only && !only.some((name) => possible.includes(name)))
    throw new Error(`there is none of these faults here; there are: ${possible.join(', ')}`);
  const history = new History();
  history.write({ what: 'run', seed, seconds: Number(values.seconds), control: control ?? null });
  const driver = values.database as DatabaseDriver;
  if (driver !== 'pg' && driver !== 'supabase')
    throw new Error(`the fault suite knows no database ${String(driver)}`);
  const { queue } = values;
  const hasVectors = !values['without-vectors'];
  if (queue !== 'bull' && queue !== 'bullmq') throw new Error(`the fault suite knows no queue ${queue}`);
  const stage = await openStage({ seed, paceMs: Number(values.pace), driver, queue, control, hasVectors });
  if (!stage) {
    process.stderr.write('NOT RUN: the fault suite needs redis-server on this machine\n');
    return 2;
  }
  const { world } = stage;
  if (!world.postgres) {
    process.stderr.write(
      `NOT RUN on Postgres: there is none with pgvector, PGlite stands in with one session; not tried at all: ${needsPostgres.join(', ')}\n`,
    );
  }
  const expectation: Expectation = { failing: new Map(), samples: new Map() };
  let found: string[] = [];
  const recoveries: Recovery[] = [];
  try {
    expectation.samples = await referencePrints(world);
    await markedFailures(world, expectation);
    const loading = world.load.run(2);
    world.probes.start();
    const random = new Random(seed * 7919);
    const begun = performance.now();
    const isOver = (): boolean => {
      const share = (performance.now() - begun) / (Number(values.seconds) * 1000);
      return control && recoveries.length < minControlFaults ? share > maxControlStretch : share > 1;
    };
    for (const name of planFaults(random, control)) {
      if (isOver()) break;
      if (only && !only.includes(name)) continue;
      if (!world.postgres && needsPostgres.includes(name)) continue;
      if (!hasVectors && name === 'spoil model') continue;
      const recovery = await suffer(name);
      recoveries.push(recovery);
      if (recovery.stuck.length > 0) break;
      await pause(random.between(200, 2000));
    }
    world.load.stop();
    await loading;
    world.client.during = 'the end';
    const stuck = await unfinished(
      world.sql,
      undefined,
      recoveries.at(-1)?.stuck.length ? 5000 : recoverWithinMs,
    );
    found = [
      ...stuck.map((what) => `I2 stuck: ${what}`),
      ...(await check(world.sql, world.load.files, expectation)),
    ];
    if (stuck.length === 0) found.push(...(await checkBlobs(world.sql, stage.blobs, 45_000)));
    found.push(
      ...world.load.violations,
      ...world.client.violations,
      ...world.fleet.unexpected.map((end) => `I7 ${end}`),
    );
  } finally {
    world.probes.stop();
    await stage.close(values.keep || found.length > 0);
  }
  history.write({
    what: 'end',
    found,
    counts: world.load.counts,
    statuses: Object.fromEntries(world.client.statuses),
    files: world.load.files.length,
  });
  mkdirSync(values.history, { recursive: true });
  const path = `${values.history}/${control ?? 'run'}-seed-${seed}.jsonl`;
  writeFileSync(path, history.text());
  process.stdout.write(
    summarize({
      seed,
      control,
      recoveries,
      found,
      load: world.load,
      client: world.client,
      path,
      folder: stage.folder,
    }),
  );
  if (control && found.length === 0 && recoveries.length < minControlFaults) {
    const few = `${recoveries.length} of ${minControlFaults} faults`;
    process.stderr.write(`NOT JUDGED: ${few} are too few to judge a control run; give it more --seconds\n`);
    return 2;
  }
  return found.length > 0 ? 1 : 0;

  async function suffer(name: string): Promise<Recovery> {
    const fault = faults[name];
    if (!fault) throw new Error(`there is no fault ${name}`);
    world.client.during = name;
    const begun = performance.now();
    const note = await fault(world);
    const healed = performance.now();
    const stuck = await unfinished(world.sql, await databaseTime(), recoverWithinMs, [
      ...expectation.failing.keys(),
    ]);
    const recovery: Recovery = {
      name,
      note,
      lasted: healed - begun,
      recovered: performance.now() - healed,
      stuck,
    };
    world.client.during = `after ${name}`;
    if (stuck.length === 0 && recovery.recovered > recoverWithinMs) {
      const late = `I2 late: ${Math.round(recovery.recovered / 1000)} s after ${name}`;
      (isStarved() ? world.client.unjudged : world.client.violations).push(late);
    }
    history.write({ what: 'fault', ...recovery });
    process.stderr.write(
      `${name} (${note}): ${stuck.length > 0 ? `STUCK: ${stuck.length}` : `recovered in ${(recovery.recovered / 1000).toFixed(1)} s`}\n`,
    );
    return recovery;
  }

  async function databaseTime(): Promise<Date> {
    for (;;) {
      const answer = await world.sql
        .query<{ now: Date }>('select clock_timestamp() as now')
        .catch(() => undefined);
      if (answer?.rows[0]) return answer.rows[0].now;
      await pause(50);
    }
  }
}

process.exit(
  await run().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return 2;
  }),
);
