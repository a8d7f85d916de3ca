#!/usr/bin/env node
// Boots the real server on a temporary data directory and scores its
// retrieval against judged queries, over HTTP, without any model.
//   npm run score:retrieval -- --scorer DIR [--collections cranfield,xquad-de] [--limit-queries 200]     exits 1 below a reference figure
// DIR holds score.mjs and collections/NAME, each with docs.jsonl, queries.jsonl and qrels.jsonl.
// With DATABASE_URL (an empty Postgres) and REDIS_URL on these, else on the embedded ones.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const given = process.argv.slice(2);
const option = (name) => (given.includes(name) ? given[given.indexOf(name) + 1] : undefined);
const scorer = resolve(option('--scorer') ?? '', 'score.mjs');
const main = join(process.env.RETRIEVAL_DIST ?? join(root, 'dist'), 'main.js');

for (const [path, what] of [
  [scorer, 'the scorer and its collections (name their folder with --scorer DIR)'],
  [main, 'the built service (npm run build)'],
]) {
  if (existsSync(path)) continue;
  console.error(`Not scored: ${what} is missing`);
  process.exit(2);
}

/**
 * nDCG@10 over the whole query sets that a full-text search
 * of this kind reached before: docs/benchmarks/retrieval.md.
 */
const references = {
  cranfield: 0.518,
  cacm: 0.474,
  'xquad-en': 0.972,
  'xquad-de': 0.966,
  'xquad-zh': 0.971,
  'xquad-ar': 0.941,
};

const freePort = () =>
  new Promise((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });

const data = mkdtempSync(join(tmpdir(), 'docent-retrieval-'));
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const env = {
  PATH: process.env.PATH,
  DATA_DIR: data,
  PORT: String(port),
  LOG_LEVEL: 'error',
  RATE_LIMIT_MAX_REQUESTS: '10000000',
  ...(process.env.DATABASE_URL && { DATABASE_URL: process.env.DATABASE_URL }),
  ...(process.env.REDIS_URL && { REDIS_URL: process.env.REDIS_URL }),
  // no question is repeated here
  ANSWER_CACHE_SECONDS: '0',
};
const server = spawn(process.execPath, ['--enable-source-maps', main], {
  env,
  cwd: data,
  stdio: ['ignore', 'inherit', 'inherit'],
});
const stopped = new Promise((ended) => server.once('exit', ended));
let complaints = 0;
try {
  await ready();
  complaints = await score();
} finally {
  server.kill('SIGTERM');
  await stopped;
  rmSync(data, { recursive: true, force: true });
}
process.exit(complaints > 0 ? 1 : 0);

async function ready() {
  const deadline = Date.now() + 60_000;
  for (;;) {
    if (server.exitCode !== null) throw new Error(`the service ended with ${server.exitCode}`);
    const answer = await fetch(`${url}/health/ready`).catch(() => null);
    if (answer?.ok) return;
    if (Date.now() > deadline) throw new Error('the service was not ready within a minute');
    await new Promise((later) => setTimeout(later, 100));
  }
}

/** Runs the scorer, shows its table and counts the collections below their reference. */
async function score() {
  const queries = option('--limit-queries') ?? '100000';
  const args = [
    scorer,
    '--url',
    url,
    '--collections',
    option('--collections') ?? 'all',
    '--limit-queries',
    queries,
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let table = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    table += text;
    process.stdout.write(text);
  });
  const code = await new Promise((ended) => child.once('exit', ended));
  if (code !== 0) throw new Error(`the scorer ended with ${code}`);
  let below = 0;
  for (const [name, reference] of Object.entries(references)) {
    const value = new RegExp(`^${name} +\\d+ +\\d+ +([\\d.]+)`, 'm').exec(table)?.[1];
    if (value === undefined || Number(value) >= reference) continue;
    below++;
    console.log(
      `! ${name}: nDCG@10 ${value} is below ${reference}${option('--limit-queries') ? ' (of the whole query set)' : ''}`,
    );
  }
  return below;
}
