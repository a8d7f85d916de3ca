// Requests a second of one API process and of two behind the same
// port, in the same run, with the client in a process of its own.
//   node --import ./test/run-typescript.mjs bench/api.ts [seconds] [connections]
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { startServer } from '../test/acceptance/server.js';
import { ownPostgres } from '../test/postgres.js';
import { ownRedis } from '../test/redis-server.js';

const [seconds, connections] = [Number(process.argv[2] ?? 10), Number(process.argv[3] ?? 16)];
const postgres = await ownPostgres();
if (!postgres) throw new Error('there are no binaries of Postgres with pgvector here');
const redis = await ownRedis();
const folder = mkdtempSync(join(tmpdir(), 'docent-api-'));

async function throughput(processes: string, path: string): Promise<{ rate: number; p95: number }> {
  const server = await startServer({
    MODE: 'api',
    API_PROCESSES: processes,
    DATABASE_URL: postgres?.url ?? '',
    REDIS_URL: redis.url,
    DATA_DIR: folder,
    LOG_LEVEL: 'warn',
    PORT: String(18_000 + Math.floor(Math.random() * 10_000)),
  });
  const agent = new Agent({ connections });
  const times: number[] = [];
  const until = performance.now() + seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < until) {
        const begun = performance.now();
        const { body, statusCode } = await request(`${server.url}${path}`, { dispatcher: agent });
        await body.dump();
        if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}`);
        times.push(performance.now() - begun);
      }
    }),
  );
  await agent.close();
  await server.stop();
  times.sort((a, b) => a - b);
  return { rate: times.length / seconds, p95: times[Math.floor(times.length * 0.95)] ?? 0 };
}

for (const path of ['/health/live', '/agent/documents?limit=20']) {
  const one = await throughput('1', path);
  const two = await throughput('2', path);
  console.log(
    `${path}: one process ${Math.round(one.rate)}/s (p95 ${one.p95.toFixed(0)} ms) · two ${Math.round(two.rate)}/s (p95 ${two.p95.toFixed(0)} ms) · ratio ${(two.rate / one.rate).toFixed(2)} · load ${loadavg()[0]?.toFixed(0)}`,
  );
}
await redis.stop();
await postgres.stop();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
