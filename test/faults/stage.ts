import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { ownPostgres, startPostgres } from '../postgres.js';
import { startPostgrest } from '../postgrest.js';
import { ownRedis, redisIsInstalled } from '../redis-server.js';
import { scriptedModel } from '../scripted-llm.js';
import { Client } from './client.js';
import { Fleet, workers } from './fleet.js';
import { Load } from './load.js';
import { removeFencing } from './no-fencing.js';
import { Random } from './random.js';
import { TcpProxy } from './tcp-proxy.js';
import { openRings, type QueueDriver } from './rings.js';
import { Probes, Switches, type World } from './world.js';

export type Control = 'no-fencing' | 'no-sweeper';
export type DatabaseDriver = 'pg' | 'supabase';

export interface Stage {
  world: World;
  folder: string;
  blobs: string;
  close(keep: boolean): Promise<void>;
}

const leaseSeconds = 3;
const diskMb = 700;

/**
 * Short times, so that three minutes see many recoveries;
 * small batches, so that a kill finds a document half done.
 */
const settings = {
  AUTH: 'none',
  LOG_LEVEL: 'info',
  RATE_LIMIT_MAX_REQUESTS: '1000000',
  TASK_LEASE_SECONDS: String(leaseSeconds),
  SWEEP_INTERVAL_SECONDS: '0.5',
  TASK_RETRY_DELAY_SECONDS: '0.2',
  UPLOAD_INTENT_SECONDS: '20',
  SHUTDOWN_GRACE_SECONDS: '8',
  DATABASE_POOL_SIZE: '6',
  DATABASE_STATEMENT_TIMEOUT_SECONDS: '10',
  EMBEDDING_BATCH_MIN: '4',
  EMBEDDING_BATCH_MAX: '8',
  WORKER_CONCURRENCY: '3',
  PARSER_PROCESSES: '1',
  PARSER_MEMORY_MB: '900',
  OPENAI_API_KEY: 'scripted',
  LLM_DRIVER: 'offline',
  OPENAI_EMBEDDING_DIMENSIONS: '64',
  // an answer that never comes is given up within the minute that a recovery may take
  LLM_TIMEOUT_SECONDS: '6',
  EMBEDDING_REQUESTS_PER_MINUTE: '1000000',
  EMBEDDING_TOKENS_PER_MINUTE: '100000000',
};

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const readPort = (url: string): number => Number(new URL(url).port);

function behind(url: string, proxy: TcpProxy): string {
  const through = new URL(url);
  through.port = String(proxy.address.port);
  return through.href;
}

interface Performance {
  seed: number;
  paceMs: number;
  driver: DatabaseDriver;
  queue: QueueDriver;
  control: Control | undefined;
  /** False: documents end without a model, several at once. */
  hasVectors: boolean;
}

/** A file system of its own, so that it can be filled. Undefined where that is not allowed. */
async function smallDisk(folder: string): Promise<string | undefined> {
  const disk = join(folder, 'data', 'blobs');
  await mkdir(disk, { recursive: true });
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMb}m`, 'docent-faults', disk]).status === 0
    ? disk
    : undefined;
}

/** A PostgREST over the same database, past which nothing of the service's own calls goes. */
async function besideSupabase(url: string): Promise<{ env: Record<string, string>; close(): Promise<void> }> {
  const pool = new pg.Pool({
    connectionString: url,
    max: 20,
    connectionTimeoutMillis: 2000,
    query_timeout: 4000,
  });
  pool.on('error', () => undefined);
  const key = 'service-role-key-of-the-fault-suite';
  const server = await startPostgrest(
    async (text, values) => (await pool.query<Record<string, unknown>>(text, values)).rows,
    {
      key,
      schemas: ['docent_api'],
    },
  );
  return {
    env: {
      DATABASE_DRIVER: 'supabase',
      SUPABASE_URL: server.url,
      SUPABASE_KEY: key,
      SUPABASE_READ_TIMEOUT: '4',
    },
    close: async () => {
      await server.close();
      await pool.end();
    },
  };
}

/**
 * Servers of our own, a proxy before each, two API processes behind
 * one port and two workers. Undefined where there is no Redis.
 */
export async function openStage({
  seed,
  paceMs,
  driver,
  queue,
  control,
  hasVectors,
}: Performance): Promise<Stage | undefined> {
  if (!redisIsInstalled) return undefined;
  const own = await ownPostgres();
  const standIn = own ? undefined : await startPostgres();
  const postgres = {
    url: own?.url ?? (await standIn?.createDatabase()) ?? '',
    stop: () => (own ?? standIn)?.stop(),
  };
  const folder = await mkdtemp(join(tmpdir(), 'docent-faults-'));
  const [switches, log] = [join(folder, 'switches'), join(folder, 'redis')];
  for (const directory of [switches, log]) await mkdir(directory);
  const disk = await smallDisk(folder);
  let redis = await ownRedis({ directory: log });
  const [redisProxy, postgresProxy] = [
    await TcpProxy.before(readPort(redis.url)),
    await TcpProxy.before(readPort(postgres.url)),
  ];
  const supabase =
    driver === 'supabase' ? await besideSupabase(behind(postgres.url, postgresProxy)) : undefined;
  const model = await scriptedModel({ dimensions: 64 });
  // a document must take long enough to be caught in the middle of it
  model.latencyMs = 60;
  const port = await freePort();
  const fleet = new Fleet({
    folder,
    env: {
      ...settings,
      DATA_DIR: join(folder, 'data'),
      DATABASE_URL: behind(postgres.url, postgresProxy),
      REDIS_URL: behind(redis.url, redisProxy),
      QUEUE_DRIVER: queue,
      OPENAI_API_BASE: model.url,
      PORT: String(port),
      API_PROCESSES: '2',
      FAULTS_SWITCHES: switches,
      ...(!hasVectors && { EMBEDDING_DRIVER: 'none' }),
      ...supabase?.env,
      WORKER_HEALTH_PORT: '0',
    },
    preload: (place) => [
      ...(control === 'no-sweeper' ? ['test/faults/no-sweeper.mjs'] : []),
      ...(place === 'worker-2' ? ['test/faults/clock-ahead.mjs'] : []),
      ...(place === 'api' ? ['test/faults/saboteur.mjs'] : []),
    ],
  });
  await fleet.prepare();
  const sql = new pg.Pool({ connectionString: postgres.url, max: 4, idleTimeoutMillis: 0 });
  sql.on('error', () => undefined);
  fleet.start('api');
  const client = new Client(`http://127.0.0.1:${port}`);
  client.apiAway = true;
  await untilReady(client);
  if (control === 'no-fencing') await removeFencing(sql);
  for (const place of workers) fleet.start(place);
  client.apiAway = false;
  const rings = openRings(queue, redis.url);
  const server = { ...redis };
  const world: World = {
    fleet,
    client,
    load: new Load(client, new Random(seed), paceMs, () => backlogIn(sql)),
    random: new Random(seed * 104_729),
    model,
    sql,
    postgres: own,
    postgresProxy,
    redis: {
      server,
      restart: async (options) => {
        redis = await ownRedis({ port: readPort(server.url), directory: log, ...options });
        Object.assign(server, redis);
      },
    },
    redisProxy,
    rings,
    probes: new Probes(client),
    switches: new Switches(switches),
    disk,
    leaseSeconds,
  };
  const close = async (keep: boolean): Promise<void> => {
    await fleet.stop();
    await rings.close().catch(() => undefined);
    await Promise.all([
      supabase?.close(),
      redisProxy.close(),
      postgresProxy.close(),
      model.close(),
      sql.end(),
    ]);
    await redis.stop();
    await postgres.stop();
    if (disk) spawnSync('umount', [disk]);
    if (!keep) await rm(folder, { recursive: true, force: true });
  };
  return { world, folder, blobs: join(folder, 'data', 'blobs'), close };
}

async function backlogIn(sql: pg.Pool): Promise<number> {
  const unfinished = `select count(*)::int as n from docent.tasks where type <> 'batch' and status in ('queued', 'running')`;
  const answer = await sql.query<{ n: number }>(unfinished).catch(() => undefined);
  return answer?.rows[0]?.n ?? 0;
}

async function untilReady(client: Client): Promise<void> {
  for (const until = performance.now() + 180_000; performance.now() < until; await pause(100)) {
    if ((await client.request('GET', '/health/ready'))?.status === 200) return;
  }
  throw new Error('the API did not become ready within 180 s');
}
