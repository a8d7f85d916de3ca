// Tasks a second through the whole life of a row, beside bare
// Bull on the same Redis in the same run, and alone on Postgres.
//   node --import ./test/run-typescript.mjs bench/tasks.ts [tasks] [rounds]
import 'reflect-metadata';
import { loadavg } from 'node:os';
import Bull from 'bull';
import { loadEnv } from '../src/config/env.js';
import { PgDatabase } from '../src/platform/database/pg.js';
import { ownPostgres } from '../test/postgres.js';
import { ownRedis } from '../test/redis-server.js';
import { BullJobQueue, producerOptions } from '../src/platform/queue/bull.js';
import { createTask } from '../test/rows.js';

const [count, rounds] = [Number(process.argv[2] ?? 2000), Number(process.argv[3] ?? 3)];
const concurrency = 8;

const postgres = await ownPostgres();
if (!postgres) throw new Error('there are no binaries of Postgres with pgvector here');
const redis = await ownRedis();
const database = new PgDatabase(
  loadEnv({ DATABASE_URL: postgres.url, DATABASE_POOL_SIZE: String(concurrency) }),
);
await database.ready();

/** Resolves when it was called `count` times. */
function counted(): { done: Promise<void>; one: () => void } {
  let left = count;
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => (finish = resolve));
  return { done, one: () => void ((left -= 1) === 0 && finish()) };
}

/** One job a task: as the doorbell, and as a job of Bull's own with its retries. */
async function bare(): Promise<number> {
  const queue = new Bull(`bare-${Date.now()}`, redis.url);
  const { done, one } = counted();
  const begun = performance.now();
  void queue.process(concurrency, () => Promise.resolve(one()));
  for (let batch = 0; batch < count; batch += 100) {
    await queue.addBulk(
      Array.from({ length: 100 }, (_unused, place) => ({
        data: { number: batch + place },
        opts: { attempts: 3, removeOnComplete: true },
      })),
    );
  }
  await done;
  const seconds = (performance.now() - begun) / 1000;
  await queue.close();
  return count / seconds;
}

/** Claim, completion and all: the row's own life without a queue. */
async function whole(ids: string[], answer: (task: string) => Promise<void>): Promise<number> {
  const begun = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (let id = ids[next++]; id !== undefined; id = ids[next++]) await answer(id);
    }),
  );
  return ids.length / ((performance.now() - begun) / 1000);
}

const work = async (task: string): Promise<void> => {
  const row = await database.call('claim_task', { task, owner: 'bench', lease_seconds: 30 });
  if (!row) return;
  await database.call('complete_task', { task, token: row.token, result: {}, stages: {} });
};

async function create(): Promise<string[]> {
  const ids: string[] = [];
  for (let batch = 0; batch < count; batch += 50)
    ids.push(...(await Promise.all(Array.from({ length: 50 }, () => createTask(database, 'bench')))));
  return ids;
}

/** The doorbell rings, the row is claimed and completed. */
async function throughBull(ids: string[]): Promise<number> {
  const line = (name: string) => new Bull(name, producerOptions(redis.url));
  const queue = new BullJobQueue(redis.url, {
    ingestion: line('ingestion'),
    summary: line('summary'),
    default: line('default'),
  });
  while (
    await queue.ping().then(
      () => false,
      () => true,
    )
  )
    await new Promise((resolve) => setTimeout(resolve, 50));
  const { done, one } = counted();
  const begun = performance.now();
  await queue.consume('summary', concurrency, (task) => work(task).then(one));
  for (let batch = 0; batch < ids.length; batch += 100) {
    await queue.ring(ids.slice(batch, batch + 100).map((task) => ({ task, queue: 'summary', priority: 0 })));
  }
  await done;
  const seconds = (performance.now() - begun) / 1000;
  await queue.close();
  return ids.length / seconds;
}

for (let round = 0; round < rounds; round++) {
  const alone = await bare();
  const rowsOnly = await whole(await create(), work);
  const both = await throughBull(await create());
  console.log(
    `bare Bull ${Math.round(alone)}/s · rows alone ${Math.round(rowsOnly)}/s · doorbell and row ${Math.round(both)}/s · ratio to bare ${(both / alone).toFixed(2)} · load ${loadavg()[0]?.toFixed(0)}`,
  );
}
await database.close();
await redis.stop();
await postgres.stop();
process.exit(0);
