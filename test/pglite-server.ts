// A thread that speaks Postgres' protocol over PGlite, one session for all clients. It runs as it
// stands by Node's type stripping, so only packages may be imported here.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { PGlite, type PGliteOptions } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { vector } from '@electric-sql/pglite-pgvector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

const { program } = workerData as { program: PGliteOptions['pgliteWasmModule'] };
const options: PGliteOptions = {
  extensions: { vector, pg_trgm },
  startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=32MB'],
  pgliteWasmModule: program,
};
const cache = fileURLToPath(new URL('../node_modules/.cache/', import.meta.url));
const { version } = JSON.parse(
  await readFile(new URL('../package.json', import.meta.resolve('@electric-sql/pglite')), 'utf8'),
) as { version: string };

/** A new database without tables. Making one takes three seconds of processor time: it is kept between runs. */
async function openEmpty(): Promise<PGlite> {
  const kept = `${cache}pglite-${version}-empty.tar.zst`;
  if (existsSync(kept)) {
    const archive = await promisify(zstdDecompress)(await readFile(kept));
    return PGlite.create({ ...options, loadDataDir: new Blob([archive]) });
  }
  const engine = await PGlite.create(options);
  // half of all files, and nothing creates a second database
  await engine.exec(`update pg_database set datistemplate = false`);
  for (const name of ['template0', 'template1']) await engine.exec(`drop database ${name}`);
  await engine.exec('checkpoint');
  const archive = await (await engine.dumpDataDir('none')).arrayBuffer();
  await mkdir(cache, { recursive: true });
  await writeFile(`${kept}.${process.pid}`, await promisify(zstdCompress)(archive));
  await rename(`${kept}.${process.pid}`, kept);
  return engine;
}

const engine = await openEmpty();
const server = new PGLiteSocketServer({ db: engine, host: '127.0.0.1', port: 0, maxConnections: 100 });
await server.start();
parentPort?.postMessage(server.getServerConn());
