import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { Fault, World } from './world.js';

/** While it lasts the service must say that it is not ready. */
async function notReadyWithin(world: World, milliseconds: number): Promise<void> {
  const before = world.probes.readyFailures;
  await pause(milliseconds);
  if (world.probes.readyFailures === before)
    world.client.violations.push(`I9 /health/ready stayed 200 during ${world.client.during}`);
}

/** Everything that Redis knew is gone: doorbells, locks, events. */
export const wipeRedis: Fault = async (world) => {
  await world.redis.server.stop();
  const seconds = world.random.between(4, 8);
  await notReadyWithin(world, seconds * 1000);
  await world.redis.restart();
  return `${seconds} s`;
};

/** With its log on the disk: what was rung a second before is rung after. */
export const killRedisWithLog: Fault = async (world) => {
  const redis = new Redis(world.redis.server.url);
  await redis.config('SET', 'appendonly', 'yes');
  while (/aof_rewrite_(in_progress|scheduled):1/.test(await redis.info('persistence'))) await pause(50);
  await pause(1000);
  redis.disconnect();
  await world.redis.server.stop();
  const seconds = world.random.between(3, 5);
  await notReadyWithin(world, seconds * 1000);
  await world.redis.restart({ appendOnly: true });
  return `${seconds} s`;
};

export const freezeRedis: Fault = async (world) => {
  world.redis.server.freeze();
  await notReadyWithin(world, 8000);
  world.redis.server.thaw();
  return '8 s';
};

export const fillRedis: Fault = async (world) => {
  const redis = new Redis(world.redis.server.url);
  await redis.config('SET', 'maxmemory', '1');
  await pause(4000);
  await redis.config('SET', 'maxmemory', '0');
  redis.disconnect();
  return '4 s';
};

export const swallowRedis: Fault = async (world) => {
  world.redisProxy.swallow();
  await pause(6000);
  world.redisProxy.pass();
  return '6 s';
};

export const resetRedis: Fault = async (world) => {
  for (let times = 0; times < 3; times++) {
    world.redisProxy.reset();
    await pause(300);
  }
  return '3 times';
};

export const cutPostgres: Fault = async ({ sql, random }) => {
  const times = random.between(1, 3);
  for (let time = 0; time < times; time++) {
    await sql.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await pause(random.between(50, 400));
  }
  return `${times} times`;
};

export const restartPostgres: Fault = async (world) => {
  if (!world.postgres) throw new Error('nobody restarts the stand-in');
  const signal = world.random.pick(['SIGINT', 'SIGQUIT'] as const);
  await world.postgres.end(signal);
  await notReadyWithin(world, world.random.between(4000, 6000));
  await world.postgres.start();
  return signal;
};

const allAtOnce = 40;

/** Somebody else has taken every connection, and those of the service have gone. */
export const exhaustPostgres: Fault = async (world) => {
  const keeper = await world.sql.connect();
  const taken: pg.Client[] = [];
  const take = async (): Promise<void> => {
    const client = new pg.Client({ connectionString: world.postgres?.url });
    client.on('error', () => undefined);
    await client.connect().then(
      () => taken.push(client),
      () => undefined,
    );
  };
  try {
    // the service wants each of them back at once: until all are taken its way there is a long one
    world.postgresProxy.slow(1000);
    world.postgresProxy.reset();
    await keeper.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'docent%' and datname = current_database()`,
    );
    for (let before = -1; taken.length > before;) {
      before = taken.length;
      await Promise.all(Array.from({ length: allAtOnce }, take));
    }
    world.postgresProxy.slow(0);
    await notReadyWithin(world, 4000);
  } finally {
    world.postgresProxy.slow(0);
    keeper.release();
    await Promise.all(taken.map((client) => client.end()));
  }
  return `${taken.length} connections`;
};

export const slowPostgres: Fault = async ({ postgresProxy }) => {
  postgresProxy.slow(500);
  await pause(6000);
  postgresProxy.slow(0);
  return '1 s a round trip for 6 s';
};

export const resetPostgres: Fault = async ({ postgresProxy }) => {
  for (let times = 0; times < 3; times++) {
    postgresProxy.reset();
    await pause(200);
  }
  return '3 times';
};

export const swallowPostgres: Fault = async ({ postgresProxy }) => {
  postgresProxy.swallow();
  await pause(4000);
  postgresProxy.pass();
  return '4 s';
};

/** The same doorbell for everything unfinished, several times over: both workers are told to do all of it. */
export const doubleRings: Fault = async ({ sql, rings }) => {
  const { rows } = await sql.query<{ id: string }>(
    `select id from docent.tasks where status in ('queued', 'running') and queue = 'ingestion'`,
  );
  const doubles = rows.flatMap(({ id }) =>
    [1, 2, 3].map((time) => ({ id: `${id}.double.${time}`, task: id })),
  );
  if (doubles.length > 0) await rings.add(doubles);
  return `${rows.length} tasks`;
};
