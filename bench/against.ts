import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Bull from 'bull';
import { io, type Socket } from 'socket.io-client';
import { loadEnv } from '../src/config/env.js';
import { PgDatabase } from '../src/platform/database/pg.js';
import { RedisEventBus } from '../src/platform/events/redis.js';
import { ownPostgres } from '../test/postgres.js';
import { redisQueues } from '../test/redis-queues.js';
import { ownRedis, redisIsInstalled } from '../test/redis-server.js';
import { createTask } from '../test/rows.js';
import { start } from '../scripts/shared/service.mjs';
import { cpuMs } from './process-cost.js';
import { median, type Report } from './report.js';
import { sideBySide } from './requests.js';
import { modelsOff } from './small-documents.js';

interface Size {
  rounds: number;
  count: number;
}

const skip = (what: string, why: string): void => console.log(`NOT RUN: ${what}: ${why}`);

/** Other things that a user would pick for parts of the work, on the same machine in the same run. */
export async function against(report: Report, size: Size): Promise<void> {
  await fastApi(report, size);
  const postgres = redisIsInstalled ? await ownPostgres() : undefined;
  if (!postgres) {
    skip('bare Bull and bare Socket.IO', 'Redis or Postgres with pgvector is not installed');
    return;
  }
  const redis = await ownRedis();
  await bareBull(report, size, { postgres: postgres.url, redis: redis.url });
  await bareSockets(report, size, { postgres: postgres.url, redis: redis.url });
  await redis.stop();
  await postgres.stop();
}

/** The interpreter of `BENCH_PYTHON`, or `python3`, if it has the packages. */
function findPython(): string | undefined {
  const python = process.env['BENCH_PYTHON'] ?? 'python3';
  try {
    execFileSync(python, ['-c', 'import fastapi, uvicorn'], { stdio: 'ignore' });
    return python;
  } catch {
    return undefined;
  }
}

async function fastApi(report: Report, { rounds, count }: Size): Promise<void> {
  const python = findPython();
  if (!python) {
    skip(
      'FastAPI + uvicorn',
      'BENCH_PYTHON or python3 has no fastapi and uvicorn (pip install fastapi uvicorn)',
    );
    return;
  }
  const own = await start('dist/main.js', { ...modelsOff, LOG_LEVEL: 'info' });
  await own.ready();
  const bare = await start('bench/bare-api.py', {}, python);
  const cost = await sideBySide(own, bare, { method: 'GET', path: '/health/live' }, rounds, count);
  report.add({
    scenario: 'against',
    name: 'health/live, FastAPI',
    unit: 'CPU ms',
    own: cost.own,
    beside: 'FastAPI + uvicorn',
    limit: cost.bare,
    ratio: cost.bare / cost.own,
  });
  await own.stop();
  await bare.stop();
}

const concurrency = 8;
const batch = 100;

/** Processor milliseconds of this process for one of `count` jobs. */
async function costOf(count: number, work: (one: () => void) => Promise<void>): Promise<number> {
  let left = count;
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => (finish = resolve));
  const before = process.cpuUsage();
  await work(() => void ((left -= 1) === 0 && finish()));
  await done;
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / count;
}

interface Urls {
  postgres: string;
  redis: string;
}

/** A task through doorbell, claim and completion of its row, beside a job that Bull alone keeps. */
async function bareBull(report: Report, { rounds, count }: Size, urls: Urls): Promise<void> {
  const database = new PgDatabase(loadEnv({ DATABASE_URL: urls.postgres, DATABASE_POOL_SIZE: '8' }));
  await database.ready();
  const costs: { own: number[]; bare: number[] } = { own: [], bare: [] };
  for (let round = 0; round < rounds; round++) {
    const bare = new Bull(`bare-${round}`, urls.redis);
    costs.bare.push(
      await costOf(count, async (one) => {
        void bare.process(concurrency, () => Promise.resolve(one()));
        for (let at = 0; at < count; at += batch)
          await bare.addBulk(
            Array.from({ length: batch }, (_, place) => ({
              data: { number: at + place },
              opts: { attempts: 3, removeOnComplete: true },
            })),
          );
      }),
    );
    await bare.close();
    const ids: string[] = [];
    while (ids.length < count) ids.push(await createTask(database, 'bench'));
    const { queue, close } = await redisQueues.bull(urls.redis);
    while (!(await queue.ring([]))) await new Promise((resolve) => setTimeout(resolve, 20));
    costs.own.push(
      await costOf(count, async (one) => {
        await queue.consume('summary', concurrency, async (task) => {
          const row = await database.call('claim_task', { task, owner: 'bench', lease_seconds: 30 });
          if (!row) return;
          await database.call('complete_task', { task, token: row.token, result: {}, stages: {} });
          one();
        });
        for (let at = 0; at < count; at += batch)
          await queue.ring(
            ids.slice(at, at + batch).map((task) => ({ task, token: 0, queue: 'summary', priority: 0 })),
          );
      }),
    );
    await close();
  }
  await database.close();
  report.add({
    scenario: 'against',
    name: 'a task, Bull',
    unit: 'CPU ms',
    own: median(costs.own),
    beside: 'bare Bull',
    limit: median(costs.bare),
    ratio: median(costs.bare) / median(costs.own),
  });
}

const socketCount = 100;
const event = {
  type: 'ingest_complete',
  task_id: null,
  document_id: null,
  document_set: 'default',
  status: 'completed',
  stage: null,
  progress: 1,
  result: null,
  error: null,
  request_id: null,
} as const;

/** Sockets that hear everything, and a way to wait for what they hear. */
async function openSockets(url: string): Promise<{ heard: (count: number) => Promise<void>; close(): void }> {
  let deliveries = 0;
  let told: () => void = () => undefined;
  const open = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = io(url, { path: '/ws', transports: ['websocket'], reconnection: false, forceNew: true });
      socket.on('notification', () => {
        deliveries += 1;
        told();
      });
      socket.once('connect', () => resolve(socket));
      socket.once('connect_error', reject);
    });
  const sockets = await Promise.all(Array.from({ length: socketCount }, open));
  return {
    heard: async (count) => {
      // a listener of the sockets counts the deliveries and calls told
      /* oxlint-disable-next-line eslint/no-unmodified-loop-condition */
      while (deliveries < count) await new Promise<void>((resolve) => (told = resolve));
    },
    close: () => {
      for (const socket of sockets) socket.disconnect();
    },
  };
}

/** An event to one hundred sockets, per delivery. */
async function bareSockets(report: Report, { rounds, count }: Size, urls: Urls): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'docent-bench-sockets-'));
  const events = Math.max(20, Math.round(count / 50));
  const own = await start('dist/main.js', {
    ...modelsOff,
    MODE: 'api',
    DATA_DIR: folder,
    DATABASE_URL: urls.postgres,
    REDIS_URL: urls.redis,
  });
  await own.ready();
  const bare = await start('bench/bare-sockets.mjs', { BARE_REDIS_URL: urls.redis });
  const bus = new RedisEventBus(urls.redis);
  const costs = new Map<Awaited<ReturnType<typeof start>>, number[]>([
    [own, []],
    [bare, []],
  ]);
  const all = [];
  for (const [service, seen] of costs) all.push({ service, seen, sockets: await openSockets(service.url) });
  for (let round = 0; round <= rounds; round++) {
    const before = all.map(({ service }) => cpuMs(service.pid));
    for (let number = 0; number < events; number++)
      await bus.publish('default', { ...event, filename: `${round}-${number}.md` });
    const deliveries = events * socketCount;
    await Promise.all(all.map(({ sockets }) => sockets.heard(deliveries * (round + 1))));
    // the first round compiles
    if (round > 0)
      for (const [at, { service, seen }] of all.entries())
        seen.push((cpuMs(service.pid) - (before[at] ?? 0)) / deliveries);
  }
  const [ownCost = NaN, bareCost = NaN] = all.map(({ seen }) => median(seen));
  report.add({
    scenario: 'against',
    name: 'an event to a socket, Socket.IO',
    unit: 'CPU ms',
    own: ownCost,
    beside: 'bare Socket.IO',
    limit: bareCost,
    ratio: bareCost / ownCost,
  });
  for (const { sockets, service } of all) {
    sockets.close();
    await service.stop();
  }
  await bus.close();
  rmSync(folder, { recursive: true, force: true });
}
