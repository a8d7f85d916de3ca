import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { loadEnv } from '../../src/config/env.js';
import type { Database } from '../../src/platform/database/database.js';
import { openDatabase } from '../../src/platform/database/database.module.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { eventually } from '../eventually.js';
import { hasPostgres, ownPostgres, type OwnPostgres } from '../postgres.js';
import { createDocuments, newDocument } from '../rows.js';

const listing = {
  tenant: 't',
  sets: null,
  document_set: null,
  status: null,
  q: null,
  media_types: null,
  created_from: null,
  created_to: null,
  sort: null,
  before_at: null,
  before_name: null,
  before_id: null,
  limit: 100,
};

(hasPostgres() ? describe : describe.skip)('a read replica', () => {
  let primary: OwnPostgres;
  let replica: OwnPostgres;
  let database: Database;
  let metrics: Metrics;
  let documents = 0;

  const open = async (settings: Record<string, string>): Promise<Database> => {
    metrics = new Metrics();
    const opened = await openDatabase(loadEnv({ DATABASE_URL: primary.url, ...settings }), metrics);
    await opened.ready();
    return opened;
  };
  const administer = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: replica.url });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  const reads = async (): Promise<Record<string, number>> => {
    const { values } = await metrics.dbReplicaReads.get();
    return Object.fromEntries(values.map(({ labels, value }) => [labels['result'], value]));
  };
  const list = async (): Promise<number> => (await database.call('list_documents', listing)).length;
  const write = async (): Promise<void> => {
    documents++;
    await createDocuments(database, 't', [newDocument(`${documents}.md`, String(documents))]);
  };
  /** Lists until the replica has answered once more. */
  const untilReplicaAnswers = async (): Promise<void> => {
    const before = (await reads())['replica'] ?? 0;
    await eventually(async () => {
      expect(await list()).toBe(documents);
      expect((await reads())['replica']).toBeGreaterThan(before);
    });
  };

  beforeAll(async () => {
    const started = await ownPostgres();
    if (!started) throw new Error('there are no binaries of Postgres here');
    primary = started;
    const first = await open({});
    await first.close();
    replica = await primary.replicate();
    database = await open({ DATABASE_READ_URL: replica.url });
  }, 120_000);
  beforeEach(() => metrics.dbReplicaReads.reset());
  afterAll(async () => {
    await database.close();
    await replica.stop();
    await primary.stop();
  });

  it('answers listings, and shows each caller its earlier writes', async () => {
    await untilReplicaAnswers();
    for (let round = 0; round < 20; round++) {
      await write();
      expect(await list()).toBe(documents);
    }
    await untilReplicaAnswers();
  }, 30_000);

  it('is not used while it is behind', async () => {
    await administer('select pg_wal_replay_pause()');
    await write();
    expect(await list()).toBe(documents);
    expect(await reads()).toEqual({ behind: 1 });
    expect(database.readReplica).toBe('behind');
    await administer('select pg_wal_replay_resume()');
    await untilReplicaAnswers();
  }, 30_000);

  it('is optional', async () => {
    await untilReplicaAnswers();
    await replica.end('SIGQUIT');
    await write();
    expect(await list()).toBe(documents);
    expect((await reads())['unavailable']).toBe(1);
    await replica.start();
    await untilReplicaAnswers();
  }, 30_000);

  it('must be one of the same database', async () => {
    await database.close();
    database = await open({ DATABASE_READ_URL: primary.url });
    await eventually(async () => {
      expect(await list()).toBe(documents);
      expect((await reads())['no_replica']).toBe(1);
    });
    expect((await reads())['replica']).toBeUndefined();
  }, 30_000);
});
