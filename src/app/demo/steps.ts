import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { SearchResponse } from '../../features/answers/answers.dto.js';
import { hasEnded, type ApiClient, type TaskView } from '../cli/client.js';
import { receiptText, summarize } from '../cli/commands/documents.js';
import { collectFiles } from '../cli/files.js';
import { ingestFiles, type IngestOutcome } from '../cli/ingest.js';
import { printable, sourceLines, type Output } from '../cli/output.js';
import { progressView } from '../cli/progress.js';
import { TaskWatch } from '../cli/watch.js';
import { deleted, questions, summarized, updated, type DemoQuestion } from './questions.js';

/** The inputs of the demo, and its claims. */
export interface Demo {
  client: ApiClient;
  output: Output;
  /** Folder of the sample documents. */
  samples: string;
  /** Prints whether `claim` held; one that did not makes the demo fail. */
  check(holds: boolean, claim: string): void;
}

/** Brings the samples in, a bar for each. */
export async function ingestSamples({ client, output, samples, check }: Demo): Promise<IngestOutcome[]> {
  const { files: documents } = await collectFiles([samples]);
  const view = progressView(documents.length, false, process.stdout);
  const watch = new TaskWatch(client, view);
  const outcomes = await ingestFiles(client, documents, { wait: true, watch }, view);
  output.line();
  check(
    outcomes.length >= 10 && outcomes.every(({ status }) => status === 'ready'),
    `${outcomes.length} documents are ready`,
  );
  check(watch.heard > 0, `progress came over Socket.IO (${watch.heard} events)`);
  const pages = outcomes.map(({ task }) => (task?.result as { pages?: number | null } | null)?.pages ?? 0);
  check(Math.max(...pages) >= 20, `one of them has ${Math.max(...pages)} pages`);
  check(await waitForVectors(client), 'every passage can be found by its meaning');
  return outcomes;
}

const maxWaitForVectorsMs = 300_000;

/**
 * Documents are ready before the local model has embedded them. A busy machine needs some seconds for that, and
 * the answers of the demo shall not depend on it.
 */
async function waitForVectors(client: ApiClient): Promise<boolean> {
  const deadline = Date.now() + maxWaitForVectorsMs;
  for (;;) {
    const { spaces } = await client.json<{ spaces: { missing: number }[] }>('GET', '/agent/spaces');
    if (spaces.every(({ missing }) => missing === 0)) return true;
    if (Date.now() > deadline) return false;
    await setTimeout(200);
  }
}

async function ask({ client, output }: Demo, prompt: string): Promise<SearchResponse> {
  const response = await client.search({ prompt });
  output.line(`\n  ? ${prompt}`);
  output.line(
    `  ${
      response.answered
        ? printable(response.answer ?? '')
            .trim()
            .replace(/\s*\n\s*/g, '\n  ')
        : '(no answer in the documents)'
    }`,
  );
  for (const line of sourceLines(response)) output.line(line);
  return response;
}

/** True when a verified citation of `question` names the right place. */
function isCited({ citations, results }: SearchResponse, { filename, page, heading }: DemoQuestion): boolean {
  return citations.some(({ result, verified }) => {
    const source = results[result]?.metadata;
    const covers =
      page === undefined ||
      (source?.page != null && source.page <= page && page <= (source.page_end ?? source.page));
    return (
      verified && source?.filename === filename && covers && (heading?.test(source.heading ?? '') ?? true)
    );
  });
}

const holds = ({ answer, citations }: SearchResponse, fact: RegExp): boolean =>
  fact.test([answer, ...citations.map(({ quote }) => quote)].join('\n').replace(/\s+/g, ' '));

export async function askQuestions(demo: Demo): Promise<void> {
  for (const question of questions) {
    const response = await ask(demo, question.ask);
    const place =
      question.page === undefined ? question.filename : `${question.filename}, page ${question.page}`;
    demo.check(
      response.answered && holds(response, question.fact) && isCited(response, question),
      `the answer is right and quotes ${place}`,
    );
  }
}

export async function summarizeOne({ client, output, check }: Demo): Promise<void> {
  const summary = await summarize({ client, output }, summarized.filename);
  output.line(`  ${printable(summary).replace(/\s*\n\s*/g, '\n  ')}`);
  check(
    summarized.facts.every((fact) => fact.test(summary)),
    `the summary of ${summarized.filename} tells what happened`,
  );
}

/** Puts other bytes under the same name and asks again. */
export async function updateOne(demo: Demo): Promise<void> {
  const { client, samples, check } = demo;
  const before = await ask(demo, updated.ask);
  const text = await readFile(join(samples, updated.filename), 'utf8');
  const body = text.replaceAll(updated.before, updated.after);
  const { task_id } = await client.json<{ task_id: string }>(
    'PUT',
    `/agent/documents/default/${updated.filename}`,
    { body },
  );
  const task = await client.ended(task_id);
  demo.output.line(
    `\n  ${updated.filename} now says ${updated.after}; version 2 is ready after ${milliseconds(task)} ms`,
  );
  const after = await ask(demo, updated.ask);
  const says = (response: SearchResponse, words: string) => holds(response, new RegExp(words));
  check(
    says(before, updated.before) && says(after, updated.after) && !says(after, updated.before),
    'the answer changed with the document',
  );
}

/** Deletes a document and asks for what stood in it. */
export async function deleteOne(demo: Demo): Promise<void> {
  const { client, output, check } = demo;
  const before = await ask(demo, deleted.ask);
  const { deleted: receipt } = await client.remove(deleted.filename);
  output.line(`\n  ${deleted.filename}: ${receiptText(receipt)}`);
  const after = await ask(demo, deleted.ask);
  const gone = !after.results.some(({ metadata }) => metadata.filename === deleted.filename);
  check(
    holds(before, deleted.fact) && gone && !holds(after, deleted.fact),
    'the deleted document no longer answers',
  );
  check(
    receipt.documents === 1 && receipt.chunks > 0 && receipt.blobs > 0,
    'the receipt counts the deleted rows',
  );
}

const milliseconds = (task: TaskView): number =>
  Math.round(Object.values(task.stages).reduce((sum, ms) => sum + ms, 0));

const pipeline = ['download', 'parse', 'chunk', 'embed', 'index', 'publish'];

/** Prints the time of each stage, a line for each document. */
export function printStages({ output }: Demo, outcomes: IngestOutcome[]): void {
  const tasks = outcomes.flatMap(({ task }) => (task && hasEnded(task) ? [task] : []));
  const stages = pipeline.filter((stage) => tasks.some((task) => stage in task.stages));
  output.table([
    ['  DOCUMENT', ...stages.map((stage) => `${stage} ms`), 'all ms'],
    ...tasks.map((task) => [
      `  ${task.filename ?? ''}`,
      ...stages.map((stage) => Math.round(task.stages[stage] ?? 0)),
      milliseconds(task),
    ]),
  ]);
}
