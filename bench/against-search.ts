import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import MiniSearch from 'minisearch';
import pg from 'pg';
import { ownPostgres } from '../test/postgres.js';
import { ended, post, start } from '../scripts/shared/service.mjs';
import { makeRecipe, searchByRecipe } from './hybrid-recipe.js';
import { cpuMs } from './process-cost.js';
import type { Report } from './report.js';

interface Passage {
  id: string;
  title?: string;
  text: string;
}
/** A collection with judged questions, as one folder of JSON lines. */
interface Collection {
  name: string;
  documents: Passage[];
  questions: Passage[];
  /** By question: what each document is worth. */
  judged: Map<string, Map<string, number>>;
}
/** Ids of documents, best first; some may come twice. */
type Ask = (question: Passage) => Promise<string[]> | string[];

const maxQuestions = 300;
/** Passages that are asked for: several may be of one document. */
const asked = 30;
const judgedRanks = 10;
const batch = 20;

const readLines = <T>(path: string): T[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

function readCollection(folder: string, name: string): Collection {
  const judged = new Map<string, Map<string, number>>();
  for (const { q, d, s } of readLines<{ q: string; d: string; s: number }>(join(folder, name, 'qrels.jsonl')))
    judged.set(q, (judged.get(q) ?? new Map<string, number>()).set(d, s));
  const questions = readLines<Passage>(join(folder, name, 'queries.jsonl')).filter(({ id }) =>
    judged.has(id),
  );
  const step = Math.max(1, Math.ceil(questions.length / maxQuestions));
  return {
    name,
    documents: readLines<Passage>(join(folder, name, 'docs.jsonl')),
    questions: questions.filter((_question, at) => at % step === 0),
    judged,
  };
}

/** nDCG of the first ten documents. */
function rate(found: string[], worth: ReadonlyMap<string, number>): number {
  const gain = (worths: number[]): number =>
    worths.reduce((sum, each, rank) => sum + (2 ** each - 1) / Math.log2(rank + 2), 0);
  const best = [...worth.values()].sort((left, right) => right - left).slice(0, judgedRanks);
  const ranked = [...new Set(found)].slice(0, judgedRanks).map((id) => worth.get(id) ?? 0);
  return gain(ranked) / gain(best);
}

async function judge(
  { questions, judged }: Collection,
  ask: Ask,
  cpu: () => Promise<number> | number,
): Promise<{ ndcg: number; cpu: number }> {
  const before = await cpu();
  let sum = 0;
  for (const question of questions) sum += rate(await ask(question), judged.get(question.id) ?? new Map());
  return { ndcg: sum / questions.length, cpu: ((await cpu()) - before) / questions.length };
}

async function ingest(url: string, { name, documents }: Collection): Promise<void> {
  for (let from = 0; from < documents.length; from += batch) {
    const files = documents.slice(from, from + batch).map(({ id, title, text }) => ({
      filename: `${id}.md`,
      content: title ? `# ${title}\n\n${text}` : text,
    }));
    const made = await post(url, '/agent/ingest', { files, document_set: name });
    for (const { task_id: task } of made.documents) await ended(url, task);
  }
}

/** CPU milliseconds of the sessions of a database so far. */
async function cpuOfSessions(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ pid: number }>(
    "select pid from pg_stat_activity where backend_type = 'client backend'",
  );
  return rows.reduce((sum, { pid }) => sum + cpuMs(pid), 0);
}

const ownCpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

function makeMiniSearch(documents: Passage[]): Ask {
  const index = new MiniSearch<Passage>({ fields: ['title', 'text'] });
  index.addAll(documents);
  return ({ text }) =>
    index
      .search(text, { fuzzy: 0.2, prefix: true })
      .slice(0, asked)
      .map(({ id }) => String(id));
}

/** Vectors of the questions by the model that embedded the passages. */
async function embed(url: string, questions: Passage[]): Promise<Map<string, number[]>> {
  const vectors = new Map<string, number[]>();
  for (const { id, text } of questions) {
    const body = { model: 'docent', input: text, input_type: 'query' };
    const { data } = await post(url, '/v1/embeddings', body);
    vectors.set(id, data[0].embedding);
  }
  return vectors;
}

/**
 * Beside what others would use on the same Postgres, passages, vectors and questions: the hybrid search that
 * Supabase documents, and minisearch in this process.
 * @param folder of judged collections, each a folder with `docs.jsonl`, `queries.jsonl` and `qrels.jsonl`
 */
export async function againstSearch(report: Report, folder: string): Promise<void> {
  const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'qrels.jsonl')));
  for (const name of names) await compare(report, readCollection(folder, name));
}

async function compare(report: Report, collection: Collection): Promise<void> {
  const postgres = await ownPostgres();
  if (!postgres) throw new Error('there are no binaries of Postgres with pgvector here');
  const pool = new pg.Pool({ connectionString: postgres.url, max: 1 });
  const service = await start('dist/main.js', {
    DATABASE_URL: postgres.url,
    ANSWER_CACHE_SECONDS: '0',
    READER_DRIVER: 'none',
    RERANK_DRIVER: 'none',
  });
  await service.ready();
  await ingest(service.url, collection);
  await untilEmbedded(pool);
  await makeRecipe(pool);
  const vectors = await embed(service.url, collection.questions);
  const search =
    (mode: string): Ask =>
    async ({ text: prompt }) => {
      const body = { prompt, mode, limit: asked, answer: false, document_set: collection.name };
      const { results } = await post(service.url, '/agent/search', body);
      return (results as { metadata: { filename: string } }[]).map(({ metadata }) =>
        metadata.filename.replace(/\.md$/, ''),
      );
    };
  const recipe: Ask = ({ id, text }) => searchByRecipe(pool, text, vectors.get(id) ?? [], asked);
  const all = async (): Promise<number> => cpuMs(service.pid ?? 0) + (await cpuOfSessions(pool));
  const ways: [string, Ask, () => Promise<number> | number][] = [
    ['docent, words', search('keyword'), all],
    ['docent, hybrid', search('hybrid'), all],
    ['Supabase recipe, hybrid', recipe, () => cpuOfSessions(pool)],
    ['minisearch, words', makeMiniSearch(collection.documents), ownCpu],
  ];
  for (const [name, ask, cpu] of ways) {
    // compiled, and the index in memory built, before it counts
    for (const question of collection.questions.slice(0, 30)) await ask(question);
    const { ndcg, cpu: spent } = await judge(collection, ask, cpu);
    report.note('judged', { collection: collection.name, what: name, 'nDCG@10': ndcg, 'CPU ms': spent });
  }
  await service.stop();
  await pool.end();
  await postgres.stop();
}

/** Vectors come after the words. */
async function untilEmbedded(pool: pg.Pool): Promise<void> {
  for (;;) {
    const { rows } = await pool.query<{ missing: string }>(
      `select count(*) as missing from docent.chunks c
       where not exists (select from docent.emb_1 e where e.chunk_id = c.id)`,
    );
    if (Number(rows[0]?.missing) === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
