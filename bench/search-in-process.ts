// What a question costs in the index beside the rows, without HTTP and the database: CPU time of this process,
// from the text of the question to the results with their highlights. The digest of all results tells whether two
// builds find the same.
//   node --import ./test/run-typescript.mjs bench/search-in-process.ts CHUNKS [FOLDER of judged collections]
import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { loadavg } from 'node:os';
import { loadEnv } from '../src/config/env.js';
import { readAsked } from '../src/features/answers/finding/asked.js';
import { toResult } from '../src/features/answers/results.js';
import { IndexView } from '../src/features/search/index/index-view.js';
import { SetIndex } from '../src/features/search/index/set-index.js';
import type { QueryTerm } from '../src/platform/database/functions.js';
import { SearchService, type SearchMode } from '../src/features/search/search.service.js';
import { collectedTexts, madeUpTexts, makeRow } from './index-texts.js';
import { topicVectors } from './topic-vectors.js';
import { ZipfText } from './zipf-text.mjs';

const dimensions = 384;
const chunksOfDocument = 50;
const questions = 200;
const rounds = 3;
const [wanted = '10000', folder] = process.argv.slice(2);
const texts = folder ? collectedTexts(folder, ['cacm', 'cranfield', 'xquad-en']) : madeUpTexts();

const numbers = new ZipfText();
const nextVector = topicVectors(dimensions, () => numbers.random());
const makeVector = (): number[] => Array.from(nextVector());
function vectorBytes(values: number[]): Buffer {
  const bytes = Buffer.alloc(4 + 4 * values.length);
  bytes.writeUInt16BE(values.length);
  for (const [index, value] of values.entries()) bytes.writeFloatBE(value, 4 + 4 * index);
  return bytes;
}

const cpu = (): number => process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000;
const percentile = (values: number[], share: number): string =>
  (values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? 0).toFixed(2);

const space = { id: 1, dimensions };
const index = new SetIndex('default', space);
let begun = cpu();
let adding = 0;
while (index.chunks < Number(wanted)) {
  const rows = Array.from({ length: chunksOfDocument }, (_unused, ordinal) =>
    makeRow(texts.passage(), ordinal, vectorBytes(makeVector())),
  );
  const before = cpu();
  const facts = {
    id: `document ${index.chunks}`,
    version: 1,
    filename: `${index.chunks}.md`,
    title: null,
    language: 'en',
  };
  index.add(
    { ...facts, media_type: 'text/markdown', metadata: {}, created_at: '2026-01-01T00:00:00Z' },
    rows,
  );
  adding += cpu() - before;
}
console.log(
  `${index.chunks} chunks in ${((cpu() - begun) / 1000).toFixed(1)} s, ${(adding / 1000).toFixed(1)} s of it the index; ` +
    `${(index.bytes / 2 ** 20).toFixed(0)} MB, ${(index.bytes / index.chunks).toFixed(0)} bytes a chunk; RSS ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MB; load ${loadavg()[0]?.toFixed(1)}`,
);

const identity = { provider: 'openai', model: 'made-up', dimensions };
let vector = makeVector();
const view = (): IndexView => new IndexView([index], null);
/** The database looks for words like those that no chunk has; here it finds none. */
const weigh = (_scope: unknown, terms: QueryTerm[]): unknown =>
  view().weigh(terms.map((term) => ({ ...term, fuzzy: false })));
const service = new SearchService(
  { weigh } as never,
  { open: () => Promise.resolve(view()) } as never,
  { identity, embedQuery: () => Promise.resolve(vector) } as never,
  { activeSpaceFor: () => Promise.resolve({ ...identity, ...space }) } as never,
  {
    readQuestion: () => Promise.resolve(null),
    order: (ranking: unknown) => Promise.resolve(ranking),
  } as never,
  { isActive: false, order: (_query: string, ranking: unknown) => Promise.resolve(ranking) } as never,
  { scaleFor: () => Promise.resolve({ unrelated: 0.2, answering: 0.5 }) } as never,
  loadEnv({}),
);
const scope = { tenant: 'default', sets: null, document_set: null };
for (let round = 0; round < rounds; round++)
  for (const mode of ['keyword', 'hybrid'] as SearchMode[]) {
    const times: number[] = [];
    const digest = createHash('sha256');
    begun = cpu();
    for (let asked = 0; asked < questions; asked++) {
      vector = makeVector();
      const prompt = texts.question();
      const start = performance.now();
      const { hits } = await service.search(prompt, { scope, mode, limit: 10 });
      const question = readAsked(prompt);
      const results = hits.map((hit) => toResult(hit, question));
      times.push(performance.now() - start);
      digest.update(JSON.stringify(results));
    }
    console.log(
      `${mode.padEnd(8)} CPU ${((cpu() - begun) / questions).toFixed(2)} ms a question · p50 ${percentile(times, 0.5)} p95 ${percentile(times, 0.95)} max ${percentile(times, 1)} · ${digest.digest('hex').slice(0, 12)} · load ${loadavg()[0]?.toFixed(1)}`,
    );
  }
