// Asks a service over HTTP and judges its answers against hand-made gold.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { asList, matches, missingFrom, passageViews } from './gold.mjs';

const readable = /\.(?:md|txt|html?|pdf|docx|xlsx|csv|json|xml)$/i;
/** Characters above which a reader has to look for a right answer. */
const maxReadable = 500;

export function client(url, token) {
  return async (method, path, body) => {
    for (let attempt = 1; ; attempt++) {
      const response = await fetch(url + path, {
        method,
        headers: {
          ...(body && { 'content-type': 'application/json' }),
          ...(token && { authorization: `Bearer ${token}` }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      const busy = response.status === 429 || response.status === 503;
      if (busy && attempt < 5) {
        const seconds = Number(response.headers.get('retry-after') ?? attempt);
        await new Promise((later) => setTimeout(later, 1000 * seconds));
        continue;
      }
      const answer = await response.json();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer.code ?? ''}`);
      return answer;
    }
  };
}

const filesIn = (folder) =>
  readdirSync(folder)
    .sort((left, right) => left.localeCompare(right))
    .flatMap((name) => {
      const path = join(folder, name);
      return statSync(path).isDirectory() ? filesIn(path) : [path];
    });

/** Ingests a folder and waits until every document is ready; names are the paths with `--` for `/`. */
export async function ingest(call, folder, set) {
  const files = filesIn(folder).filter((path) => readable.test(path) && statSync(path).size > 0);
  for (let from = 0; from < files.length; from += 50) {
    const { task_id } = await call('POST', '/agent/ingest', {
      document_set: set,
      files: files.slice(from, from + 50).map((path) => ({
        filename: relative(folder, path).split(/[\\/]/).join('--'),
        content_base64: readFileSync(path).toString('base64'),
      })),
    });
    for (;;) {
      const { status } = await call('GET', `/agent/status/${task_id}?wait=25`);
      if (status === 'SUCCESS') break;
      if (['FAILURE', 'REVOKED'].includes(status))
        throw new Error(`ingesting ${folder} ended with ${status}`);
    }
  }
  return files.length;
}

/** Vectors follow the words: waits until every chunk has one, so that a run does not depend on its speed. */
export async function waitForVectors(call) {
  for (;;) {
    const { spaces } = await call('GET', '/agent/spaces');
    if (spaces.every(({ state, missing }) => state !== 'active' || missing === 0)) return;
    await new Promise((later) => setTimeout(later, 500));
  }
}

export async function ask(call, question, set, limit) {
  const begun = performance.now();
  const answer = await call('POST', '/agent/search', {
    prompt: question.question,
    limit,
    document_set: set,
    ...(question.history && { history: question.history }),
  });
  return { ...judge(question, answer), ms: performance.now() - begun };
}

/** The rank of the passage among the results, and whether the answer is right. */
function judge(question, { answer, answered, results }) {
  const views = results.map(({ content, metadata }) => passageViews({ content, heading: metadata.heading }));
  const ranks = asList(question.passage).map(
    (source) => views.findIndex((view) => matches(view, source)) + 1,
  );
  const rank = ranks.length > 0 && ranks.every((at) => at > 0) ? Math.max(...ranks) : 0;
  const missing = missingFrom(answer, question);
  const outcome = question.answerable
    ? answered
      ? missing.length === 0
        ? 'right'
        : 'wrong'
      : 'refused'
    : answered
      ? 'false'
      : 'kept';
  return { question, answer, answered, rank, missing, outcome, isLong: answer.length > maxReadable };
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** The figures of a list of asked questions. */
export function computeFigures(asked) {
  const answerable = asked.filter(({ question }) => question.answerable);
  const strange = asked.filter(({ question }) => !question.answerable);
  const within = (places) => answerable.filter(({ rank }) => rank > 0 && rank <= places).length;
  const count = (outcome) => asked.filter((one) => one.outcome === outcome).length;
  return {
    questions: answerable.length,
    top1: within(1),
    top3: within(3),
    top5: within(5),
    right: count('right'),
    wrong: count('wrong'),
    refused: count('refused'),
    long: answerable.filter(({ outcome, isLong }) => outcome === 'right' && isLong).length,
    unanswerable: strange.length,
    false: count('false'),
    length: median(asked.filter(({ answered }) => answered).map(({ answer }) => answer.length)),
    ms: Math.round(median(asked.map(({ ms }) => ms))),
  };
}
