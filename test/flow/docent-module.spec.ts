import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, type HttpServer, type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import pg from 'pg';
import { AppModule as ExampleModule } from '../../examples/nest-application/app.module.js';
import { ContractsService } from '../../examples/nest-application/contracts.service.js';
import { mount } from '../../src/app/embedded/mount.js';
import { Docent, DocentModule, type DocentModuleOptions } from '../../src/index.js';
import { modelsOff } from '../models-off.js';
import { hasPostgres, startPostgres, type TestPostgres } from '../postgres.js';

const folder = mkdtempSync(join(tmpdir(), 'docent-module-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const quiet = { logger: false, forceCloseConnections: true } as const;
const settings = { PARSER_PROCESSES: '1', SWEEP_INTERVAL_SECONDS: '0.5', ...modelsOff({}) };

@Controller()
class OwnController {
  @Get('health')
  health(): string {
    return 'of the application';
  }
}
const makeAddress = async (app: INestApplication): Promise<string> => {
  await app.listen(0, '127.0.0.1');
  const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
};
function applicationWith(options: DocentModuleOptions): object {
  @Module({ imports: [DocentModule.forRoot(options)], controllers: [OwnController] })
  class Application {}
  return Application;
}

describe('docent as a module of another application', () => {
  const key = 'a-key-for-the-mounted-api-of-docent-01';
  let app: INestApplication;
  let docent: Docent;
  let url: string;
  beforeAll(async () => {
    const options = {
      settings: { ...settings, DATA_DIR: join(folder, 'data'), API_KEYS: key },
      mountAt: '/docent',
    };
    app = await NestFactory.create(applicationWith(options), new FastifyAdapter(), quiet);
    url = await makeAddress(app);
    docent = app.get(Docent);
    await docent.ready;
  });
  afterAll(() => app.close());

  it('ingests, searches, asks and deletes', async () => {
    const file = { filename: 'leave.md', content: '# Leave\n\nEvery employee has 27 days of leave.' };
    const { task_id } = await docent.ingest([file], { documentSet: 'hr', metadata: { year: 2026 } });
    expect(await docent.wait(task_id)).toMatchObject({ status: 'SUCCESS' });
    const { results, answer } = await docent.search('days of leave', { limit: 1 });
    expect([results[0]?.metadata, answer]).toEqual([
      expect.objectContaining({ filename: 'leave.md', document_set: 'hr', year: 2026 }),
      null,
    ]);
    expect(await docent.ask('How many days of leave has every employee?')).toMatchObject({
      answered: true,
      citations: [{ quote: expect.stringContaining('27 days'), verified: true }],
    });
    expect((await docent.ask('How many days of leave?', { documentSets: ['other'] })).answered).toBe(false);
    expect((await docent.search('days of leave', { tenant: 'somebody-else' })).results).toEqual([]);
    expect(await docent.delete('leave.md')).toMatchObject({ documents: 1 });
    await expect(docent.delete('leave.md')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('refuses the inputs that the API refuses', async () => {
    await expect(docent.search('')).rejects.toMatchObject({ code: 'validation_failed' });
    const program = { filename: 'a.pdf', content: 'MZ' };
    await expect(docent.ingest([program])).rejects.toMatchObject({ code: 'content_mismatch' });
    const transaction = { query: () => Promise.resolve({ rows: [] }) };
    const file = { filename: 'a.md', content: 'text' };
    await expect(docent.ingest([file], { transaction })).rejects.toMatchObject({ code: 'conflict' });
  });

  it('serves its API below the mount with its own keys, and nothing else', async () => {
    expect(await (await fetch(`${url}/health`)).text()).toBe('of the application');
    expect((await fetch(`${url}/docent/agent/documents`)).status).toBe(401);
    expect((await fetch(`${url}/docents/agent/documents`)).status).toBe(404);
    const form = new FormData();
    form.append('files', new Blob(['# Tea\n\nTea is served at four.']), 'tea.md');
    const authorization = { authorization: `Bearer ${key}` };
    const uploaded = await fetch(`${url}/docent/agent/upload`, {
      method: 'POST',
      body: form,
      headers: authorization,
    });
    expect(uploaded.status).toBe(202);
    await docent.wait(((await uploaded.json()) as { task_id: string }).task_id);
    const search = await fetch(`${url}/docent/agent/search?`, {
      method: 'POST',
      body: JSON.stringify({ prompt: 'When is tea served?' }),
      headers: { ...authorization, 'content-type': 'application/json' },
    });
    expect(await search.json()).toMatchObject({ answered: true });
  });

  it('does the same as a middleware of Express', async () => {
    type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;
    const chain: Middleware[] = [];
    const adapter = { getType: () => 'express', use: (added: Middleware) => chain.push(added) };
    mount(adapter as unknown as HttpServer, '/a/b', docent.handle);
    const server = createServer((request, response) =>
      chain[0]?.(request, response, () => response.end('of the application')),
    ).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ files: [{ filename: 'a.md', content: 'Text of a.' }] });
    expect((await fetch(`${at}/a/b/agent/ingest`, { method: 'POST', body, headers })).status).toBe(202);
    expect(await (await fetch(`${at}/a/bc`)).text()).toBe('of the application');
    server.closeAllConnections();
    server.close();
  });

  it('needs a key for a mount, and an HTTP server', async () => {
    const open = { settings: { ...settings, DATA_DIR: join(folder, 'open') }, mountAt: '/docent' };
    const withoutServer = NestFactory.createApplicationContext(
      applicationWith({ ...open, settings: { ...open.settings, API_KEYS: key } }),
      {
        logger: false,
        abortOnError: false,
      },
    );
    await expect(withoutServer).rejects.toThrow('mountAt: the application has no HTTP server');
    const wrong = NestFactory.create(applicationWith({ settings: { PORT: 'x' } }), new FastifyAdapter(), {
      logger: false,
      abortOnError: false,
    });
    await expect(wrong).rejects.toThrow(/^PORT: /);
  });
});

(hasPostgres() ? describe : describe.skip)('the example application on its own Postgres', () => {
  let postgres: TestPostgres | undefined;
  let app: INestApplication;
  let pool: pg.Pool;
  let docent: Docent;
  const kept = { DATABASE_URL: process.env['DATABASE_URL'], DATA_DIR: process.env['DATA_DIR'] };
  beforeAll(async () => {
    postgres = await startPostgres();
    process.env['DATABASE_URL'] = await postgres?.createDatabase();
    process.env['DATA_DIR'] = join(folder, 'example');
    app = await NestFactory.create(ExampleModule, new FastifyAdapter(), quiet);
    await app.init();
    pool = app.get(pg.Pool);
    docent = app.get(Docent);
    await docent.ready;
  });
  afterAll(async () => {
    for (const [name, value] of Object.entries(kept))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    await app?.close();
    await postgres?.stop();
  });
  const count = async (table: string): Promise<number> =>
    Number((await pool.query<{ count: string }>(`select count(*) from ${table}`)).rows[0]?.count);

  it('answers from a document that was committed with a row of the application', async () => {
    const contracts = app.get(ContractsService);
    const { id, task_id } = await contracts.create({
      partner: 'Miller & Sons',
      text: 'The contract with Miller & Sons may be ended with 90 days of notice.',
    });
    expect(await docent.wait(task_id)).toMatchObject({ status: 'SUCCESS' });
    const { answer, sources } = await contracts.ask(
      'With how many days of notice may the contract be ended?',
    );
    expect(answer).toContain('90 days');
    expect(sources[0]).toContain(`contract-${id}.md: `);
  });

  it('removes the document when the row is rolled back', async () => {
    const before = [await count('contracts'), await count('docent.documents'), await count('docent.tasks')];
    const client = await pool.connect();
    await client.query('begin');
    await client.query(`insert into contracts (partner) values ('Nobody')`);
    const file = { filename: 'gone.md', content: 'This is rolled back.' };
    const { task_id } = await docent.ingest([file], { transaction: client });
    await client.query('rollback');
    client.release();
    expect([await count('contracts'), await count('docent.documents'), await count('docent.tasks')]).toEqual(
      before,
    );
    await expect(docent.task(task_id)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('shows nothing before the commit, and ingests after it', async () => {
    const client = await pool.connect();
    await client.query('begin');
    const file = { filename: 'later.md', content: '# Later\n\nLater is the word of the day.' };
    const { task_id } = await docent.ingest([file], { transaction: client });
    await expect(docent.task(task_id)).rejects.toMatchObject({ code: 'not_found' });
    await client.query('commit');
    client.release();
    expect(await docent.wait(task_id, { seconds: 60 })).toMatchObject({ status: 'SUCCESS' });
  });

  it('uses only connections of the pool, and leaves the pool open', async () => {
    const { rows } = await pool.query<{ n: string }>(
      `select count(*) as n from pg_stat_activity where datname = current_database() and application_name like 'docent%'`,
    );
    expect(rows).toEqual([{ n: '0' }]);
    await docent.onModuleDestroy();
    expect(await count('contracts')).toBeGreaterThan(0);
  });
});
