import { instantModel } from './model.mjs';
import { ended, percentile, post } from '../scripts/shared/service.mjs';
import { passage, sentence } from './text.mjs';

const chunks = Number(process.env.BENCH_CHUNKS ?? 10_000);
const passagesOfDocument = 50;
const questions = 200;

/** Documents until there are that many chunks; 20 of them go in at once. */
export async function fill(url) {
  let stored = 0;
  for (let document = 0; stored < chunks; document += 20) {
    const files = Array.from({ length: 20 }, (_, index) => ({
      filename: `bench-${document + index}.md`,
      content: Array.from({ length: passagesOfDocument }, (_, part) =>
        passage((document + index) * passagesOfDocument + part),
      ).join('\n\n'),
    }));
    const { documents } = await post(url, '/agent/ingest', { files });
    for (const { task_id: task } of documents) stored += (await ended(url, task)).result.chunks;
  }
  return stored;
}

/** Seconds and calls so far of the SQL functions that searches call. */
async function sqlSoFar(url) {
  const text = await (await fetch(`${url}/metrics`)).text();
  const sum = (suffix) =>
    [
      ...text.matchAll(
        new RegExp(
          `^db_operation_duration_seconds_${suffix}\\{[^}]*operation="(?:search_|weigh_)[^}]*\\} (\\S+)$`,
          'gm',
        ),
      ),
    ]
      .map(([, value]) => Number(value))
      .reduce((total, value) => total + value, 0);
  return { seconds: sum('sum'), calls: sum('count') };
}

export async function ask(url, mode) {
  const stages = { embed: [], search: [], answer: [], all: [] };
  const before = await sqlSoFar(url);
  for (let query = 0; query < questions; query++) {
    const prompt = `${sentence(query * 17 + 1)
      .split(' ')
      .slice(0, 6)
      .join(' ')} ${query}-${query % 9}`;
    const begun = performance.now();
    const { took_ms: took } = await post(url, '/agent/search', { prompt, mode, limit: 10 });
    stages.all.push(performance.now() - begun);
    for (const stage of ['embed', 'search', 'answer']) stages[stage].push(took[stage]);
  }
  const after = await sqlSoFar(url);
  const both = (values) => `${percentile(values, 0.5).toFixed(1)}/${percentile(values, 0.95).toFixed(1)}`;
  return {
    ...Object.fromEntries(Object.entries(stages).map(([stage, values]) => [`${stage} ms`, both(values)])),
    'SQL ms a question': ((after.seconds - before.seconds) * 1000) / questions,
    'SQL calls a question': (after.calls - before.calls) / questions,
  };
}

/** Questions asked for the first time and at once again. */
export async function repeat(url) {
  const [first, again] = [[], []];
  for (let query = 0; query < 50; query++) {
    const prompt = { prompt: `${sentence(query * 29 + 3)} ${query}`, limit: 10 };
    for (const times of [first, again]) {
      const begun = performance.now();
      await post(url, '/agent/search', prompt);
      times.push(performance.now() - begun);
    }
  }
  return { first: percentile(first, 0.5), again: percentile(again, 0.5) };
}

/**
 * p50/p95 of each stage, beside the time that the SQL functions took of it and a request that does nothing.
 * `BENCH_CHUNKS` (10,000), and a `DATABASE_URL` of an empty Postgres instead of PGlite.
 */
export async function search(service, show) {
  const model = await instantModel(384);
  const given = process.env.DATABASE_URL;
  const running = await service({
    ...model.env,
    ...(given && { DATABASE_URL: given }),
    MAX_FILE_CHUNKS: '100000',
  });
  await running.ready();
  const begun = performance.now();
  const stored = await fill(running.url);
  const seconds = (performance.now() - begun) / 1000;
  const where = { database: given ? 'postgres' : 'pglite', chunks: stored };
  show('search', { ...where, 'ingested chunks/s': stored / seconds, 'RSS MB': running.rssMb() });
  const live = [];
  for (let round = 0; round < 200; round++) {
    const asked = performance.now();
    await (await fetch(`${running.url}/health/live`)).text();
    live.push(performance.now() - asked);
  }
  for (const mode of ['keyword', 'vector', 'hybrid'])
    show('search', { ...where, mode, ...(await ask(running.url, mode)) });
  const { first, again } = await repeat(running.url);
  show('search', {
    ...where,
    'bare request ms': percentile(live, 0.5),
    'first question ms': first,
    'asked again ms': again,
    'saved %': 100 * (1 - again / first),
  });
  await running.stop();
  model.close();
}
