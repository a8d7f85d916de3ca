import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bootApp, type TestApp } from '../app.js';
import { scriptedModel, type ScriptedModel } from '../scripted-llm.js';
import { hasPostgres, postgresProgram, startPostgres, type TestPostgres } from '../postgres.js';

const hasDump =
  spawnSync(postgresProgram('pg_dump'), ['--version']).status === 0 &&
  spawnSync(postgresProgram('pg_restore'), ['--version']).status === 0;

function run(command: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
}

(hasPostgres() && hasDump ? describe : describe.skip)('a backup', () => {
  let postgres: TestPostgres;
  let directory: string;
  let models: ScriptedModel;
  const apps: TestApp[] = [];
  const start = async (url: string, dataDir: string): Promise<TestApp> => {
    const embedding = {
      OPENAI_API_BASE: models.url,
      LLM_DRIVER: 'offline',
      OPENAI_EMBEDDING_MODEL: 'scripted',
      OPENAI_EMBEDDING_DIMENSIONS: '64',
    };
    const app = await bootApp({ DATABASE_URL: url, DATA_DIR: dataDir, ...embedding });
    apps.push(app);
    return app;
  };
  beforeAll(async () => {
    postgres = await startPostgres();
    models = await scriptedModel();
    directory = mkdtempSync(join(tmpdir(), 'docent-backup-'));
  }, 180_000);
  afterAll(async () => {
    for (const app of apps) await app.close();
    await models.close();
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('made as the runbook says, gives the same answers and files after it is restored', async () => {
    const [source, target] = [await postgres.createDatabase(), await postgres.createDatabase()];
    const before = await start(source, join(directory, 'data'));
    await before.uploaded({
      'leave.md': '# Leave\n\nEverybody has 28 days of leave a year, and takes ten of them in a row.',
      'travel.md': '# Travel\n\nWhoever travels by night train is paid a sleeping berth of the second class.',
    });
    const questions = ['how many days of leave', 'sleeping berth in a night train'];
    const readAnswers = async (app: TestApp) => {
      const found = [];
      for (const question of questions)
        found.push(
          (await app.search(question)).results.map(({ id, content, score }) => ({ id, content, score })),
        );
      const byVector = await app.search(questions[0] ?? '', { mode: 'vector', answer: false });
      return [...found, byVector.results.map(({ id, content, score }) => ({ id, content, score }))];
    };
    const expected = await readAnswers(before);
    expect(expected.map(([first]) => first?.content)).toEqual([
      expect.stringContaining('28 days'),
      expect.stringContaining('second class'),
      expect.any(String),
    ]);

    const dump = join(directory, 'docent.dump');
    run(postgresProgram('pg_dump'), '--format=custom', '--no-owner', `--file=${dump}`, source);
    cpSync(join(directory, 'data', 'blobs'), join(directory, 'restored', 'blobs'), { recursive: true });
    run(postgresProgram('pg_restore'), '--no-owner', '--exit-on-error', `--dbname=${target}`, dump);

    const after = await start(target, join(directory, 'restored'));
    expect(await readAnswers(after)).toEqual(expected);
    const file = await fetch(`${after.url}/agent/files/default/leave.md`);
    expect(await file.text()).toContain('takes ten of them in a row');
    await after.uploaded({ 'later.md': 'A document that comes after the restoration, about the canteen.' });
    expect((await after.search('canteen')).results[0]?.content).toContain('canteen');
  }, 120_000);
});
