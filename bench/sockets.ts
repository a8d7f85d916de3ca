// Events between processes: many sockets on two API processes, events as a worker publishes them.
//   node --import ./test/run-typescript.mjs bench/sockets.ts [sockets] [events]
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import { RedisEventBus } from '../src/platform/events/redis.js';
import { startServer } from '../test/acceptance/server.js';
import { ownPostgres } from '../test/postgres.js';
import { ownRedis } from '../test/redis-server.js';

const [count, events] = [Number(process.argv[2] ?? 1000), Number(process.argv[3] ?? 100)];
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

const postgres = await ownPostgres();
if (!postgres) throw new Error('there are no binaries of Postgres with pgvector here');
const redis = await ownRedis();
const folder = mkdtempSync(join(tmpdir(), 'docent-sockets-'));
const env = {
  DATABASE_URL: postgres.url,
  REDIS_URL: redis.url,
  MODE: 'api',
  WEBSOCKET_MAX_CONNECTIONS: String(count),
  LOG_LEVEL: 'warn',
  DATA_DIR: folder,
};
const servers = [await startServer(env), await startServer(env)];
const sockets: Socket[] = [];
const delays: number[] = [];
let doubled = 0;

async function open(place: number): Promise<void> {
  const url = servers[place % servers.length]?.url ?? '';
  const socket = io(url, { path: '/ws', transports: ['websocket'], reconnection: false, forceNew: true });
  sockets.push(socket);
  const heard = new Set<string>();
  socket.on('notification', ({ id, at }: { id: string; at: string }) => {
    if (heard.has(id)) doubled += 1;
    heard.add(id);
    delays.push(Date.now() - Date.parse(at));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve());
    socket.once('connect_error', reject);
  });
}

const begun = performance.now();
for (let place = 0; place < count; place += 50)
  await Promise.all(Array.from({ length: 50 }, (_unused, next) => open(place + next)));
const opened = Math.round(performance.now() - begun);
const bus = new RedisEventBus(redis.url);
const sent = performance.now();
for (let number = 0; number < events; number++) {
  await bus.publish('default', { ...event, filename: `file-${number}` });
  await pause(100);
}
while (delays.length < sockets.length * events && performance.now() - sent < 60_000 + events * 100)
  await pause(20);
delays.sort((left, right) => left - right);
const at = (part: number): number =>
  delays[Math.min(delays.length - 1, Math.floor(delays.length * part))] ?? 0;
process.stdout.write(
  `${sockets.length} sockets on 2 processes, open after ${opened} ms; ${delays.length} of ${sockets.length * events} deliveries, ${doubled} doubled; ` +
    `delay p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, worst ${at(1)} ms\n`,
);
for (const socket of sockets) socket.disconnect();
await bus.close();
await Promise.all(servers.map((server) => server.stop()));
await redis.stop();
await postgres.stop();
rmSync(folder, { recursive: true, force: true });
process.exit(delays.length === sockets.length * events && doubled === 0 ? 0 : 1);
