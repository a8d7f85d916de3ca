import pg from 'pg';
import { ConfigurationError } from '../../config/env.js';
import { asProblem } from './failures.js';
import type { HostPool, Transaction } from './host-pool.js';
import { migrateSchema, pendingChanges, refuseOldPgvector, type SqlSession } from './migrate.js';

/**
 * States that waiting does not mend: a refused login, a missing database, an extension that is not installed.
 */
const finalStates: Record<string, string> = {
  '28P01': 'the server refuses the login',
  '28000': 'the server refuses the login',
  '3D000': 'there is no such database',
  '42501': 'the user may not create the schema or its extensions',
};

/** Names the extension that the server lacks; PostgreSQL mentions it only in the message. */
function missingExtension({ code, message }: { code?: string; message?: string }): string | undefined {
  if (code !== '0A000' && code !== '58P01') return undefined;
  const name = /extension "([^"]+)"|\/([a-z_]+)\.(?:control|so)/.exec(message ?? '');
  const extension = name?.[1] ?? name?.[2];
  if (extension === undefined) return undefined;
  return `the server has no ${extension === 'vector' ? 'pgvector' : extension}`;
}

/** The reason why a database cannot be used as it is; undefined where another attempt may succeed. */
export function explainFinalState(error: { code?: string; message?: string }): string | undefined {
  return missingExtension(error) ?? finalStates[error.code ?? ''];
}

/**
 * Reads the versions at `url` without changing anything.
 * @throws ConfigurationError for faults that waiting cannot cure, otherwise database_unavailable
 */
export function versionsAt(
  url: string,
  connectSeconds: number,
): Promise<Record<'postgres' | 'pgvector', string>> {
  return over(url, connectSeconds, async ({ run }) => {
    const [row] = await run(`select current_setting('server_version') as postgres,
      (select coalesce(installed_version, default_version) from pg_available_extensions where name = 'vector') as pgvector`);
    const { postgres, pgvector } = { ...row };
    if (typeof pgvector !== 'string')
      throw new ConfigurationError(['DATABASE_URL: the server has no pgvector']);
    const versions = { postgres: String(postgres), pgvector };
    refuseOldPgvector(versions.pgvector);
    return versions;
  });
}

/**
 * Names of the migrations that the database at `url` lacks, and `functions`
 * where the function library differs; nothing is changed there.
 * @throws ConfigurationError for a schema that is newer than this program, else database_unavailable
 */
export const pendingAt = (url: string, connectSeconds: number): Promise<string[]> =>
  over(url, connectSeconds, pendingChanges);

/**
 * Brings the schema at `url` up to date over its own connection without a statement time-out.
 * @throws ConfigurationError for faults that waiting cannot cure, otherwise database_unavailable
 */
export function migrateOver(url: string, connectSeconds: number): Promise<{ applied: string[] }> {
  return over(url, connectSeconds, migrateIn);
}

/** The same over a connection of the application that docent runs in. @throws as `migrateOver` */
export async function migrateOn(pool: HostPool): Promise<{ applied: string[] }> {
  const client = await pool.connect().catch((error: unknown) => {
    throw explained(error);
  });
  try {
    return await migrateIn(wrapSession(client));
  } catch (error) {
    throw explained(error);
  } finally {
    client.release();
  }
}

async function migrateIn(session: SqlSession): Promise<{ applied: string[] }> {
  const report = await migrateSchema(session);
  const [row] = await session.run(`select extversion from pg_extension where extname = 'vector'`);
  refuseOldPgvector(String(row?.['extversion']));
  return report;
}

const wrapSession = (client: Transaction): SqlSession => ({
  run: async (text, values) => {
    // a text with several statements answers with a list of results, whatever the types say
    const results = [await client.query(text, values)].flat();
    return (results.at(-1)?.rows ?? []) as Record<string, unknown>[];
  },
});

function explained(error: unknown): unknown {
  const reason = explainFinalState(error as { code?: string; message?: string });
  return reason ? new ConfigurationError([`DATABASE_URL: ${reason}`]) : asProblem(error);
}

async function over<T>(
  url: string,
  connectSeconds: number,
  work: (session: SqlSession) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: connectSeconds * 1000,
    application_name: 'docent-migrate',
  });
  // the statement under way rejects with the same error; without a listener it would end the process
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(wrapSession(client));
  } catch (error) {
    throw explained(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
