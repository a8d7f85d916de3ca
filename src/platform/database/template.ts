import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { schemaHash } from './migrate.js';

/** The folder of the compiled program; tests find it from the sources too. */
const folder = new URL('../../../dist/platform/database/', import.meta.url);

/**
 * The file into which the build (`scripts/pack-database.mjs`) packs an embedded database with the schema of
 * these migrations.
 * @public
 */
export async function templatePath(): Promise<string> {
  return fileURLToPath(new URL(`pgdata-${(await schemaHash()).slice(0, 16)}.tar.zst`, folder));
}

/**
 * The packed database that a new one is unpacked from, which is much faster than creating one; undefined if
 * the build made none.
 */
export async function findTemplate(): Promise<string | undefined> {
  const path = await templatePath();
  return existsSync(path) ? path : undefined;
}
