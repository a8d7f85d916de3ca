import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { loadEnv } from '../../src/config/env.js';
import type { Database } from '../../src/platform/database/database.js';
import type { Arguments, FunctionName } from '../../src/platform/database/functions.js';
import { PgDatabase } from '../../src/platform/database/pg.js';
import { PgliteDatabase } from '../../src/platform/database/pglite.js';
import { WatchedDatabase } from '../../src/platform/database/watched.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { eventually } from '../eventually.js';
import { hasPostgres, startPostgres, type TestPostgres } from '../postgres.js';
import { createTask } from '../rows.js';

const rows = 50_000;
const firstPage = { tenant: 'acme', limit: 51 };
const middle = { before_at: '2026-01-01T00:00:00Z', before_id: '00000000-0000-7000-8000-000000000000' };

interface SlowLine {
  msg: string;
  function: string;
  plan?: string;
}

async function slowLines(
  database: Database,
  work: (watched: Database) => Promise<unknown>,
  wanted: number,
): Promise<SlowLine[]> {
  const lines: SlowLine[] = [];
  const keep = (line: SlowLine): void => void lines.push(line);
  const drop = (): void => undefined;
  // the plan follows at debug
  Logger.overrideLogger({ log: drop, error: drop, warn: keep, debug: keep } as never);
  try {
    await work(new WatchedDatabase(database, new Metrics(), 0));
    await eventually(() => expect(lines).toHaveLength(wanted));
    return lines;
  } finally {
    Logger.overrideLogger(['fatal']);
  }
}

async function logsFunctionAndPlan(database: Database): Promise<void> {
  const lines = await slowLines(
    database,
    async (watched) => {
      await watched.call('list_documents', { ...firstPage, q: "o'zanzibar" });
      await watched.call('list_documents', firstPage);
      await createTask(watched, 'acme');
    },
    4,
  );
  const of = (name: string) => lines.filter((line) => line.function === name);
  // once in five minutes, or what is slow would be done twice all day
  expect(of('list_documents').filter((line) => line.plan !== undefined)).toHaveLength(1);
  const plan = of('list_documents').find((line) => line.plan !== undefined)?.plan;
  expect(plan).toMatch(/^[\d.]+ ms\n[^]*\(cost=.*\(actual time=/);
  expect(plan).toMatch(/ on documents /);
  expect(JSON.stringify(lines)).not.toMatch(/zanzibar|acme/);
  // to see the plan of a write would be to write twice
  expect(of('create_tasks')).toEqual([expect.not.objectContaining({ plan: expect.anything() })]);
}

describe('a slow call on pglite', () => {
  it('is logged with its function and its plan, at a limited rate and without text of the question', async () => {
    const database = new PgliteDatabase();
    await database.ready();
    try {
      await logsFunctionAndPlan(database);
      expect(await database.call('list_tasks', firstPage)).toHaveLength(1);
    } finally {
      await database.close();
    }
  }, 180_000);
});

(hasPostgres() ? describe : describe.skip)('postgres with 50,000 rows of everything', () => {
  let server: TestPostgres;
  let database: PgDatabase;
  let longDocument = '';
  beforeAll(async () => {
    server = (await startPostgres()) as TestPostgres;
    const url = await server.createDatabase();
    database = new PgDatabase(loadEnv({ DATABASE_URL: url }));
    await database.ready();
    const admin = new pg.Client({ connectionString: url });
    await admin.connect();
    // one tenant has four fifths of it, all with one creation time a second
    const tenant = `case when n % 5 = 0 then 'other' else 'acme' end`;
    const at = `timestamptz '2026-01-01' + (n - ${rows / 2}) * interval '1 second'`;
    const each = `from generate_series(1, ${rows}) n`;
    await admin.query(`
      insert into docent.documents (id, tenant, document_set, filename, version, ready_version, created_at)
        select gen_random_uuid(), ${tenant}, 'set_' || n % 20, 'report-' || n || '.md', 1, 1, ${at} ${each};
      insert into docent.document_versions (document_id, version, tenant, status, blob_key, content_hash, bytes, format, media_type, pipeline)
        select id, 1, tenant, case when filename like '%7.md' then 'failed' else 'ready' end, id::text, id::text, 100, 'md', 'text/markdown', 'standard' from docent.documents;
      insert into docent.chunks (id, tenant, document_set, document_id, version, ordinal, content, start_offset, end_offset, input_hash)
        select gen_random_uuid(), d.tenant, d.document_set, d.id, 1, n, 'text', 0, 4, 'x'
        from (select * from docent.documents where tenant = 'acme' limit 1) d, generate_series(0, ${rows - 1}) n;
      insert into docent.summaries (id, tenant, document_id, version, document_set, filename, summary_text, model, created_at)
        select gen_random_uuid(), tenant, id, 1, document_set, filename, 'text', 'm', created_at from docent.documents;
      insert into docent.tasks (id, tenant, subject, type, queue, status, created_at, document_set)
        select gen_random_uuid(), ${tenant}, 'ann', 'ingest', 'ingestion', case when n % 50 = 1 then 'failed' else 'succeeded' end, ${at}, 'set_' || n % 20 ${each};
      insert into docent.audit_log (id, tenant, subject, action, at) select gen_random_uuid(), ${tenant}, 'ann', 'x', ${at} ${each};
      insert into docent.api_keys (id, tenant, subject, name, hash, scopes, created_at)
        select gen_random_uuid(), ${tenant}, 'ann', 'k', n::text, '{read}', ${at} ${each};
`);
    // the trigram index takes new rows into account only once they are out of its pending list
    await admin.query('vacuum analyze');
    const { rows: found } = await admin.query<{ document_id: string }>(
      'select document_id from docent.chunks limit 1',
    );
    longDocument = found[0]?.document_id ?? '';
    await admin.end();
  }, 300_000);
  afterAll(async () => {
    await database.close();
    await server.stop();
  });

  const listings: [string, FunctionName, object][] = [
    ['documents', 'list_documents', firstPage],
    ['documents from the middle on', 'list_documents', { ...firstPage, ...middle }],
    ['documents of a set', 'list_documents', { ...firstPage, document_set: 'set_3' }],
    [
      'documents of the sets that a principal is held to',
      'list_documents',
      { ...firstPage, sets: ['set_3', 'set_4'] },
    ],
    ['documents of a status', 'list_documents', { ...firstPage, statuses: ['failed'] }],
    ['documents by a part of their name', 'list_documents', { ...firstPage, q: 'port-4999' }],
    ['tasks', 'list_tasks', firstPage],
    ['tasks from the middle on', 'list_tasks', { ...firstPage, ...middle }],
    ['tasks of a status', 'list_tasks', { ...firstPage, status: 'failed' }],
    ['tasks of a set', 'list_tasks', { ...firstPage, sets: ['set_3'] }],
    ['summaries', 'list_summaries', { ...firstPage, ...middle }],
    ['summaries of a set', 'list_summaries', { ...firstPage, document_set: 'set_3' }],
    ['the audit log', 'list_audit', { ...firstPage, ...middle }],
    ['keys', 'list_api_keys', { ...firstPage, ...middle }],
  ];
  const scans = async (name: FunctionName, args: object): Promise<string[]> => {
    const plans = await database.plans(name, args as Arguments<typeof name>);
    expect(plans.length).toBeGreaterThan(0);
    // embedding_spaces has one row for each model that was ever used
    return plans.flatMap(({ text }) => text.match(/Seq Scan on (?!embedding_spaces\b)\w+.*/g) ?? []);
  };

  it.each(listings)('lists %s by an index', async (_what, name, args) => {
    expect(await database.call(name, args as Arguments<typeof name>)).not.toEqual([]);
    expect(await scans(name, args)).toEqual([]);
  });

  it('lists the chunks of a document by an index', async () => {
    const page = { tenant: 'acme', document_id: longDocument, after_ordinal: 40_000, limit: 51 };
    expect(await database.call('list_chunks', page)).toHaveLength(51);
    expect(await scans('list_chunks', page)).toEqual([]);
  });

  it('logs a slow call with its function and its plan', () => logsFunctionAndPlan(database));
});
