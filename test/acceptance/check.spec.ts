import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hasPostgres, startPostgres } from '../postgres.js';
import { ownRedis, redisIsInstalled } from '../redis-server.js';

interface Report {
  drivers: Record<string, string>;
  versions: Record<string, string>;
  limits: Record<string, number>;
  warnings: string[];
  servers: { name: string; state: string }[];
  service: unknown;
}
const key = 'a-bootstrap-key-that-check-never-prints';

describe('docent check', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'docent-check-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Port 1 is nobody's, so that no service on this machine answers. */
  const check = (
    env: Record<string, string>,
    ...options: string[]
  ): Promise<{ code: number | null; out: string; err: string }> => {
    const child = spawn(process.execPath, ['bin/docent.mjs', ...options, 'check'], {
      env: { PATH: process.env['PATH'], DATA_DIR: join(folder, 'data'), PORT: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
    child.stderr.on('data', (piece: Buffer) => (err += piece.toString()));
    return new Promise((resolve) => child.once('exit', (code) => resolve({ code, out, err })));
  };
  const reported = async (env: Record<string, string>): Promise<Report & { code: number | null }> => {
    const { code, out } = await check(env, '--json');
    return { code, ...(JSON.parse(out) as Report) };
  };

  it('prints drivers, versions and limits of the service without starting it', async () => {
    const report = await reported({
      AUTH: 'required',
      API_KEYS: key,
      MAX_FILE_SIZE: '12345',
      QUOTA_DOCUMENTS: '7',
      TASK_TIMELIMIT: '1',
    });
    expect(report).toMatchObject({
      code: 0,
      drivers: {
        mode: 'all',
        auth: 'required',
        database: 'pglite',
        queue: 'embedded',
        blobs: 'local',
        embedding: 'local',
        llm: 'offline',
      },
      versions: {
        docent: '0.1.0',
        node: expect.stringMatching(/^\d+\.\d+/),
        pglite: expect.stringMatching(/^\d+\.\d+/),
      },
      limits: {
        MAX_FILE_SIZE: 12_345,
        QUOTA_DOCUMENTS: 7,
        RATE_LIMIT_MAX_REQUESTS: 100,
        API_MAX_CONNECTIONS: 1000,
        TASK_TIME_LIMIT: 3600,
      },
      warnings: expect.arrayContaining([
        'TASK_TIMELIMIT is set, but there is no such setting; did you mean TASK_TIME_LIMIT?',
      ]),
      service: null,
    });
    expect(existsSync(join(folder, 'data'))).toBe(false);
    const { out } = await check({ AUTH: 'required', API_KEYS: key });
    expect(out).toMatch(
      /drivers\n[\s\S]* database +pglite[\s\S]*versions\n[\s\S]*limits\n[\s\S]* MAX_FILE_SIZE +104857600/,
    );
    expect(out).not.toContain(key);
  }, 60_000);

  it('ends with 78 and one line for each mistake, without the values', async () => {
    const { code, out, err } = await check({
      PORT: 'secret-value',
      MODE: 'secret-value',
      HOST: '0.0.0.0',
      API_KEYS: 'changeme',
    });
    expect([code, out]).toEqual([78, '']);
    expect(err.match(/^ {2}[A-Z_]+: .+$/gm)).toEqual([
      expect.stringContaining('MODE: '),
      expect.stringContaining('PORT: '),
      expect.stringContaining('API_KEYS: '),
    ]);
    expect(err).not.toMatch(/secret-value|changeme/);
    const contradiction = await check({ HOST: '0.0.0.0', AUTH: 'none', API_KEYS: 'changeme' });
    expect([contradiction.code, contradiction.err.match(/^ {2}(HOST|API_KEYS): /gm)]).toEqual([
      78,
      ['  HOST: ', '  API_KEYS: '],
    ]);
  }, 60_000);

  it('ends with 1 when a server that is named cannot be reached', async () => {
    const report = await reported({
      DATABASE_URL: 'postgres://u:p@127.0.0.1:9/db',
      REDIS_URL: 'redis://127.0.0.1:9',
    });
    expect([report.code, report.servers]).toEqual([
      1,
      [
        { name: 'database', state: 'down', message: 'cannot be reached' },
        { name: 'redis', state: 'down', message: 'cannot be reached' },
      ],
    ]);
  }, 60_000);

  (hasPostgres() && redisIsInstalled ? it : it.skip)(
    'asks the servers that are named for their versions and changes nothing there',
    async () => {
      const [postgres, redis] = [await startPostgres(), await ownRedis()];
      try {
        const url = await postgres?.createDatabase();
        const report = await reported({ DATABASE_URL: url ?? '', REDIS_URL: redis.url });
        expect(report).toMatchObject({
          code: 0,
          drivers: { database: 'pg', queue: 'bull' },
          versions: {
            postgres: expect.stringMatching(/^\d+\.\d+/),
            pgvector: expect.stringMatching(/^0\.\d+/),
            redis: expect.stringMatching(/^\d+\./),
          },
        });
        const wrong = await check({ DATABASE_URL: `${url}-that-is-not-there` });
        expect([wrong.code, wrong.err]).toEqual([
          78,
          expect.stringContaining('DATABASE_URL: there is no such database'),
        ]);
      } finally {
        await redis.stop();
        await postgres?.stop();
      }
    },
    120_000,
  );
});
