import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { schemaHash } from './migrate.js';

/** Beside the compiled program; from the sources (tests) it is found there too. */
const folder = new URL('../../../dist/platform/database/', import.meta.url);

/**
 * Where the build (`scripts/pack-database.mjs`) packs an embedded database as it is right after the migrations of this very schema.
 * @public
 */
export async function templatePath(): Promise<string> {
  return fileURLToPath(new URL(`pgdata-${(await schemaHash()).slice(0, 16)}.tgz`, folder));
}

/** What a new embedded database is unpacked from, which takes a fraction of making one; undefined where the build left none. */
export async function findTemplate(): Promise<string | undefined> {
  const path = await templatePath();
  return existsSync(path) ? path : undefined;
}
