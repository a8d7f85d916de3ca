#!/usr/bin/env node
// Each hot path beside its limit, measured in the same run: npm run bench [-- SCENARIO…]
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, openSync, fsyncSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ended, percentile, post, start } from './service.mjs';

const service = (env) => start('dist/main.js', env);
const show = (name, figures) =>
  console.log(
    `${name.padEnd(10)} ${Object.entries(figures)
      .map(([key, value]) => `${key} ${typeof value === 'number' ? Math.round(value * 100) / 100 : value}`)
      .join(' · ')}`,
  );
const words =
  'leave travel invoice calibration sensor policy warehouse customer contract delivery safety training budget report meeting laboratory sample device software update password network printer holiday insurance pension salary parking canteen forklift chemical'.split(
    ' ',
  );
const sentence = (seed) =>
  Array.from({ length: 14 }, (_, index) => words[(seed * 7 + index * index * 3 + (seed % 13) * index) % words.length]).join(' ');
const passage = (seed) => Array.from({ length: 9 }, (_, index) => `${sentence(seed * 31 + index)} ${seed}-${index}.`).join(' ');

async function boot() {
  const own = [];
  const empty = [];
  for (let round = 0; round < 5; round++) {
    const bare = await start('bench/empty-app.mjs');
    empty.push(bare.firstAnswerMs);
    await bare.stop();
    const running = await service();
    own.push(running.firstAnswerMs);
    if (round === 4) {
      const readyMs = await running.ready();
      await new Promise((resolve) => setTimeout(resolve, 2000));
      show('boot', {
        'first answer ms': percentile(own, 0.5),
        'empty app ms': percentile(empty, 0.5),
        ratio: percentile(own, 0.5) / percentile(empty, 0.5),
        'ready ms': readyMs,
        'idle RSS MB': running.rssMb(),
      });
    }
    await running.stop();
  }
}

async function upload() {
  const folder = mkdtempSync(join(tmpdir(), 'docent-bench-upload-'));
  const path = join(folder, 'big.txt');
  writeFileSync(path, Buffer.concat(Array.from({ length: 95 }, () => Buffer.from(randomBytes(512 * 1024).toString('hex')))));
  const copied = performance.now();
  const hash = createHash('sha256');
  const target = join(folder, 'copy');
  await pipeline(
    createReadStream(path),
    async function* (source) {
      for await (const piece of source) {
        hash.update(piece);
        yield piece;
      }
    },
    createWriteStream(target),
  );
  fsyncSync(openSync(target, 'r+'));
  const limit = performance.now() - copied;
  const running = await service({ WORKER_QUEUES: 'summary' });
  await running.ready();
  const before = running.rssMb();
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, running.rssMb())), 20);
  const begun = performance.now();
  const response = await fetch(`${running.url}/agent/documents/bench/big.txt`, {
    method: 'PUT',
    body: createReadStream(path),
    duplex: 'half',
  });
  await response.text();
  const took = performance.now() - begun;
  clearInterval(watch);
  show('upload', {
    'MB/s': 95 / (took / 1000),
    'copy with hash and fsync MB/s': 95 / (limit / 1000),
    ratio: took / limit,
    'RSS growth MB': peak - before,
  });
  await running.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** A model server that answers at once. */
async function instantModel(dimensions) {
  const vector = Array.from({ length: dimensions }, (_, index) => Math.sin(index));
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (piece) => (text += piece));
    request.on('end', () => {
      const count = [JSON.parse(text).input].flat().length;
      response.setHeader('content-type', 'application/json').end(
        JSON.stringify({
          data: Array.from({ length: count }, (_, index) => ({ index, embedding: vector })),
          usage: { prompt_tokens: 1, total_tokens: 1 },
        }),
      );
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}/v1`, close: () => server.close() };
}

async function ingest() {
  const model = await instantModel(384);
  for (const [name, env] of [
    ['no model', {}],
    [
      'instant model',
      {
        OPENAI_API_BASE: model.url,
        OPENAI_EMBEDDING_DIMENSIONS: '384',
        LLM_DRIVER: 'offline',
        EMBEDDING_TOKENS_PER_MINUTE: '1000000000',
        EMBEDDING_REQUESTS_PER_MINUTE: '10000000',
      },
    ],
  ]) {
    const running = await service(env);
    await running.ready();
    const text = Array.from({ length: 3000 }, (_, index) => `${index % 10 === 0 ? `# Part ${index / 10}\n\n` : ''}${passage(index)}`).join(
      '\n\n',
    );
    const begun = performance.now();
    const { documents } = await post(running.url, '/agent/ingest', { files: [{ filename: 'big.md', content: text }] });
    const task = await ended(running.url, documents[0].task_id);
    const seconds = (performance.now() - begun) / 1000;
    show('ingest', {
      model: name,
      chunks: task.result.chunks,
      'chunks/s': task.result.chunks / seconds,
      stages: JSON.stringify(task.stages),
      'RSS MB': running.rssMb(),
    });
    await running.stop();
  }
  model.close();
}

async function search() {
  const running = await service();
  await running.ready();
  const batches = [];
  for (let batch = 0; batch < 100; batch++) {
    const files = Array.from({ length: 100 }, (_, index) => ({
      filename: `${batch}-${index}.md`,
      content: passage(batch * 100 + index).slice(0, 900),
    }));
    batches.push((await post(running.url, '/agent/ingest', { files })).task_id);
  }
  for (const task of batches) await ended(running.url, task);
  const wall = [];
  const database = [];
  const live = [];
  for (let query = 0; query < 300; query++) {
    const prompt = sentence(query * 17)
      .split(' ')
      .slice(0, 5)
      .join(' ');
    let begun = performance.now();
    const { took_ms } = await post(running.url, '/agent/search', { prompt: `${prompt} ${query}`, answer: false, limit: 10 });
    wall.push(performance.now() - begun);
    database.push(took_ms.search);
    begun = performance.now();
    await (await fetch(`${running.url}/health/live`)).text();
    live.push(performance.now() - begun);
  }
  const prompt = { prompt: 'warehouse safety training for new employees', limit: 10 };
  let begun = performance.now();
  await post(running.url, '/agent/search', prompt);
  const first = performance.now() - begun;
  begun = performance.now();
  await post(running.url, '/agent/search', prompt);
  const again = performance.now() - begun;
  show('search', {
    chunks: 10_000,
    'p50 ms': percentile(wall, 0.5),
    'p95 ms': percentile(wall, 0.95),
    'retrieval p50 ms': percentile(database, 0.5),
    'bare request p50 ms': percentile(live, 0.5),
    'over retrieval': percentile(wall, 0.5) / percentile(database, 0.5),
    'repeated question saves %': 100 * (1 - again / first),
  });
  await running.stop();
}

const scenarios = { boot, upload, ingest, search };
const chosen = process.argv.slice(2);
for (const [name, run] of Object.entries(scenarios)) if (chosen.length === 0 || chosen.includes(name)) await run();
