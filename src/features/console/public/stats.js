// What `/agent/stats` says, as rows of text.
import { call } from './api.js';
import { $, element } from './dom.js';

const kinds = {
  ingest: 'Ingestion',
  summarize: 'Summaries',
  answer_question: 'Answers',
  check_knowledge_base: 'Knowledge checks',
  delete_set: 'Deletion of sets',
};
const kindOf = (type) => kinds[type] ?? type.replaceAll('_', ' ');

function bytesOf(bytes) {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

function durationOf(ms) {
  if (ms === null || ms === undefined) return '–';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 90_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}

function shareOf({ hits, misses }) {
  return hits + misses === 0
    ? 'not asked yet'
    : `${Math.round((100 * hits) / (hits + misses))} % of ${hits + misses} look-ups`;
}

/** Everything the page shows of it: pairs of name and value, and the rows of two tables. */
export function figuresOf({ documents, chunks, document_sets, queues, last_hour, cache }) {
  const states = ['ready', 'processing', 'queued', 'failed'].filter((state) => documents[state] > 0);
  return {
    counts: [
      [
        'Documents',
        `${documents.total}${states.length > 0 ? `: ${states.map((state) => `${documents[state]} ${state}`).join(', ')}` : ''}`,
      ],
      ['Document sets', String(document_sets)],
      ['Passages', String(chunks)],
      ['Originals', bytesOf(documents.bytes)],
      ['Cache hits', shareOf(cache)],
    ],
    queues: queues.map(({ queue, waiting, running, oldest_seconds, failed }) => [
      queue,
      String(waiting),
      String(running),
      waiting > 0 ? durationOf(oldest_seconds * 1000) : '–',
      String(failed),
    ]),
    lastHour: Object.entries(last_hour).map(
      ([type, { succeeded, failed, run_ms_p50, run_ms_p95, total_ms_p95 }]) => [
        kindOf(type),
        String(succeeded),
        String(failed),
        durationOf(run_ms_p50),
        durationOf(run_ms_p95),
        durationOf(total_ms_p95),
      ],
    ),
  };
}

function fill(id, rows) {
  $(id).replaceChildren(
    ...rows.map((cells) => element('tr', {}, ...cells.map((textContent) => element('td', { textContent })))),
  );
  $(`${id}-table`).hidden = rows.length === 0;
  $(`${id}-none`).hidden = rows.length > 0;
}

/** Asks and shows; what was there before gives way to the reason when it cannot be asked. @throws ApiError */
export async function showStats() {
  try {
    const { counts, queues, lastHour } = figuresOf(await call('GET', '/agent/stats'));
    $('figures').replaceChildren(
      ...counts.map(([name, value]) =>
        element('div', {}, element('dt', { textContent: name }), element('dd', { textContent: value })),
      ),
    );
    fill('queues', queues);
    fill('hour', lastHour);
    $('stats').hidden = false;
    $('stats-error').hidden = true;
  } catch (error) {
    $('stats').hidden = true;
    $('stats-error').textContent = `The figures cannot be read: ${error.message}`;
    $('stats-error').hidden = false;
    throw error;
  }
}
