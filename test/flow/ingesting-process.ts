import 'reflect-metadata';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ParserPool } from '../../src/features/parsing/sandbox/pool.js';
import type { CreatedDocument } from '../../src/platform/database/functions.js';
import { PgliteDatabase } from '../../src/platform/database/pglite.js';
import { CountingEmbedder, ingestionHandlers, upload } from '../ingestion.js';
import { buildWorker } from '../worker.js';

/** Messages of the process to the test that started it. */
export type FromProcess =
  | { type: 'uploaded'; document: CreatedDocument }
  | { type: 'progress'; fraction: number }
  | { type: 'ended'; status: string };

/**
 * A process that ingests on a data directory: `ingesting-process.ts <data directory> [<file to upload>]`.
 * Each text that is embedded goes to `embedded.<pid>` there
 * before it is answered. Runs until it is killed or told to end.
 */
const [dataDir = '', file] = process.argv.slice(2);
const tell = (message: FromProcess): void => void process.send?.(message);
const log = join(dataDir, `embedded.${process.pid}`);
appendFileSync(log, '');

const database = new PgliteDatabase(dataDir);
await database.ready();
const settings = {
  DATA_DIR: dataDir,
  TASK_LEASE_SECONDS: '6',
  EMBEDDING_BATCH_MIN: '16',
  EMBEDDING_BATCH_MAX: '16',
};
const worker = await buildWorker(database, settings);
const pool = new ParserPool({ size: 1, memoryMb: 1024, timeoutMs: 30_000 });
const embedder = new CountingEmbedder(async (texts) => {
  appendFileSync(log, texts.map((text) => `${JSON.stringify(text)}\n`).join(''));
  // The time that a model takes; the test kills in one of these moments.
  await new Promise((resolve) => setTimeout(resolve, 20));
});
worker.events.subscribe(({ notification: { type, status, progress } }) =>
  tell(type === 'ingest_progress' ? { type: 'progress', fraction: progress } : { type: 'ended', status }),
);
if (file)
  tell({
    type: 'uploaded',
    document: await upload(worker, database, 'long.pdf', readFileSync(file), { ring: false }),
  });
await worker.start(ingestionHandlers(worker, database, pool, embedder));
process.on('message', () => {
  void worker
    .stop()
    .then(() => pool.close())
    .then(() => database.close())
    .then(() => process.exit(0));
});
