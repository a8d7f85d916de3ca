// A process of its own that speaks Postgres' protocol over PGlite, one session for all clients. It runs as it
// stands by Node's type stripping, so only packages may be imported here. Ends
// when its standard input does, so that none outlives the test that started it.
import { PGlite } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { vector } from '@electric-sql/pglite-pgvector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

const engine = await PGlite.create({ extensions: { vector, pg_trgm } });
const server = new PGLiteSocketServer({ db: engine, host: '127.0.0.1', port: 0, maxConnections: 100 });
await server.start();
process.stdout.write(`${server.getServerConn()}\n`);
process.stdin.resume().once('end', () => process.exit(0));
