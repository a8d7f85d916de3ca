import { afterAll, beforeAll, describe } from '@jest/globals';
import pg from 'pg';
import { loadEnv } from '../src/config/env.js';
import { Metrics } from '../src/platform/metrics/metrics.js';
import type { Database } from '../src/platform/database/database.js';
import { PgDatabase } from '../src/platform/database/pg.js';
import { PgliteDatabase } from '../src/platform/database/pglite.js';
import { SupabaseDatabase } from '../src/platform/database/supabase.js';
import { startPostgres } from './postgres.js';
import { startPostgrest, type Query } from './postgrest.js';

export interface OpenDatabase {
  database: Database;
  /** Raw SQL beside the port, to look at what the functions left. */
  sql: Query;
  close(): Promise<void>;
}

const supabaseKey = 'service-role-key-of-the-contract-test';

async function openPglite(): Promise<OpenDatabase> {
  const database = new PgliteDatabase();
  await database.ready();
  return {
    database,
    sql: (text, values) => database.session().run(text, values),
    close: () => database.close(),
  };
}

async function openPg(): Promise<OpenDatabase> {
  const server = await startPostgres();
  const url = await server.createDatabase();
  const database = new PgDatabase(loadEnv({ DATABASE_URL: url }));
  await database.ready();
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  pool.on('error', () => undefined);
  return {
    database,
    sql: async (text, values) => (await pool.query<Record<string, unknown>>(text, values)).rows,
    close: async () => {
      await database.close();
      await pool.end();
      await server.stop();
    },
  };
}

/** supabase-js against a PostgREST over the same. */
async function openSupabase(): Promise<OpenDatabase> {
  const below = await openPg();
  const server = await startPostgrest(below.sql, { key: supabaseKey, schemas: ['docent_api'] });
  const env = loadEnv({ DATABASE_DRIVER: 'supabase', SUPABASE_URL: server.url, SUPABASE_KEY: supabaseKey });
  const database = new SupabaseDatabase(env, new Metrics());
  await database.ready();
  return {
    database,
    sql: below.sql,
    close: async () => {
      await database.close();
      await server.close();
      await below.close();
    },
  };
}

const drivers: Record<string, () => Promise<OpenDatabase>> = {
  pglite: openPglite,
  pg: openPg,
  supabase: openSupabase,
};

/** The same suite for every driver of the port. */
export function eachDatabase(suite: (opened: () => OpenDatabase) => void): void {
  describe.each(Object.entries(drivers))('database on %s', (name, open) => {
    let opened: OpenDatabase | undefined;
    beforeAll(async () => {
      opened = await open();
    }, 180_000);
    afterAll(() => opened?.close());
    suite(() => {
      if (!opened) throw new Error(`${name} did not open`);
      return opened;
    });
  });
}
