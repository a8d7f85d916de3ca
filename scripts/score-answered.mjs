#!/usr/bin/env node
// Counts over HTTP how often a question is refused although the documents answer it,
// and answered although they do not, without any model.
//   npm run score:answered -- --scorer DIR [--questions 400] [--collections xquad-en,xquad-de]
// DIR holds collections/NAME, each with docs.jsonl, queries.jsonl and qrels.jsonl.
// The tables of docs/benchmarks/retrieval.md are made of this.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ended, percentile, post, start } from './shared/service.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const given = process.argv.slice(2);
const option = (name) => (given.includes(name) ? given[given.indexOf(name) + 1] : undefined);
const folder = resolve(option('--scorer') ?? '', 'collections');
const main = join(process.env.RETRIEVAL_DIST ?? join(root, 'dist'), 'main.js');
const most = Number(option('--questions') ?? 400);
/** Lower and higher than the default, which is among them. */
const thresholds = [0.34, 0.38, 0.4, 0.42, 0.44, 0.46, 0.5];
/** Questions asked of a collection that has nothing to do with them. */
const strangers = [
  ['xquad-en', 'cranfield'],
  ['xquad-en', 'cacm'],
  ['cranfield', 'xquad-en'],
  ['cacm', 'xquad-en'],
];

if (!existsSync(folder) || !existsSync(main)) {
  console.error(
    `Not scored: ${existsSync(folder) ? `${main} is missing (npm run build)` : `${folder} is missing (name its parent with --scorer DIR)`}`,
  );
  process.exit(2);
}
const names = option('--collections')?.split(',') ?? readdirSync(folder).sort();
const lines = (name, file) =>
  readFileSync(join(folder, name, file), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const findSet = (name) => `eval_${name.replace(/\W/gu, '_')}`;
const findFile = ({ id, title, text }) => ({
  filename: `${id}.md`,
  content: title ? `# ${title}\n\n${text}` : text,
});

const service = await start(main, { ANSWER_CACHE_SECONDS: '0' });
try {
  await service.ready();
  for (const name of names) await ingest(name, lines(name, 'docs.jsonl'));
  heading();
  for (const name of names) row(name, await ask(lines(name, 'queries.jsonl').slice(0, most), name));
  for (const [asked, of] of strangers.filter((pair) => pair.every((name) => names.includes(name))))
    row(`${asked} of ${of}`, await ask(lines(asked, 'queries.jsonl').slice(0, most), of));
  for (const name of names.filter((each) => each.startsWith('xquad')))
    row(`${name}, its paragraph gone`, await askWithout(name));
} finally {
  await service.stop();
}

async function ingest(name, documents) {
  for (let from = 0; from < documents.length; from += 100) {
    const { task_id } = await post(service.url, '/agent/ingest', {
      document_set: findSet(name),
      files: documents.slice(from, from + 100).map(findFile),
    });
    const { status } = await ended(service.url, task_id);
    if (status !== 'SUCCESS') throw new Error(`${name}: ingesting ended with ${status}`);
  }
}

/**
 * Lists for each question the support that decides, and whether the extractive
 * answer found something to quote above the default threshold.
 */
async function ask(questions, name) {
  const asked = [];
  for (const { text } of questions) {
    const { results, answered } = await post(service.url, '/agent/search', {
      prompt: text,
      document_set: findSet(name),
      mode: 'keyword',
    });
    asked.push({ support: Math.max(0, ...results.slice(0, 3).map(({ score }) => score)), answered });
  }
  return asked;
}

/**
 * Takes each judged paragraph away, asks its questions, and
 * brings it back: what is left is about the same subject.
 */
async function askWithout(name) {
  const judged = new Map(lines(name, 'qrels.jsonl').map(({ q, d }) => [q, d]));
  const documents = new Map(lines(name, 'docs.jsonl').map((document) => [document.id, document]));
  const asked = [];
  for (const [id, questions] of Map.groupBy(lines(name, 'queries.jsonl').slice(0, most), (question) =>
    judged.get(question.id),
  )) {
    const document = documents.get(id);
    const path = `/agent/documents/${encodeURIComponent(findFile(document).filename)}?document_set=${findSet(name)}`;
    const { status } = await fetch(service.url + path, { method: 'DELETE' });
    if (status !== 200) throw new Error(`DELETE ${path}: ${status}`);
    asked.push(...(await ask(questions, name)));
    await ingest(name, [document]);
  }
  return asked;
}

function heading() {
  console.log(
    `share of the questions that are supported at each threshold, and that the extractive answer answers at the default\n`,
  );
  console.log(
    ''.padEnd(28),
    'asked',
    'median',
    ...thresholds.map((each) => each.toFixed(2).padStart(6)),
    ' extractive',
  );
}

function row(title, asked) {
  const share = (holds) => ((100 * asked.filter(holds).length) / asked.length).toFixed(1).padStart(6);
  const median = percentile(
    asked.map(({ support }) => support),
    0.5,
  );
  console.log(
    title.padEnd(28),
    String(asked.length).padStart(5),
    median.toFixed(2).padStart(6),
    ...thresholds.map((each) => share(({ support }) => support >= each)),
    share(({ answered }) => answered),
  );
}
