import type { Database } from '../src/platform/database/database.js';
import { PgliteDatabase } from '../src/platform/database/pglite.js';

/**
 * An empty database in memory with the whole schema, ready to be called. Opening takes seconds: share one in
 * a spec file (`beforeAll`), tell cases apart by tenant, and close it in `afterAll`.
 */
export async function openTestDatabase(): Promise<Database> {
  const database = new PgliteDatabase();
  await database.ready();
  return database;
}
