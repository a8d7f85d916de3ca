import type { Env } from '../../config/env.js';
import type { Database } from './database.js';

let early: { directory: string; database: Database } | undefined;

/**
 * Begins to open the embedded database, which takes as long as loading the rest of the program and runs in a
 * thread of its own. Does nothing for other drivers.
 */
export async function openEarly(env: Env): Promise<void> {
  if (env.DATABASE_DRIVER !== 'pglite') return;
  const { PgliteDatabase } = await import('./pglite.js');
  early = { directory: env.DATA_DIR, database: new PgliteDatabase(env.DATA_DIR) };
}

/** The database that `openEarly` began to open in this directory, once. */
export function takeEarly(directory: string): Database | undefined {
  if (early?.directory !== directory) return undefined;
  const { database } = early;
  early = undefined;
  return database;
}
