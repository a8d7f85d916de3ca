import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Finding } from '../../src/app/cli/doctor/finding.js';
import { bootApp, type TestApp } from '../app.js';
import { runCommand } from '../command-line.js';
import { hasPostgres, startPostgres } from '../postgres.js';
import { ownRedis, redisIsInstalled } from '../redis-server.js';
import { type ScriptedModel, scriptedModel } from '../scripted-llm.js';

interface Report {
  code: number;
  failed: number;
  findings: Finding[];
}

describe('docent doctor', () => {
  let folder: string;
  let models: ScriptedModel;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'docent-doctor-'));
    models = await scriptedModel();
  });
  afterAll(async () => {
    await models.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const quick = { EMBEDDING_DRIVER: 'none', READER_DRIVER: 'none', PORT: '1', HOST: '127.0.0.1' };
  /**
   * Port 1 cannot be listened on by a plain user and is
   * nobody's service: tests that look at the port name another.
   */
  async function examined(env: Record<string, string>, ...options: string[]): Promise<Report> {
    const settings = { DATA_DIR: join(folder, 'data'), ...quick, ...env };
    const { code, out } = await runCommand(['--json', ...options, 'doctor'], settings);
    return { code, ...(JSON.parse(out) as Omit<Report, 'code'>) };
  }
  const about = ({ findings }: Report, check: string): Finding | undefined =>
    findings.find((finding) => finding.check === check);

  it('finds a machine in order, and leaves nothing behind', async () => {
    const report = await examined({ PORT: '0' });
    expect(report).toMatchObject({ code: 0, failed: 0 });
    expect(report.findings.map(({ check, state }) => `${check}: ${state}`)).toEqual([
      'node: ok',
      'settings: ok',
      'data folder: ok',
      'temporary folder: ok',
      'database: ok',
      'port: ok',
    ]);
    expect(about(report, 'data folder')?.message).toMatch(/\d+ MB free, made at the first start$/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('writes one line for each check', async () => {
    const { code, out } = await runCommand(['doctor'], {
      ...quick,
      PORT: '0',
      DATA_DIR: join(folder, 'data'),
    });
    expect(code).toBe(0);
    expect(out).toMatch(/^ok {6} node {14}\d+\.\d+\.\d+, at least \d+\.\d+ is needed\n/);
    expect(out).toMatch(/\nEverything is in order\.\n$/);
  });

  it('shows each mistake of the settings and ends with 78', async () => {
    const report = await examined({ PORT: 'a-port', MODE: 'a-mode' });
    expect(report.code).toBe(78);
    const wrong = report.findings.filter(({ state }) => state === 'failed');
    expect(wrong.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^MODE: /),
      expect.stringMatching(/^PORT: /),
    ]);
    expect(JSON.stringify(report)).not.toMatch(/a-port|a-mode/);
  });

  it('notices a data folder that is a file, and one that cannot be written', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, 'x');
    const report = await examined({ DATA_DIR: file });
    expect([report.code, about(report, 'data folder')]).toEqual([
      1,
      expect.objectContaining({ state: 'failed', message: expect.stringContaining('is no folder') }),
    ]);
    // root may write everywhere
    if (process.getuid?.() !== 0) {
      const closed = join(folder, 'closed');
      mkdirSync(closed);
      chmodSync(closed, 0o500);
      const refused = about(await examined({ DATA_DIR: join(closed, 'data') }), 'data folder');
      expect(refused).toMatchObject({ state: 'failed', message: expect.stringContaining('EACCES') });
    }
    rmSync(file);
  });

  it('notices a port that another program has', async () => {
    const other = createServer((_, response) => void response.end('hello')).listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const report = await examined({ PORT: String(port) });
    other.close();
    expect([report.code, about(report, 'port')]).toEqual([
      1,
      {
        check: 'port',
        state: 'failed',
        message: `${port} of 127.0.0.1 is taken by another program`,
        todo: 'Stop it, or choose another PORT.',
      },
    ]);
  });

  it('names the servers that cannot be reached, with what to do', async () => {
    const report = await examined({
      PORT: '0',
      DATABASE_URL: 'postgres://user:a-secret@127.0.0.1:9/db',
      REDIS_URL: 'redis://127.0.0.1:9',
      S3_BUCKET: 'bucket',
      S3_ENDPOINT: 'http://127.0.0.1:9',
      S3_ACCESS_KEY_ID: 'id',
      S3_SECRET_ACCESS_KEY: 'a-secret',
      OPENAI_API_BASE: 'http://127.0.0.1:9/v1',
      RERANK_URL: 'http://127.0.0.1:9/rerank',
    });
    expect(report.code).toBe(1);
    for (const [check, setting] of [
      ['database', 'DATABASE_URL'],
      ['redis', 'REDIS_URL'],
      ['blob store', 'S3_ENDPOINT'],
      ['model server', 'OPENAI_API_BASE'],
      ['reranker', 'RERANK_URL'],
    ] as const)
      expect(about(report, check)).toMatchObject({ state: 'failed', todo: expect.stringContaining(setting) });
    expect(JSON.stringify(report)).not.toContain('a-secret');
  });

  it('asks the model server for the models that are needed', async () => {
    const settings = { PORT: '0', OPENAI_API_BASE: models.url, OPENAI_MODEL: 'a-model-nobody-has' };
    const report = await examined(settings);
    expect(about(report, 'model server')).toMatchObject({
      state: 'warning',
      message: expect.stringContaining('does not list a-model-nobody-has'),
    });
    models.fault('models', { kind: 'rejected', status: 401 });
    expect(about(await examined(settings), 'model server')).toMatchObject({
      state: 'failed',
      todo: 'Correct OPENAI_API_KEY.',
    });
  });

  it('compares a model with its checksums', async () => {
    const copy = join(folder, 'reader');
    cpSync('models/reader-small-int8', copy, { recursive: true });
    const settings = { PORT: '0', READER_DRIVER: 'local', READER_MODEL_DIR: copy };
    expect(about(await examined(settings), 'reader model')).toMatchObject({ state: 'ok' });
    writeFileSync(join(copy, 'tokenizer.json'), '{}');
    expect(about(await examined(settings), 'reader model')).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('differs in tokenizer.json'),
    });
    rmSync(copy, { recursive: true });
  });

  (hasPostgres() ? it : it.skip)(
    'tells which migrations a database lacks, and migrates nothing',
    async () => {
      const postgres = await startPostgres();
      try {
        const url = (await postgres?.createDatabase()) ?? '';
        const lacking = about(await examined({ PORT: '0', DATABASE_URL: url }), 'database');
        expect(lacking).toMatchObject({
          state: 'warning',
          message: expect.stringMatching(/the schema lacks 0001_schema\.sql, .*functions$/),
          todo: expect.stringContaining('docent migrate'),
        });
        await runCommand(['migrate'], { DATABASE_URL: url });
        const migrated = about(await examined({ PORT: '0', DATABASE_URL: url }), 'database');
        expect(migrated).toMatchObject({ state: 'ok', message: expect.stringContaining('up to date') });
        const wrong = about(await examined({ PORT: '0', DATABASE_URL: `${url}-missing` }), 'database');
        expect(wrong).toMatchObject({
          state: 'failed',
          todo: expect.stringContaining('Create the database'),
        });
      } finally {
        await postgres?.stop();
      }
    },
  );

  (redisIsInstalled ? it : it.skip)('warns of a Redis that forgets', async () => {
    const redis = await ownRedis();
    const found = about(await examined({ PORT: '0', REDIS_URL: redis.url }), 'redis');
    await redis.stop();
    expect(found).toMatchObject({ state: 'warning', todo: expect.stringContaining('Set it to ') });
  });

  describe('of a service that runs', () => {
    let app: TestApp;
    beforeAll(async () => {
      app = await bootApp({ AUTH: 'required', API_KEYS: 'a-key-that-the-doctor-is-given-0001' });
    });
    afterAll(() => app.close());
    const port = () => new URL(app.url).port;

    it('finds it on its port or by name, with its parts where a key is known', async () => {
      const token = { DOCENT_TOKEN: 'a-key-that-the-doctor-is-given-0001' };
      const here = await examined({ PORT: port(), DATA_DIR: app.dataDir, ...token });
      expect(about(here, 'service')).toMatchObject({
        state: 'ok',
        message: expect.stringMatching(/version .* is well$/),
      });
      expect(about(here, 'database')?.message).toBe(`embedded, in use by process ${process.pid}`);
      expect(about(here, 'port')).toBeUndefined();
      const named = await examined({ DOCENT_URL: `127.0.0.1:${port()}` });
      expect(about(named, 'service')?.message).toContain('its parts are shown with a key');
    });

    it('fails for a named service that does not answer', async () => {
      const report = await examined({}, '--url', 'http://127.0.0.1:9');
      expect([report.code, about(report, 'service')]).toEqual([
        1,
        expect.objectContaining({ state: 'failed', message: 'http://127.0.0.1:9 does not answer' }),
      ]);
    });
  });

  it('does not make the data folder', () => expect(existsSync(join(folder, 'data'))).toBe(false));
});
