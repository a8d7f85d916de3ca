import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { statementFor } from '../src/platform/database/statement.js';
import { ownPostgres } from '../test/postgres.js';
import { ownRedis, redisIsInstalled } from '../test/redis-server.js';
import { cpuMs } from './process-cost.js';
import { median, type Report } from './report.js';
import { ended, post, start } from '../scripts/shared/service.mjs';
import { passage } from './text.mjs';
import { modelsOff } from './small-documents.js';

interface Target {
  url: string;
  pid: number;
}
interface Call {
  method: 'GET' | 'POST';
  path: string;
  body?: string;
}

const connections = 8;
const headers = { 'content-type': 'application/json' };

/** Milliseconds of processor time for a request, over `count` requests by eight connections. */
async function measureCost({ url, pid }: Target, call: Call, count: number): Promise<number> {
  const dispatcher = new Agent({ connections });
  const send = async (): Promise<void> => {
    const { body, statusCode } = await request(url + call.path, {
      method: call.method,
      ...(call.body && { body: call.body, headers }),
      dispatcher,
    });
    await body.dump();
    if (statusCode !== 200) throw new Error(`${call.path} answered ${statusCode}`);
  };
  await Promise.all(Array.from({ length: connections }, send));
  const before = cpuMs(pid);
  let left = count;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (left-- > 0) await send();
    }),
  );
  const spent = cpuMs(pid) - before;
  await dispatcher.close();
  return spent / count;
}

/** A B A B: the two take turns, so that other work on the machine affects both. */
export async function sideBySide(own: Target, bare: Target, call: Call, rounds: number, count: number) {
  const costs: { own: number[]; bare: number[] } = { own: [], bare: [] };
  // both are compiled before the measurement
  for (const target of [own, bare]) await measureCost(target, call, count);
  for (let round = 0; round < rounds; round++) {
    costs.own.push(await measureCost(own, call, count));
    costs.bare.push(await measureCost(bare, call, count));
  }
  return { own: median(costs.own), bare: median(costs.bare) };
}

const scope = { tenant: 'default', sets: null };
const prompt = 'Which policy covers the leave of the warehouse?';

/** Forty small documents, and one answer that is in the cache. */
async function prepare(url: string, statements: string): Promise<Call> {
  const files = Array.from({ length: 40 }, (_, index) => ({
    filename: `request-${index}.md`,
    content: `# Note ${index}\n\n${passage(index)}`,
  }));
  const { documents } = await post(url, '/agent/ingest', { files });
  for (const { task_id: task } of documents) await ended(url, task);
  const answer = await post(url, '/agent/search', { prompt });
  const listing = statementFor('list_documents', {
    ...scope,
    document_set: null,
    status: null,
    q: null,
    media_types: null,
    created_from: null,
    created_to: null,
    sort: null,
    before_at: null,
    before_name: null,
    before_id: null,
    limit: 21,
  });
  const revision = statementFor('set_revisions', { ...scope, document_set: null, limit: 256 });
  writeFileSync(statements, JSON.stringify({ listing, revision, answer: { prompt, body: answer } }));
  return { method: 'POST', path: '/agent/search', body: JSON.stringify({ prompt }) };
}

/**
 * Measures the cost of a request for the API process, beside Fastify alone. Routes that ask the database need
 * a Postgres.
 */
export async function requests(
  report: Report,
  { rounds, count }: { rounds: number; count: number },
): Promise<void> {
  const postgres = await ownPostgres();
  const redis = postgres && redisIsInstalled ? await ownRedis() : undefined;
  const folder = mkdtempSync(join(tmpdir(), 'docent-bench-requests-'));
  const statements = join(folder, 'statements.json');
  const shared = {
    ...modelsOff,
    DATA_DIR: folder,
    ...(postgres && { DATABASE_URL: postgres.url }),
    ...(redis && { REDIS_URL: redis.url }),
  };
  const own = await start('dist/main.js', { ...shared, LOG_LEVEL: 'info', ...(postgres && { MODE: 'api' }) });
  await own.ready();
  const calls: [string, Call, number][] = [['health/live', { method: 'GET', path: '/health/live' }, 0.5]];
  if (postgres) {
    // the worker is done before anything is measured
    const worker = await start('dist/main.js', { ...shared, MODE: 'worker', WORKER_HEALTH_PORT: '0' });
    calls.push(
      ['list documents', { method: 'GET', path: '/agent/documents?limit=20' }, 0.6],
      ['cached search', await prepare(own.url, statements), 0.6],
    );
    await worker.stop();
  }
  const bare = await start(
    'bench/bare-app.mjs',
    postgres && { BARE_DATABASE_URL: postgres.url, BARE_STATEMENTS: statements },
  );
  for (const [name, call, goal] of calls) {
    const cost = await sideBySide(own, bare, call, rounds, count);
    report.add({
      scenario: 'requests',
      name,
      unit: 'CPU ms',
      own: cost.own,
      beside: 'bare Fastify',
      limit: cost.bare,
      ratio: cost.bare / cost.own,
      goal,
    });
  }
  await own.stop();
  await bare.stop();
  await redis?.stop();
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
}
