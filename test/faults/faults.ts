import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Fault as ModelFault } from '../scripted-llm/faults.js';
import { workers, type Place } from './fleet.js';
import type { Random } from './random.js';
import type { World } from './world.js';

/** Does its harm and takes it back; resolves with a note when nothing is spoiled any more. */
type Fault = (world: World) => Promise<string>;

const heldBy = async ({ sql }: World, pid: number): Promise<string[]> => {
  const { rows } = await sql.query<{ document_id: string }>(
    `select document_id from docent.tasks where status = 'running' and document_id is not null and owner like $1`,
    [`%:${pid}:%`],
  );
  return rows.map((row) => row.document_id);
};

/** A worker in the middle of documents that nobody else is about to touch: to disturb an idle one proves nothing. */
async function busyWorker(world: World): Promise<{ place: Place; documents: string[] }> {
  const order = world.random.shuffled(workers);
  await world.load.longFiles(4);
  for (const until = performance.now() + 5000; performance.now() < until; await pause(20)) {
    for (const place of order) {
      const documents = await heldBy(world, world.fleet.pidOf(place) ?? 0);
      if (world.load.mayOvertake(documents)) return { place, documents };
    }
  }
  return { place: order[0] ?? 'worker-1', documents: [] };
}

/** While it lasts the service must say that it is not ready. */
async function notReadyWithin(world: World, milliseconds: number): Promise<void> {
  const before = world.probes.readyFailures;
  await pause(milliseconds);
  if (world.probes.readyFailures === before) world.client.violations.push(`I9 /health/ready stayed 200 during ${world.client.during}`);
}

async function apiAway(world: World, act: () => Promise<void>): Promise<void> {
  world.client.apiAway = true;
  await act();
  // Requests that were sent before it was back may still break off.
  for (const until = performance.now() + 30_000; performance.now() < until; await pause(100)) {
    if ((await world.client.request('GET', '/health/ready'))?.status === 200) break;
  }
  world.client.apiAway = false;
}

const killWorker: Fault = async (world) => {
  const { place, documents } = await busyWorker(world);
  world.fleet.signal(place, 'SIGKILL');
  return `${place} with ${documents.length} tasks`;
};

/** It sleeps through its lease, its documents get newer versions, and then it goes on as if nothing had been. */
const freezeWorker: Fault = async (world) => {
  const { place, documents } = await busyWorker(world);
  world.fleet.signal(place, 'SIGSTOP');
  const overtaken = await world.load.overtake(documents);
  await pause((world.leaseSeconds + 2 + world.random.next() * 2) * 1000);
  world.fleet.signal(place, 'SIGCONT');
  return `${place} with ${documents.length} tasks, ${overtaken} overtaken`;
};

const terminateWorker: Fault = async (world) => {
  const { place } = await busyWorker(world);
  world.fleet.signal(place, 'SIGTERM');
  await world.fleet.ended(place);
  return place;
};

const terminateTwice: Fault = async (world) => {
  const { place } = await busyWorker(world);
  const ended = world.fleet.ended(place);
  world.fleet.signal(place, 'SIGTERM');
  await pause(world.random.between(20, 500));
  world.fleet.signal(place, 'SIGTERM');
  await ended;
  return place;
};

const killApi: Fault = async (world) => {
  await apiAway(world, async () => {
    const ended = world.fleet.ended('api');
    world.fleet.signal('api', 'SIGKILL');
    await ended;
  });
  return 'api';
};

const terminateApi: Fault = async (world) => {
  await apiAway(world, async () => {
    const ended = world.fleet.ended('api');
    world.fleet.signal('api', 'SIGTERM');
    await ended;
  });
  return 'api';
};

/** Everything that Redis knew is gone: doorbells, locks, events. */
const wipeRedis: Fault = async (world) => {
  await world.redis.server.stop();
  const seconds = world.random.between(4, 8);
  await notReadyWithin(world, seconds * 1000);
  await world.redis.restart();
  return `${seconds} s`;
};

const freezeRedis: Fault = async (world) => {
  world.redis.server.freeze();
  await notReadyWithin(world, 8000);
  world.redis.server.thaw();
  return '8 s';
};

const fillRedis: Fault = async (world) => {
  const redis = new Redis(world.redis.server.url);
  await redis.config('SET', 'maxmemory', '1');
  await pause(4000);
  await redis.config('SET', 'maxmemory', '0');
  redis.disconnect();
  return '4 s';
};

const swallowRedis: Fault = async (world) => {
  world.redisProxy.swallow();
  await pause(6000);
  world.redisProxy.pass();
  return '6 s';
};

const resetRedis: Fault = async (world) => {
  for (let times = 0; times < 3; times++) {
    world.redisProxy.reset();
    await pause(300);
  }
  return '3 times';
};

const cutPostgres: Fault = async ({ sql, random }) => {
  const times = random.between(1, 3);
  for (let time = 0; time < times; time++) {
    await sql.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await pause(random.between(50, 400));
  }
  return `${times} times`;
};

const restartPostgres: Fault = async (world) => {
  if (!world.postgres) return cutPostgres(world);
  const signal = world.random.pick(['SIGINT', 'SIGQUIT'] as const);
  await world.postgres.end(signal);
  await notReadyWithin(world, world.random.between(4000, 6000));
  await world.postgres.start();
  return signal;
};

const slowPostgres: Fault = async ({ postgresProxy }) => {
  postgresProxy.slow(500);
  await pause(6000);
  postgresProxy.slow(0);
  return '1 s a round trip for 6 s';
};

const resetPostgres: Fault = async ({ postgresProxy }) => {
  for (let times = 0; times < 3; times++) {
    postgresProxy.reset();
    await pause(200);
  }
  return '3 times';
};

const swallowPostgres: Fault = async ({ postgresProxy }) => {
  postgresProxy.swallow();
  await pause(4000);
  postgresProxy.pass();
  return '4 s';
};

/** The same doorbell for everything unfinished, several times over: both workers are told to do all of it. */
const doubleRings: Fault = async ({ sql, ingestion }) => {
  const { rows } = await sql.query<{ id: string }>(
    `select id from docent.tasks where status in ('queued', 'running') and queue = 'ingestion'`,
  );
  const jobs = rows.flatMap(({ id }) =>
    [1, 2, 3].map((time) => ({ data: { task: id }, opts: { jobId: `${id}:double:${time}`, removeOnComplete: true, removeOnFail: true } })),
  );
  if (jobs.length > 0) await ingestion.addBulk(jobs);
  return `${rows.length} tasks`;
};

const spoilModel: Fault = async ({ model, random }) => {
  const ways: ModelFault[] = [{ kind: 'rate_limited', retryAfter: 1 }, { kind: 'server_error' }, { kind: 'reset' }];
  const way = random.pick(ways);
  model.fault('embeddings', { ...way, times: 2 });
  await pause(1500);
  model.clearFaults();
  return way.kind;
};

export const faults: Record<string, Fault> = {
  'kill worker': killWorker,
  'freeze worker': freezeWorker,
  'wipe redis': wipeRedis,
  'restart postgres': restartPostgres,
  'cut postgres': cutPostgres,
  'terminate worker': terminateWorker,
  'terminate worker twice': terminateTwice,
  'kill api': killApi,
  'terminate api': terminateApi,
  'freeze redis': freezeRedis,
  'fill redis': fillRedis,
  'swallow redis': swallowRedis,
  'reset redis': resetRedis,
  'slow postgres': slowPostgres,
  'reset postgres': resetPostgres,
  'swallow postgres': swallowPostgres,
  'double rings': doubleRings,
  'spoil model': spoilModel,
};

/** The faults that the two control runs must notice come first, then all others, then again in another order: for ever. */
export function* planOf(random: Random): Generator<string> {
  const first = ['freeze worker', 'kill worker', 'wipe redis'];
  yield* random.shuffled(first);
  for (;;) {
    yield* random.shuffled(Object.keys(faults));
    yield* random.shuffled(first);
  }
}
