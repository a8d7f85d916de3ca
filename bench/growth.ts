// What the tables and indexes of a corpus weigh, and how long an index
// of the vectors takes, as chunks are added, on a Postgres of its own.
//   node --import ./test/run-typescript.mjs bench/growth.ts [dimensions] [chunks …]
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { loadavg } from 'node:os';
import pg from 'pg';
import { analyze, buildLex } from '../src/common/text/analyzer.js';
import { loadEnv } from '../src/config/env.js';
import { planQuery } from '../src/features/search/query-plan.js';
import { queryTerms, readQuestion } from '../src/features/search/query.js';
import { SearchStore, type SearchScope } from '../src/features/search/search.store.js';
import { PgDatabase } from '../src/platform/database/pg.js';
import { ownPostgres } from '../test/postgres.js';
import { chunk, claim, createDocuments, newDocument } from '../test/rows.js';

const dimensions = Number(process.argv[2] ?? 384);
const steps = process.argv.slice(3).map(Number);
const chunksOfDocument = 250;
const vocabulary = 30_000;
const topics = 500;
const questions = 40;
const megabyte = 1024 * 1024;

const postgres = await ownPostgres();
if (!postgres) throw new Error('there are no binaries of Postgres with pgvector here');
const sql = new pg.Pool({ connectionString: postgres.url, max: 4 });
const database = new PgDatabase(
  loadEnv({ DATABASE_URL: postgres.url, DATABASE_STATEMENT_TIMEOUT_SECONDS: '600' }),
);
await database.ready();
const store = new SearchStore(database);
const { id: space } = await database.call('ensure_space', { provider: 'bench', model: 'bench', dimensions });
const scope: SearchScope = { tenant: 'bench', sets: null, document_set: null };

/** Words with the frequencies of a language (Zipf): the n-th is n times rarer than the first. */
const word = (): string => `w${Math.floor(vocabulary ** Math.random()).toString(36)}`;
const passage = (words: number): string => Array.from({ length: words }, word).join(' ');
const gaussian = (): number =>
  Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
const centres = Array.from({ length: topics }, () => Array.from({ length: dimensions }, gaussian));
/** Vectors lie around topics, as those of texts do. */
function vector(): number[] {
  const centre = centres[Math.floor(Math.random() * topics)] ?? [];
  return centre.map((value) => value + gaussian() * 0.7);
}
const literal = (values: number[]): string => {
  const length = Math.hypot(...values);
  return `[${values.map((value) => Math.round((value / length) * 1e7)).join()}]`;
};

/** Analysed once: each chunk is one of these texts with its own vector. */
const passages = Array.from({ length: 4000 }, () => {
  const content = passage(150);
  return { content, ...buildLex(analyze(content, 'en')) };
});

async function addDocument(number: number): Promise<void> {
  const made = await createDocuments(database, scope.tenant, [newDocument(`${number}.md`, String(number))]);
  const [document] = made.documents;
  if (!document) throw new Error('no document was made');
  const { token } = await claim(database, document.task_id, 'bench', 600);
  const work = { task: document.task_id, token, document_id: document.id, version: document.version };
  await database.call('open_version', work);
  const chunks = Array.from({ length: chunksOfDocument }, (_unused, ordinal) => {
    const { content, ...lex } = passages[Math.floor(Math.random() * passages.length)] ?? { content: '' };
    return chunk(ordinal, content, { ...lex, embeddings: { [space]: literal(vector()) } });
  });
  await database.call('stage_chunks', { ...work, chunks, progress: 0.5 });
  await database.call('publish_document', { ...work, chunk_count: chunks.length, result: {}, stages: {} });
}

async function sizes(): Promise<Record<string, number>> {
  const { rows } = await sql.query<{ name: string; bytes: string }>(
    `select c.relname as name, case c.relkind when 'r' then pg_table_size(c.oid) else pg_relation_size(c.oid) end as bytes
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'docent' and c.relkind in ('r', 'i') and c.relname ~ '^(chunks|chunk_lex|lexicon|emb_)'`,
  );
  return Object.fromEntries(rows.map(({ name, bytes }) => [name, Number(bytes)]));
}

const percentile = (values: number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? 0;

async function searchTimes(): Promise<{ keyword: string; vector: string }> {
  const times: { keyword: number[]; vector: number[] } = { keyword: [], vector: [] };
  const timed = async (kind: keyof typeof times, act: () => Promise<unknown>): Promise<void> => {
    const begun = performance.now();
    await act();
    times[kind].push(performance.now() - begun);
  };
  for (let number = 0; number < questions; number++) {
    const read = readQuestion(passage(12));
    await timed('keyword', async () =>
      store.byKeyword(scope, planQuery(read, await store.weigh(scope, queryTerms(read))), 50),
    );
    await timed('vector', () => store.byVector(scope, { space, values: vector() }, 50));
  }
  const shown = (all: number[]): string =>
    `${Math.round(percentile(all, 0.5))} / ${Math.round(percentile(all, 0.95))} ms`;
  return { keyword: shown(times.keyword), vector: shown(times.vector) };
}

let documents = 0;
for (const wanted of steps.length > 0 ? steps : [10_000, 100_000]) {
  const begun = performance.now();
  const before = documents;
  const writer = async (): Promise<void> => {
    while (documents * chunksOfDocument < wanted) await addDocument((documents += 1));
  };
  await Promise.all([writer(), writer(), writer()]);
  const seconds = (performance.now() - begun) / 1000;
  await database.call('sweep', { max_losses: 3, retention_seconds: 3600, garbage_limit: 0, ring_limit: 0 });
  await sql.query('analyze');
  const rate = ((documents - before) * chunksOfDocument) / seconds;
  console.log(
    `${documents * chunksOfDocument} chunks, ${dimensions} dimensions; load ${loadavg()[0]?.toFixed(0)}`,
  );
  console.log(`  staged and published: ${Math.round(rate)} chunks a second`);
  const exact = await searchTimes();
  console.log(
    `  search without an index of the vectors, p50 / p95: keyword ${exact.keyword}, vector ${exact.vector}`,
  );
  const name = `growth_${randomUUID().slice(0, 8)}`;
  const client = await sql.connect();
  await client.query(`set maintenance_work_mem = '1GB'`);
  const building = performance.now();
  await client.query(
    `create index ${name} on docent.emb_${space} using hnsw (embedding vector_ip_ops) with (m = 16, ef_construction = 64)`,
  );
  console.log(`  HNSW built in ${((performance.now() - building) / 1000).toFixed(1)} s`);
  const [hnsw] = (await client.query<{ bytes: string }>(`select pg_relation_size('docent.${name}') as bytes`))
    .rows;
  const walked = await searchTimes();
  console.log(`  vector search through it: ${walked.vector}`);
  await client.query(`drop index docent.${name}`);
  client.release();
  const weighed = await sizes();
  const total = Object.values(weighed).reduce((sum, bytes) => sum + bytes, Number(hnsw?.bytes));
  const chunks = documents * chunksOfDocument;
  for (const [relation, bytes] of [...Object.entries(weighed), ['HNSW', Number(hnsw?.bytes)] as const]) {
    if (bytes > megabyte / 4)
      console.log(
        `  ${relation.padEnd(28)} ${(bytes / megabyte).toFixed(1).padStart(8)} MB ${Math.round(bytes / chunks)} bytes a chunk`,
      );
  }
  console.log(
    `  ${'all'.padEnd(28)} ${(total / megabyte).toFixed(1).padStart(8)} MB ${Math.round(total / chunks)} bytes a chunk`,
  );
}
await database.close();
await sql.end();
await postgres.stop();
