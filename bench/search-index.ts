// What a question costs with the index beside the rows and without it,
// on a Postgres of its own: wall time, and CPU time of all processes.
//   node --import ./test/run-typescript.mjs bench/search-index.ts [chunks …]      after npm run build
import 'reflect-metadata';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyze, buildLex } from '../src/common/text/analyzer.js';
import { loadEnv } from '../src/config/env.js';
import { PgDatabase } from '../src/platform/database/pg.js';
import { startServer, type RunningServer } from '../test/acceptance/server.js';
import { ownPostgres } from '../test/postgres.js';
import { chunk, claim, createDocuments, newDocument } from '../test/rows.js';
import { instantModel } from './model.mjs';
import { ZipfText } from './zipf-text.mjs';

const dimensions = 384;
const steps = process.argv.slice(2).map(Number);
const chunksOfDocument = 50;
const questions = 150;
const rounds = 2;
/** A folder for a CPU profile of the service with the index. */
const profile = process.env['BENCH_PROFILE'];
/** Milliseconds of a tick in /proc. */
const tick = 10;

const text = new ZipfText();
const passage = (words: number): string => text.passage(words);

const postgres = await ownPostgres();
if (!postgres) throw new Error('there are no binaries of Postgres with pgvector here');
const folder = mkdtempSync(join(tmpdir(), 'docent-index-'));
const model = await instantModel(dimensions);
const settings = {
  DATABASE_URL: postgres.url,
  DATA_DIR: folder,
  // nothing but questions
  WORKER_QUEUES: 'summary',
  LOG_LEVEL: 'warn',
  ANSWER_CACHE_SECONDS: '0',
};
const database = new PgDatabase(
  loadEnv({ DATABASE_URL: postgres.url, DATABASE_STATEMENT_TIMEOUT_SECONDS: '600' }),
);
await database.ready();

const vector = (): string =>
  `[${Array.from({ length: dimensions }, () => Math.round((text.random() - 0.5) * 1e6)).join()}]`;

async function addDocument(number: number, space: number): Promise<void> {
  const made = await createDocuments(database, 'default', [newDocument(`${number}.md`, String(number))]);
  const [document] = made.documents;
  if (!document) throw new Error('no document was made');
  const { token } = await claim(database, document.task_id, 'bench', 600);
  const work = { task: document.task_id, token, document_id: document.id, version: document.version };
  await database.call('open_version', work);
  await database.call('keep_parsed', {
    ...work,
    parsed_key: `parsed/${number}`,
    pages: null,
    language: 'en',
    title: null,
    warnings: [],
  });
  const chunks = Array.from({ length: chunksOfDocument }, (_unused, ordinal) => {
    const content = passage(170);
    return chunk(ordinal, content, {
      ...buildLex(analyze(content, 'en')),
      embeddings: { [space]: vector() },
    });
  });
  await database.call('stage_chunks', { ...work, chunks, progress: 0.5 });
  await database.call('publish_document', { ...work, chunk_count: chunks.length, result: {}, stages: {} });
}

/** Fields of a process in /proc, from its state on. */
function readFields(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  } catch {
    return [];
  }
}

/** CPU milliseconds of a process so far; with `ended`, those of children that have ended. */
function readCpu(pid: string, ended = false): number {
  const fields = readFields(pid);
  return (
    [11, 12, ...(ended ? [13, 14] : [])].reduce((sum, field) => sum + Number(fields[field] ?? 0), 0) * tick
  );
}

/** CPU milliseconds of the whole cluster so far. */
function cpuOfPostgres(): number {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const port = new URL(postgres?.url ?? '').port;
  const parent = all.find((pid) => readCommand(pid).includes(`port=${port}`)) ?? '';
  return all
    .filter((pid) => readFields(pid)[1] === parent)
    .reduce((sum, pid) => sum + readCpu(pid), readCpu(parent, true));
}

function readCommand(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

const percentile = (values: number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? 0;

async function ask(
  { url, process: child }: RunningServer,
  mode: string,
): Promise<{ times: number[]; api: number; sql: number }> {
  const times: number[] = [];
  const apiCpu = (): number => readCpu(String(child?.pid));
  const [api, sql] = [apiCpu(), cpuOfPostgres()];
  for (let number = 0; number < questions; number++) {
    const prompt = `what is the ${passage(6)}?`;
    const begun = performance.now();
    const response = await fetch(`${url}/agent/search`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt, mode, limit: 10, answer: false }),
    });
    const { results } = (await response.json()) as { results: unknown[] };
    if (results.length === 0) throw new Error('nothing was found');
    times.push(performance.now() - begun);
  }
  return { times, api: (apiCpu() - api) / questions, sql: (cpuOfPostgres() - sql) / questions };
}

async function warm({ url }: RunningServer): Promise<void> {
  const until = performance.now() + 240_000;
  for (;;) {
    await fetch(`${url}/agent/search`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: passage(6), mode: 'hybrid', answer: false }),
    });
    const text = await (await fetch(`${url}/metrics`)).text();
    if (/^search_index_sets 1$/m.test(text)) {
      const bytes = Number(/^search_index_bytes (\d+)/m.exec(text)?.[1]);
      console.log(`  index of ${Math.round(bytes / 2 ** 20)} MB`);
      return;
    }
    if (performance.now() > until) throw new Error('the index was not built');
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

let documents = 0;
const { id: space } = await database.call('ensure_space', {
  provider: 'openai',
  model: 'text-embedding-3-small',
  dimensions,
});
for (const wanted of steps.length > 0 ? steps : [10_000, 100_000]) {
  const writer = async (): Promise<void> => {
    while (documents * chunksOfDocument < wanted) await addDocument((documents += 1), space);
  };
  await Promise.all([writer(), writer()]);
  await database.call('sweep', { max_losses: 3, retention_seconds: 3600, garbage_limit: 0, ring_limit: 0 });
  console.log(`${documents * chunksOfDocument} chunks; load ${loadavg()[0]?.toFixed(0)}`);
  const off = await startServer({ ...settings, ...model.env, SEARCH_INDEX_MB: '0' });
  const on = await startServer({
    ...settings,
    ...model.env,
    SEARCH_INDEX_MB: '1000',
    ...(profile && { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}` }),
  });
  const begun = performance.now();
  await warm(on);
  console.log(
    `  built in ${((performance.now() - begun) / 1000).toFixed(1)} s, ${readCpu(String(on.process?.pid))} ms CPU of the process so far`,
  );
  for (const mode of ['keyword', 'hybrid']) {
    for (const [name, server] of [
      ['SQL', off],
      ['index', on],
    ] as const) {
      const results = [];
      for (let round = 0; round < rounds; round++) results.push(await ask(server, mode));
      const times = results.flatMap((result) => result.times);
      const least = results.toSorted((a, b) => a.api + a.sql - b.api - b.sql)[0];
      console.log(
        `  ${mode} ${name.padEnd(6)} p50 ${percentile(times, 0.5).toFixed(1)} p95 ${percentile(times, 0.95).toFixed(1)} ms · CPU api ${least?.api.toFixed(1)} + sql ${least?.sql.toFixed(1)} ms`,
      );
    }
  }
  await on.stop();
  await off.stop();
}
await database.close();
model.close();
await postgres.stop();
rmSync(folder, { recursive: true, force: true });
