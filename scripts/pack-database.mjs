// Packs an embedded database with its schema, from which new ones are
// unpacked. Kept between builds until the schema or a package changes.
import { copyFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { vector } from '@electric-sql/pglite-pgvector';
import { migrateSchema } from '../dist/platform/database/migrate.js';
import { templatePath } from '../dist/platform/database/template.js';

const target = await templatePath();
// `npm ci` empties it together with the packages that the content depends on
const kept = join(fileURLToPath(new URL('../node_modules/.cache/docent', import.meta.url)), basename(target));

async function pack() {
  const engine = await PGlite.create({ dataDir: 'memory://', extensions: { vector, pg_trgm } });
  const run = async (text, values) =>
    values ? (await engine.query(text, values)).rows : ((await engine.exec(text)).at(-1)?.rows ?? []);
  await migrateSchema({ run });
  // an unpacked database starts without recovery
  await engine.exec('checkpoint');
  const packed = await engine.dumpDataDir('gzip');
  await engine.close();
  return Buffer.from(await packed.arrayBuffer());
}

if (!existsSync(kept)) {
  await mkdir(dirname(kept), { recursive: true });
  await writeFile(`${kept}.${process.pid}`, await pack());
  await rename(`${kept}.${process.pid}`, kept);
}
await copyFile(kept, target);
