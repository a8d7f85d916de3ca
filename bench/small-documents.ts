import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ownPostgres } from '../test/postgres.js';
import { cpuMs } from './process-cost.js';
import { median, type Report } from './report.js';
import { post, start } from '../scripts/shared/service.mjs';
import { smallFiles } from './text.mjs';

/** Vectors are made later, when the words of a document are already searchable: they are not counted. */
export const modelsOff = { EMBEDDING_DRIVER: 'none', READER_DRIVER: 'none', RERANK_DRIVER: 'none' };

interface Cost {
  rate: number;
  cpu: number;
}

async function byHand(folder: string, count: number, round: number): Promise<Cost> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    'bench/by-hand.mjs',
    folder,
    String(count),
    String(round),
  ]);
  return JSON.parse(stdout) as Cost;
}

interface Service {
  url: string;
  pid: number;
}

/** From the first byte of the upload to the last searchable document; each upload has twenty files. */
async function byService(
  { url, pid }: Service,
  files: { filename: string; content: string }[],
): Promise<Cost> {
  const before = cpuMs(pid);
  const begun = performance.now();
  for (let from = 0; from < files.length; from += 20)
    await post(url, '/agent/ingest', { files: files.slice(from, from + 20) });
  await untilSearchable(url);
  const seconds = (performance.now() - begun) / 1000;
  return { rate: files.length / seconds, cpu: (cpuMs(pid) - before) / files.length };
}

/** Waits until no document is queued or read. */
export async function untilSearchable(url: string): Promise<void> {
  while (await waiting(url)) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function waiting(url: string): Promise<boolean> {
  const states = await Promise.all(
    ['queued', 'processing'].map(async (status) => {
      const response = await fetch(`${url}/agent/documents?limit=1&status=${status}`);
      return ((await response.json()) as { documents: unknown[] }).documents.length;
    }),
  );
  return states.some((count) => count > 0);
}

/**
 * Documents of one chunk a second, on the embedded database
 * beside PGlite alone, and on Postgres where there is one.
 */
export async function smallDocuments(
  report: Report,
  { count, rounds }: { count: number; rounds: number },
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'docent-bench-small-'));
  const own = await start('dist/main.js', modelsOff);
  await own.ready();
  await byService(own, smallFiles(count, 0));
  const costs: { own: Cost[]; hand: Cost[] } = { own: [], hand: [] };
  for (let round = 1; round <= rounds; round++) {
    costs.own.push(await byService(own, smallFiles(count, round)));
    costs.hand.push(await byHand(folder, count, round));
  }
  await own.stop();
  rmSync(folder, { recursive: true, force: true });
  const [ownCpu, handCpu] = [
    median(costs.own.map(({ cpu }) => cpu)),
    median(costs.hand.map(({ cpu }) => cpu)),
  ];
  report.add({
    scenario: 'ingestion',
    name: 'small documents',
    unit: 'CPU ms',
    own: ownCpu,
    beside: 'PGlite by hand',
    limit: handCpu,
    ratio: handCpu / ownCpu,
  });
  report.note('ingestion', {
    'documents/s': median(costs.own.map(({ rate }) => rate)),
    'by hand/s': median(costs.hand.map(({ rate }) => rate)),
  });
  await onPostgres(report, count);
}

async function onPostgres(report: Report, count: number): Promise<void> {
  const postgres = await ownPostgres();
  if (!postgres) return;
  const own = await start('dist/main.js', { ...modelsOff, DATABASE_URL: postgres.url });
  await own.ready();
  await byService(own, smallFiles(count, 0));
  const measured = [];
  for (let round = 1; round <= 3; round++) measured.push(await byService(own, smallFiles(count, round)));
  report.note('ingestion', {
    'Postgres, documents/s': median(measured.map(({ rate }) => rate)),
    'CPU ms without Postgres': median(measured.map(({ cpu }) => cpu)),
  });
  await own.stop();
  await postgres.stop();
}
