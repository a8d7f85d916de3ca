// What vacuum costs a graph over vectors after deletions, on a Postgres of its own: wall time, and CPU time of the
// session. No workers beside it, so that the figures compare.
//   node --import ./test/run-typescript.mjs bench/vacuum.ts [CHUNKS]
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import pg from 'pg';
import { ownPostgres } from '../test/postgres.js';
import { topicVectors } from './topic-vectors.js';
import { ZipfText } from './zipf-text.mjs';

const dimensions = 384;
const batch = 500;
const wanted = Number(process.argv[2] ?? 100_000);

const postgres = await ownPostgres();
if (!postgres) throw new Error('there are no binaries of Postgres with pgvector here');
const client = new pg.Client({ connectionString: postgres.url });
await client.connect();
await client.query(`create extension if not exists vector`);
await client.query(
  `create table emb (chunk integer primary key, embedding vector(${dimensions}) not null) with (autovacuum_enabled = off)`,
);
await client.query('set max_parallel_maintenance_workers = 0');
const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
const pid = rows[0]?.pid ?? 0;

/** CPU seconds of the session so far. */
function readCpu(): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function time(name: string, ...statements: string[]): Promise<void> {
  const [cpu, begun] = [readCpu(), performance.now()];
  for (const statement of statements) await client.query(statement);
  const size = await client.query<{ mb: string }>(
    `select round(coalesce(pg_relation_size(to_regclass('emb_graph')), 0) / 1048576.0)::text as mb`,
  );
  console.log(
    `${name.padEnd(60)} ${((performance.now() - begun) / 1000).toFixed(1).padStart(7)} s, CPU ${(readCpu() - cpu).toFixed(1).padStart(7)} s; graph ${size.rows[0]?.mb} MB; load ${loadavg()[0]?.toFixed(1)}`,
  );
}

const numbers = new ZipfText();
const next = topicVectors(dimensions, () => numbers.random());
for (let from = 0; from < wanted; from += batch) {
  const vectors = Array.from(
    { length: batch },
    () => `[${Array.from(next(), (value) => value.toFixed(6)).join()}]`,
  );
  await client.query(
    'insert into emb select $1 + at - 1, v::vector from unnest($2::text[]) with ordinality as given(v, at)',
    [from, vectors],
  );
}
const graph = `create index emb_graph on emb using hnsw ((embedding::halfvec(${dimensions})) halfvec_ip_ops) with (m = 16, ef_construction = 64)`;
await time('graph, maintenance_work_mem 64 MB', "set maintenance_work_mem = '64MB'", graph);
await time(
  'graph, maintenance_work_mem 1 GB',
  "set maintenance_work_mem = '1GB'",
  'drop index emb_graph',
  graph,
);
await time('delete .1 %', 'delete from emb where chunk % 1000 = 999');
await time('vacuum after it', 'vacuum emb');
await time('delete 1 %', 'delete from emb where chunk % 100 = 0');
await time('vacuum after it', 'vacuum emb');
await time('delete 10 %', 'delete from emb where chunk % 10 = 1');
await time('vacuum without indexes', 'vacuum (index_cleanup off) emb');
await time('reindex concurrently', 'reindex index concurrently emb_graph');
await time('vacuum after it', 'vacuum emb');
await time('delete 10 % more', 'delete from emb where chunk % 10 = 2');
await time('vacuum after it, maintenance_work_mem 1 GB', 'vacuum emb');
await client.end();
await postgres.stop();
