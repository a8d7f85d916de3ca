import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigurationError } from '../../src/config/env.js';
import { PgliteDatabase } from '../../src/platform/database/pglite.js';
import { eventually } from '../eventually.js';
import { claim, createTask, ingested } from '../rows.js';

// an engine takes seconds to open, more on a busy machine
jest.setTimeout(120_000);

/** A process of its own that writes numbers into the audit log and prints each one that was answered. */
const writer = `
import { Worker } from 'node:worker_threads';
const worker = new Worker(${JSON.stringify(fileURLToPath(new URL('../../src/platform/database/pglite-worker.ts', import.meta.url)))}, {
  workerData: { dataDir: process.argv[2] },
});
worker.on('message', ({ id, error }) => {
  if (error) throw new Error(error.message);
  if (id > 0) console.log(id);
  worker.postMessage({ id: id + 1, kind: 'query', values: [],
    text: "select docent_api.append_audit('t', 's', 'n" + (id + 1) + "', null, '{}', null)" });
});
`;

describe('pglite on a directory', () => {
  let directory: string;
  let database: PgliteDatabase | undefined;
  const open = async (): Promise<PgliteDatabase> => {
    database = new PgliteDatabase(directory);
    await database.ready();
    return database;
  };
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'docent-pglite-'));
  });
  afterEach(async () => {
    await database?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('keeps everything after it was closed', async () => {
    const first = await open();
    const id = await ingested(first, 't', 'a.txt', ['one']);
    await first.close();
    const second = await open();
    expect(await second.migrate()).toEqual({ applied: [] });
    expect(await second.call('get_document', { tenant: 't', id })).toMatchObject({
      filename: 'a.txt',
      status: 'ready',
    });
  });

  it('loses nothing that was acknowledged when its process is killed while it writes', async () => {
    await (await open()).close();
    const script = join(directory, 'writer.mjs');
    writeFileSync(script, writer);
    const child = spawn(process.execPath, [script, join(directory, 'pgdata')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    let output = '';
    child.stdout.on('data', (text: Buffer) => (output += text.toString()));
    await eventually(() => expect(output.split('\n').length).toBeGreaterThan(100), 20_000);
    child.kill('SIGKILL');
    await ended;
    const answered = output.trim().split('\n').length;
    const rows = await (await open()).session().run(`select action from docent.audit_log`);
    const found = new Set(rows.map(({ action }) => action));
    expect(
      Array.from({ length: answered }, (_, n) => `n${n + 1}`).filter((action) => !found.has(action)),
    ).toEqual([]);
    expect(found.size).toBeLessThanOrEqual(answered + 1);
  });

  it('creates a database again only when its first creation was killed', async () => {
    mkdirSync(join(directory, 'pgdata', 'base'), { recursive: true });
    writeFileSync(join(directory, 'pgdata', 'PG_VERSION'), '18');
    writeFileSync(join(directory, 'pgdata.unfinished'), '');
    const task = await createTask(await open(), 't');
    await database?.close();
    expect(existsSync(join(directory, 'pgdata.unfinished'))).toBe(false);
    await claim(await open(), task);
  });

  it('is unpacked from the archive of the build, with the schema in it', async () => {
    const began = new Date();
    const [row] = await (await open()).session().run('select max(applied_at) as at from docent.migrations');
    expect(Number(row?.['at'])).toBeLessThan(Number(began));
  });

  it('reports in one line a database that cannot be opened, and does not change it', async () => {
    await (await open()).close();
    const control = join(directory, 'pgdata', 'global', 'pg_control');
    writeFileSync(control, 'x'.repeat(8192));
    await expect(open()).rejects.toThrow(ConfigurationError);
    await expect(open()).rejects.toThrow(
      /^DATA_DIR: the database in pgdata cannot be opened \(.+\); restore it from a backup, or move pgdata away/,
    );
    expect(readFileSync(control, 'utf8')).toBe('x'.repeat(8192));
  });

  it('refuses a second database on the same directory in one clear line', async () => {
    await open();
    const second = new PgliteDatabase(directory);
    await expect(second.ready()).rejects.toThrow(ConfigurationError);
    await expect(second.ready()).rejects.toThrow(
      /^DATA_DIR: process \d+ is already running on this data directory/,
    );
    await second.close();
    await expect(database?.ping()).resolves.toBeUndefined();
  });

  it('restarts by itself when its engine dies, with all written data', async () => {
    const held = await open();
    const task = await createTask(held, 't');
    const worker = Reflect.get(held, 'worker') as { terminate(): Promise<number> };
    const lost = held.call('stats', { tenant: 't' });
    void worker.terminate();
    await expect(lost).rejects.toMatchObject({ code: 'database_unavailable' });
    await eventually(() => claim(held, task), 60_000);
  });
});

describe('pglite in memory', () => {
  let database: PgliteDatabase;
  beforeEach(() => {
    database = new PgliteDatabase('memory:');
  });
  afterEach(() => database.close());

  it('answers others while a long query keeps its engine busy', async () => {
    await database.ready();
    let turns = 0;
    const turn = setInterval(() => (turns += 1), 1);
    const [row] = await database.session().run('select count(*)::int as n from generate_series(1, 2000000)');
    clearInterval(turn);
    expect(row).toEqual({ n: 2_000_000 });
    expect(turns).toBeGreaterThan(20);
  });

  it('accepts calls while it opens, and none once it is closed', async () => {
    const early = await eventually(() => database.call('versions', {}), 60_000);
    expect(early.migrations).toBeGreaterThan(0);
    await database.close();
    await expect(database.call('versions', {})).rejects.toMatchObject({ code: 'database_unavailable' });
  });

  it('is closed at once while it still opens', async () => {
    const opening = expect(database.ready()).rejects.toMatchObject({ code: 'database_unavailable' });
    await database.close();
    await opening;
  });

  it('keeps calls out of a migration', async () => {
    await database.ready();
    await database.session().run(`update docent.function_library set hash = 'older'`);
    const [report, ...tasks] = await Promise.all([
      database.migrate(),
      createTask(database, 't'),
      createTask(database, 't'),
    ]);
    expect(report).toEqual({ applied: ['functions'] });
    expect(tasks).toHaveLength(2);
  });
});
