import pg from 'pg';
import { ConfigurationError } from '../../config/env.js';
import { asProblem } from './failures.js';
import { migrateSchema, refuseOldPgvector, type SqlSession } from './migrate.js';

/** What waiting does not mend: a refused login, a missing database, a server without pgvector. */
const finalStates: Record<string, string> = {
  '28P01': 'the server refuses the login',
  '28000': 'the server refuses the login',
  '3D000': 'there is no such database',
  '0A000': 'the server has no pgvector',
  '58P01': 'the server has no pgvector',
  '42501': 'the user may not create the schema or its extensions',
};

/**
 * Brings the schema at `url` up to date over a connection of its own, which has no statement time-out.
 * @throws ConfigurationError for what waiting does not mend, else database_unavailable
 */
export async function migrateOver(url: string, connectSeconds: number): Promise<{ applied: string[] }> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: connectSeconds * 1000,
    application_name: 'docent-migrate',
  });
  // the statement under way rejects with the same error; without a listener it would end the process
  client.on('error', () => undefined);
  const session: SqlSession = {
    run: async (text, values) => {
      // a text with several statements answers with a list of results, whatever the types say
      const results = [(await client.query(text, values)) as pg.QueryResult | pg.QueryResult[]].flat();
      return (results.at(-1)?.rows ?? []) as Record<string, unknown>[];
    },
  };
  try {
    await client.connect();
    const report = await migrateSchema(session);
    const [row] = await session.run(`select extversion from pg_extension where extname = 'vector'`);
    refuseOldPgvector(String(row?.['extversion']));
    return report;
  } catch (error) {
    const reason = finalStates[(error as { code?: string }).code ?? ''];
    throw reason ? new ConfigurationError([`DATABASE_URL: ${reason}`]) : asProblem(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
