#!/usr/bin/env node
// Collects the candidates from which train-answers.mjs fits the regressions: for each question the first hits of
// a hybrid and of a keyword search, with what the reader and the matcher say of the best of them. Runs the built service in this
// process on DATA_DIR; no other process may run there.
//   node scripts/collect-candidates.mjs --out PREFIX [--depth 16] [--read 7] SET=QUESTIONS [SET=QUESTIONS…]
// A question may name another document set in `set`.
// Writes PREFIX.hybrid.json and PREFIX.keyword.json.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    depth: { type: 'string', default: '16' },
    read: { type: 'string', default: '7' },
  },
});
const built = join(dirname(fileURLToPath(import.meta.url)), '../dist');
if (!values.out || positionals.length === 0 || !existsSync(built)) {
  console.error(
    'usage: collect-candidates.mjs --out PREFIX [--depth 16] [--read 7] SET=QUESTIONS… (after npm run build)',
  );
  process.exit(2);
}
const load = (path) => import(pathToFileURL(join(built, path)));
const { loadEnv } = await load('config/env.js');
const { startService } = await load('app/boot.js');
const { SearchService } = await load('features/search/search.service.js');
const { Condenser } = await load('features/answers/condense.js');
const { groupSections } = await load('features/answers/sections.js');
const { Reader } = await load('platform/reader/reader.js');
const { readAsked } = await load('features/answers/finding/asked.js');
const { gatherEvidence } = await load('features/answers/finding/evidence.js');
const { matchUnits } = await load('features/answers/finding/matching.js');

const service = await startService(loadEnv());
await service.ready;
const [searcher, condenser, reader] = [SearchService, Condenser, Reader].map((kind) =>
  service.app.get(kind, { strict: false }),
);
const questions = positionals.flatMap((given) => {
  const [set, file] = given.split('=');
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => ({ collection: set, ...JSON.parse(line) }));
});

const readings = new Map();
async function read(query, { heading, content }) {
  const key = [query, heading, content].join('\n');
  if (!readings.has(key)) readings.set(key, (await reader.read(query, [{ heading, content }]))[0] ?? null);
  return readings.get(key);
}

/** Adds to the first hits the cosine of each unit with the question, by the text of the unit. */
async function match(query, hits) {
  const texts = hits.map(({ title, heading, content }) => [title ?? '', heading ?? '', content].join('\n'));
  const evidence = gatherEvidence(
    readAsked(
      query,
      texts,
      hits.map(({ language }) => language),
    ),
    hits,
  );
  for (const [place, hit] of hits.slice(0, Number(values.read)).entries()) {
    const cosines = (await matchUnits(reader, evidence, hits, [place])).get(place);
    const units = evidence.sources[place]?.units ?? [];
    const known = units.filter(({ unit }) => cosines?.has(unit.start));
    hit.similar = Object.fromEntries(known.map(({ unit }) => [unit.text, cosines.get(unit.start)]));
  }
}

async function collect(question, mode) {
  const { signal } = new AbortController();
  const { query } = await condenser.condense(question.question, question.history ?? [], signal);
  const scope = { tenant: 'default', sets: null, document_set: question.set ?? question.collection };
  const found = await searcher.search(query, { scope, mode, limit: Number(values.depth) });
  const hits = [];
  for (const [place, hit] of found.hits.entries()) {
    const { content, title, heading, filename, page, language, cosine, window } = hit;
    const reading = place < Number(values.read) ? await read(query, hit) : null;
    hits.push({ content, title, heading, filename, page, language, cosine, window, reading });
  }
  await match(query, hits);
  return { ...question, query, missing: found.missing, groups: groupSections(found.hits), hits };
}

for (const mode of ['hybrid', 'keyword']) {
  const collected = [];
  for (const question of questions) collected.push(await collect(question, mode));
  writeFileSync(`${values.out}.${mode}.json`, JSON.stringify(collected));
  console.log(`${values.out}.${mode}.json: ${collected.length} questions`);
}
await service.close();
process.exit(0);
