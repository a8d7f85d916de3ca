// What a request is measured against: Fastify alone, with one handler
// for each route that makes the same SQL and sends the same bytes.
import { readFileSync } from 'node:fs';
import Fastify from 'fastify';
import pg from 'pg';

const app = Fastify();
app.get('/health/live', () => ({ status: 'ok' }));

const { BARE_DATABASE_URL: connectionString, BARE_STATEMENTS: statements } = process.env;
if (connectionString && statements) {
  const { listing, revision, answer } = JSON.parse(readFileSync(statements, 'utf8'));
  const pool = new pg.Pool({ connectionString, max: 10 });
  const ask = async ({ text, values }) => (await pool.query(text, values)).rows[0].result;
  app.get('/agent/documents', async () => {
    const rows = await ask(listing);
    return { documents: rows.slice(0, 20), next_cursor: null };
  });
  const known = new Map([[answer.prompt, answer.body]]);
  app.post('/agent/search', async ({ body }) => {
    await ask(revision);
    return { ...known.get(body.prompt), took_ms: { embed: 0, search: 0, rerank: 0, answer: 1 } };
  });
}
await app.listen({ port: 0, host: '127.0.0.1' });
process.stderr.write(`listens on http://127.0.0.1:${app.server.address().port}\n`);
process.on('SIGTERM', () => process.exit(0));
