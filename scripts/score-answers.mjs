#!/usr/bin/env node
// Scores the answers over documents against hand-made gold, over HTTP. Downloads nothing.
//   npm run score:answers [-- --dir FOLDER[,FOLDER] --questions FILE] [--url URL] [--set SET] [--floor FILE] [--json FILE] [--verbose]
// Without --url it boots the built service on a data directory of its own; without --dir it takes the
// project's own collection. With --floor it exits 1 when a figure falls below the file's.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from './shared/service.mjs';
import { ask, client, computeFigures, ingest, waitForVectors } from './answers/asking.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const given = process.argv.slice(2);
const option = (name) => (given.includes(name) ? given[given.indexOf(name) + 1] : undefined);
const own = join(root, 'test/files/answers');
const folders = option('--dir')?.split(',') ?? [join(root, 'samples'), join(own, 'documents')];
const questions = readFileSync(option('--questions') ?? join(own, 'questions.jsonl'), 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line));
const set = option('--set') ?? 'score_answers';
const limit = Number(option('--limit') ?? 5);
const main = join(root, 'dist/main.js');
if (!option('--url') && !existsSync(main)) {
  console.error(`Not scored: ${main} is missing (npm run build), and no --url names a running service.`);
  process.exit(2);
}

const service = option('--url') ? null : await start(main, { ANSWER_CACHE_SECONDS: '0', ...process.env });
let failures = 0;
try {
  await service?.ready();
  const call = client(service?.url ?? option('--url'), option('--token'));
  for (const folder of folders) await ingest(call, folder, set);
  await waitForVectors(call);
  const asked = [];
  for (const question of questions) asked.push(await ask(call, question, set, limit));
  report(asked);
  if (option('--json'))
    writeFileSync(option('--json'), JSON.stringify({ figures: computeFigures(asked), asked }, null, 1));
  failures = option('--floor')
    ? complaints(computeFigures(asked), JSON.parse(readFileSync(option('--floor'), 'utf8')))
    : 0;
} finally {
  await service?.stop();
}
process.exit(failures > 0 ? 1 : 0);

function report(asked) {
  const by = (key) =>
    [...Map.groupBy(asked, ({ question }) => question[key] ?? '-')].map(([name, some]) => [
      name,
      computeFigures(some),
    ]);
  console.table(Object.fromEntries([...by('type'), ['ALL', computeFigures(asked)]]));
  console.table(Object.fromEntries(by('style')));
  if (!given.includes('--verbose')) return;
  for (const { question, outcome, rank, answer, missing } of asked)
    if (!['right', 'kept'].includes(outcome))
      console.log(
        `\n[${question.id}] ${outcome}, ${question.type}, passage at ${rank}\n  Q ${question.question}\n  A ${answer.slice(0, 300)}\n  missing ${JSON.stringify(missing)}`,
      );
}

/** @param floor least figures, and with `false` and `length` the most */
function complaints(figures, floor) {
  const most = new Set(['false', 'length', 'wrong']);
  const fallen = Object.entries(floor).filter(([name, value]) =>
    most.has(name) ? figures[name] > value : figures[name] < value,
  );
  for (const [name, value] of fallen)
    console.error(`${name} is ${figures[name]}, and the floor is ${value}.`);
  return fallen.length;
}
