import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { loadEnv } from '../../src/config/env.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { SupabaseDatabase } from '../../src/platform/database/supabase.js';
import { bootApp, type TaskAnswer, type TestApp } from '../app.js';
import { eventually } from '../eventually.js';
import { hasPostgres, startPostgres, type TestPostgres } from '../postgres.js';
import { type ScriptedModel, scriptedModel } from '../scripted-llm.js';

type Index = { state: string; progress: number | null; bytes: number; sql: string };

/** One story in order, on Postgres: a space grows past what a search compares one by one. */
(hasPostgres() ? describe : describe.skip)('the index over the vectors of a space', () => {
  let postgres: TestPostgres;
  let server: ScriptedModel;
  let app: TestApp;
  let sql: pg.Pool;
  const index = async (): Promise<Index | undefined> =>
    (await app.call<{ spaces: { index: Index }[] }>('GET', '/agent/spaces')).body.spaces[0]?.index;
  const tasks = async (): Promise<TaskAnswer[]> =>
    (await app.call<{ tasks: TaskAnswer[] }>('GET', '/agent/tasks?type=index_space')).body.tasks;
  const graphs = async (): Promise<number> =>
    (await sql.query(`select from pg_indexes where schemaname = 'docent' and indexdef like '%hnsw%'`))
      .rowCount ?? 0;
  const scanned = (chunks: number) =>
    sql.query(
      `create or replace function docent.scan_limit() returns bigint language sql immutable as 'select ${chunks}::bigint'`,
    );
  const breakIndex = () =>
    sql.query(`update pg_index set indisvalid = false where indexrelid = 'docent.emb_1_graph'::regclass`);
  /** A transaction that has written to the vectors: a build waits until it is over. */
  const writer = async (): Promise<() => Promise<void>> => {
    const client = await sql.connect();
    await client.query('begin; lock table docent.emb_1 in row exclusive mode');
    return async () => {
      await client.query('rollback');
      client.release();
    };
  };

  beforeAll(async () => {
    const found = await startPostgres();
    if (!found) throw new Error('no Postgres');
    postgres = found;
    const url = await postgres.createDatabase();
    server = await scriptedModel();
    sql = new pg.Pool({ connectionString: url, max: 4 });
    sql.on('error', () => undefined);
    app = await bootApp({
      DATABASE_URL: url,
      OPENAI_API_BASE: server.url,
      LLM_DRIVER: 'offline',
      OPENAI_EMBEDDING_DIMENSIONS: '48',
    });
    await app.uploaded({ 'leave.md': 'Annual leave is 25 days a year.', 'tea.md': 'Tea is served at four.' });
  }, 120_000);
  afterAll(async () => {
    await app.close();
    await server.close();
    await sql.end();
    await postgres.stop();
  });

  it('is not built for a space so small that a search compares every vector', async () => {
    expect(await index()).toMatchObject({
      state: 'none',
      bytes: 0,
      sql: expect.stringContaining('create index concurrently emb_1_graph'),
    });
    expect(await tasks()).toEqual([]);
  });

  it('is built once the space is larger, and searches use it', async () => {
    await scanned(1);
    await eventually(async () => expect(await index()).toMatchObject({ state: 'ready' }), 30_000);
    await eventually(async () =>
      expect(await tasks()).toMatchObject([{ status: 'SUCCESS', result: { space: 1 } }]),
    );
    expect(await graphs()).toBe(1);
    const { results } = await app.search('annual leave', { mode: 'vector', answer: false });
    expect(results[0]?.metadata.filename).toBe('leave.md');
  });

  it('replaces the rest of an interrupted build', async () => {
    await breakIndex();
    await eventually(async () => expect(await index()).toMatchObject({ state: 'ready' }), 30_000);
    expect(await graphs()).toBe(1);
  });

  it('is waited for while another connection builds it, and not built twice', async () => {
    const statement = (await index())?.sql ?? '';
    const over = await writer();
    await sql.query(`update pg_class set relname = 'emb_1_old' where oid = 'docent.emb_1_graph'::regclass`);
    await sql.query(`update pg_index set indisvalid = false where indexrelid = 'docent.emb_1_old'::regclass`);
    const other = sql.query(statement);
    await eventually(async () => expect(await index()).toMatchObject({ state: 'building' }), 30_000);
    await over();
    await other;
    await eventually(
      async () => expect((await tasks()).every(({ status }) => status === 'SUCCESS')).toBe(true),
      30_000,
    );
    expect(await index()).toMatchObject({ state: 'ready' });
    await sql.query('drop index docent.emb_1_old');
    expect(await graphs()).toBe(1);
  });

  it('stops when its task is cancelled', async () => {
    const over = await writer();
    const connections = async () =>
      (
        await sql.query(
          `select from pg_stat_activity where application_name = 'docent-index' and state = 'active'`,
        )
      ).rowCount;
    try {
      await breakIndex();
      const building = await eventually(async () => {
        expect(await connections()).toBe(1);
        const running = (await tasks()).find(({ status }) => status === 'STARTED');
        if (!running) throw new Error('no task is running');
        return running.task_id;
      }, 30_000);
      expect((await app.call('POST', `/agent/tasks/${building}/cancel`)).status).toBe(202);
      expect((await app.ended(building)).status).toBe('REVOKED');
      await eventually(async () => expect(await connections()).toBe(0));
    } finally {
      await over();
    }
  }, 60_000);

  it('is left to the operator, with the SQL statement, where the driver cannot build it', async () => {
    const settings = loadEnv({
      DATABASE_DRIVER: 'supabase',
      SUPABASE_URL: 'http://127.0.0.1:9',
      SUPABASE_KEY: 'k'.repeat(40),
    });
    const database = new SupabaseDatabase(settings, new Metrics());
    expect(database.indexes.besideWriters).toBe(false);
    const statement =
      'create index concurrently emb_7_graph on docent.emb_7 using hnsw ((embedding::halfvec(8)) halfvec_ip_ops)';
    await expect(
      database.indexes.build({ id: 7, dimensions: 8 }, AbortSignal.timeout(1000)),
    ).rejects.toMatchObject({
      code: 'conflict',
      detail: expect.stringContaining(statement),
    });
    await database.close();
  });
});
