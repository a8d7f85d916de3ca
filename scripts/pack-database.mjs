// Packs an embedded database with its schema, from which new ones are
// unpacked. Kept between builds until the schema or a package changes.
import { copyFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, zstdCompressSync } from 'node:zlib';
import { PGlite } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { vector } from '@electric-sql/pglite-pgvector';
import { migrateSchema } from '../dist/platform/database/migrate.js';
import { templatePath } from '../dist/platform/database/template.js';

const target = await templatePath();
// `npm ci` empties it together with the packages that the content depends on
const kept = join(fileURLToPath(new URL('../node_modules/.cache/docent', import.meta.url)), basename(target));

/** Higher levels take many seconds for a tenth less. */
const compressionLevel = 9;

async function pack() {
  const engine = await PGlite.create({ dataDir: 'memory://', extensions: { vector, pg_trgm } });
  const run = async (text, values) =>
    values ? (await engine.query(text, values)).rows : ((await engine.exec(text)).at(-1)?.rows ?? []);
  await migrateSchema({ run });
  // The service uses one database and creates no other. The two templates are half of all files.
  await engine.exec(
    `update pg_database set datistemplate = false where datname in ('template0', 'template1')`,
  );
  await engine.exec('drop database template0');
  await engine.exec('drop database template1');
  // an unpacked database starts without recovery
  await engine.exec('checkpoint');
  const archive = await engine.dumpDataDir('none');
  await engine.close();
  return zstdCompressSync(await archive.arrayBuffer(), {
    params: { [constants.ZSTD_c_compressionLevel]: compressionLevel },
  });
}

if (!existsSync(kept)) {
  await mkdir(dirname(kept), { recursive: true });
  await writeFile(`${kept}.${process.pid}`, await pack());
  await rename(`${kept}.${process.pid}`, kept);
}
await copyFile(kept, target);
