import { afterAll, beforeAll, describe } from '@jest/globals';
import pg from 'pg';
import { loadEnv } from '../src/config/env.js';
import { Metrics } from '../src/platform/metrics/metrics.js';
import type { Database } from '../src/platform/database/database.js';
import { PgDatabase } from '../src/platform/database/pg.js';
import { PgliteDatabase } from '../src/platform/database/pglite.js';
import { SupabaseDatabase } from '../src/platform/database/supabase.js';
import { hasPostgres, startPostgres } from './postgres.js';
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
  return { database, sql: (text, values) => database.session().run(text, values), close: () => database.close() };
}

/** Undefined on a machine without Postgres and pgvector. */
async function openPg(): Promise<(OpenDatabase & { url: string }) | undefined> {
  const server = await startPostgres();
  if (!server) return undefined;
  const url = await server.createDatabase();
  const database = new PgDatabase(loadEnv({ DATABASE_URL: url }));
  await database.ready();
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  pool.on('error', () => undefined);
  return {
    database,
    url,
    sql: async (text, values) => (await pool.query<Record<string, unknown>>(text, values)).rows,
    close: async () => {
      await database.close();
      await pool.end();
      await server.stop();
    },
  };
}

/** supabase-js against a PostgREST over whichever database there is. */
async function openSupabase(): Promise<OpenDatabase> {
  const below = (await openPg()) ?? (await openPglite());
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

const drivers: { name: string; here: boolean; open: () => Promise<OpenDatabase | undefined> }[] = [
  { name: 'pglite', here: true, open: openPglite },
  { name: 'pg', here: hasPostgres(), open: openPg },
  { name: 'supabase', here: true, open: openSupabase },
];

/** The same suite for every driver of the port; `pg` is skipped where there is no Postgres with pgvector. */
export function eachDatabase(suite: (opened: () => OpenDatabase) => void): void {
  for (const { name, here, open } of drivers) {
    (here ? describe : describe.skip)(`database on ${name}`, () => {
      let opened: OpenDatabase | undefined;
      beforeAll(async () => {
        opened = await open();
      }, 60_000);
      afterAll(() => opened?.close());
      suite(() => {
        if (!opened) throw new Error(`${name} did not open`);
        return opened;
      });
    });
  }
}
