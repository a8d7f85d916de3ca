import MiniSearch from 'minisearch';
import { Agent, request } from 'undici';
import { cpuMs } from './process-cost.js';
import { median, type Report } from './report.js';
import { ended, post, start } from '../scripts/shared/service.mjs';
import { modelsOff } from './small-documents.js';
import { ZipfText } from './zipf-text.mjs';

const wordsOfPassage = 150;
const passagesOfDocument = 50;
/** Longer words are rarer. */
const minTelling = 5;
const tellingWords = 3;

interface Passage {
  id: string;
  text: string;
}
interface Question {
  prompt: string;
  /** The passage that its words come from. */
  id: string;
}
interface Round {
  /** CPU milliseconds a question. */
  cpu: number;
  /** Mean reciprocal rank of the right passage among the first ten. */
  mrr: number;
}
type Ask = (prompt: string) => string[] | Promise<string[]>;

/**
 * Words of one passage in another order. The collection has them all:
 * a word that it lacks is looked for in the lexicon, which costs more.
 */
function makeQuestion(text: ZipfText, { id, text: content }: Passage): Question {
  const telling = content.split(' ').filter((word) => word.length >= minTelling);
  const words = Array.from({ length: tellingWords }, () => text.pick(telling));
  return { id, prompt: `what is the ${words.join(' ')}?` };
}

async function askAll(questions: Question[], ask: Ask, cpu: () => number): Promise<Round> {
  const before = cpu();
  let sum = 0;
  for (const { prompt, id } of questions) {
    const rank = (await ask(prompt)).indexOf(id);
    if (rank >= 0) sum += 1 / (rank + 1);
  }
  return { cpu: (cpu() - before) / questions.length, mrr: sum / questions.length };
}

async function fill(url: string, passages: Passage[]): Promise<void> {
  for (let from = 0; from < passages.length; from += passagesOfDocument) {
    const part = passages.slice(from, from + passagesOfDocument);
    const content = part.map(({ id, text }) => `# Note ${id}\n\n${text}`).join('\n\n');
    const { documents } = await post(url, '/agent/ingest', { files: [{ filename: `${from}.md`, content }] });
    for (const { task_id: task } of documents) await ended(url, task);
  }
}

// idle sockets are closed here before the service closes them
const dispatcher = new Agent({ connections: 1, keepAliveTimeout: 1000, keepAliveMaxTimeout: 1000 });

/** A search of the service; ids stand in the headings. */
async function searchIn(url: string, prompt: string): Promise<string[]> {
  const { statusCode, body } = await request(`${url}/agent/search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt, mode: 'keyword', limit: 10, answer: false }),
    dispatcher,
  });
  if (statusCode !== 200) throw new Error(`the search answered ${statusCode}`);
  const { results } = (await body.json()) as { results: { metadata: { heading: string | null } }[] };
  return results.map(({ metadata }) => /Note (\S+)$/.exec(metadata.heading ?? '')?.[1] ?? '');
}

function makeMiniSearch(passages: Passage[]): Ask {
  const index = new MiniSearch<Passage>({ fields: ['text'] });
  index.addAll(passages);
  return (prompt) =>
    index
      .search(prompt, { fuzzy: 0.2, prefix: true })
      .slice(0, 10)
      .map(({ id }) => String(id));
}

const ownCpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/**
 * Questions by words that nobody asked before: the service over HTTP on its
 * embedded database, beside minisearch in this process on the same passages.
 */
export async function questions(
  report: Report,
  { passages: count, asked, rounds }: { passages: number; asked: number; rounds: number },
): Promise<void> {
  const text = new ZipfText();
  const passages = Array.from({ length: count }, (_, at) => ({
    id: `p${at}`,
    text: text.passage(wordsOfPassage),
  }));
  const next = (): Question[] => Array.from({ length: asked }, () => makeQuestion(text, text.pick(passages)));
  const service = await start('dist/main.js', {
    ...modelsOff,
    ANSWER_CACHE_SECONDS: '0',
    MAX_FILE_CHUNKS: '100000',
  });
  await service.ready();
  await fill(service.url, passages);
  const [ours, theirs] = [(prompt: string) => searchIn(service.url, prompt), makeMiniSearch(passages)];
  await untilIndexed(service.url, ours);
  // both are compiled before the measurement
  const warm = next();
  await askAll(warm, ours, ownCpu);
  await askAll(warm, theirs, ownCpu);
  const results: { own: Round; mini: Round }[] = [];
  for (let round = 0; round < rounds; round++) {
    const same = next();
    const own = await askAll(same, ours, () => cpuMs(service.pid));
    results.push({ own, mini: await askAll(same, theirs, ownCpu) });
  }
  await service.stop();
  const [own, mini] = (['own', 'mini'] as const).map((who) => ({
    cpu: median(results.map((result) => result[who].cpu)),
    mrr: median(results.map((result) => result[who].mrr)),
  })) as [Round, Round];
  const shared = { scenario: 'questions', beside: 'minisearch in process' };
  report.add({
    ...shared,
    name: 'question, not cached',
    unit: 'CPU ms',
    own: own.cpu,
    limit: mini.cpu,
    ratio: mini.cpu / own.cpu,
  });
  report.add({
    ...shared,
    name: 'right passage',
    unit: 'MRR@10',
    own: own.mrr,
    limit: mini.mrr,
    ratio: own.mrr / mini.mrr,
  });
}

async function untilIndexed(url: string, ask: Ask): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (performance.now() < deadline) {
    await ask('what is the note?');
    if (/^search_index_sets 1$/m.test(await (await fetch(`${url}/metrics`)).text())) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('the index of the search was not built');
}
