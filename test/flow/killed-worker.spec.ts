import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ChunkRow, CreatedDocument } from '../../src/platform/database/functions.js';
import { PgliteDatabase } from '../../src/platform/database/pglite.js';
import { findDocument, readTask } from '../ingestion.js';
import { buildPdf } from '../pdf.js';
import type { FromProcess } from './ingesting-process.js';

const pages = 300;
const page = (number: number): string[] =>
  Array.from(
    { length: 40 },
    (_unused, line) => `Page ${number} line ${line}: each line of this report says something of its own.`,
  );

describe('a worker that is killed', () => {
  let dataDir: string;
  const children: ChildProcess[] = [];
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'docent-killed-'));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await rm(dataDir, { recursive: true, force: true });
  });

  function start(...args: string[]): ChildProcess {
    const child = fork('test/flow/ingesting-process.ts', [dataDir, ...args], {
      execArgv: ['--import', './test/run-typescript.mjs'],
    });
    children.push(child);
    return child;
  }

  async function heard<T extends FromProcess['type']>(
    child: ChildProcess,
    type: T,
    wanted: (message: Extract<FromProcess, { type: T }>) => boolean = () => true,
  ): Promise<Extract<FromProcess, { type: T }>> {
    return new Promise((resolve, reject) => {
      child.on('message', (message: FromProcess) => {
        const found = message as Extract<FromProcess, { type: T }>;
        if (message.type === type && wanted(found)) resolve(found);
      });
      child.once('exit', (code) => reject(new Error(`the process ended with ${code} before it was ${type}`)));
    });
  }

  const embeddedBy = async (child: ChildProcess): Promise<string[]> =>
    (await readFile(join(dataDir, `embedded.${child.pid}`), 'utf8')).split('\n').filter(Boolean);

  async function withDatabase<T>(look: (database: PgliteDatabase) => Promise<T>): Promise<T> {
    const database = new PgliteDatabase(dataDir);
    try {
      await database.ready();
      return await look(database);
    } finally {
      await database.close();
    }
  }

  async function readChunks(database: PgliteDatabase, document: CreatedDocument): Promise<ChunkRow[]> {
    const chunks: ChunkRow[] = [];
    for (let after = -1; ;) {
      const more = await database.call('list_chunks', {
        tenant: 'default',
        sets: null,
        document_id: document.id,
        after_ordinal: after,
        limit: 200,
      });
      chunks.push(...more);
      after = more.at(-1)?.ordinal ?? after;
      if (more.length < 200) return chunks;
    }
  }

  it('is replaced by one that continues after the last batch and embeds no chunk twice', async () => {
    const file = join(dataDir, 'long.pdf');
    await writeFile(file, buildPdf(Array.from({ length: pages }, (_unused, number) => page(number + 1))));
    const first = start(file);
    const { document } = await heard(first, 'uploaded');
    await heard(first, 'progress', ({ fraction }) => fraction > 0.65);
    first.kill('SIGKILL');
    await once(first, 'exit');

    const staged = await withDatabase(async (database) => {
      expect(await readTask(database, document.task_id)).toMatchObject({ status: 'running' });
      return database.call('staged_ordinals', { tenant: 'default', document_id: document.id, version: 1 });
    });
    const before = await embeddedBy(first);
    expect(staged).toEqual([...staged.keys()]);
    expect(staged.length).toBeGreaterThan(100);
    expect(before.length).toBeGreaterThanOrEqual(staged.length);

    const second = start();
    expect(await heard(second, 'ended')).toMatchObject({ status: 'completed' });
    second.send('end');
    await once(second, 'exit');
    const after = await embeddedBy(second);
    await withDatabase(async (database) => {
      const chunks = await readChunks(database, document);
      expect(chunks.map(({ ordinal }) => ordinal)).toEqual([...chunks.keys()]);
      const text = chunks.map(({ content }) => content).join('\n');
      for (let number = 1; number <= pages; number++) {
        for (const line of page(number)) expect(text.includes(line)).toBe(true);
      }
      expect([chunks[0]?.page, chunks.at(-1)?.page_end]).toEqual([1, pages]);
      expect(after).toHaveLength(chunks.length - staged.length);
      const done = new Set(before.slice(0, staged.length));
      expect(after.filter((input) => done.has(input))).toEqual([]);
      expect(await findDocument(database, document.id)).toMatchObject({
        status: 'ready',
        pages,
        chunk_count: chunks.length,
      });
      expect(await readTask(database, document.task_id)).toMatchObject({
        status: 'succeeded',
        attempts: 1,
        losses: 1,
      });
    });
    expect((await readdir(tmpdir())).filter((name) => name.includes(`~${second.pid}~`))).toEqual([]);
  }, 180_000);
});
