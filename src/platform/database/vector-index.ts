import pg from 'pg';
import { Problem } from '../../common/errors.js';
import { asProblem } from './failures.js';
import { abortable, pause } from './readiness.js';
import { VectorIndexes, type VectorTable } from './vector-indexes.js';

/** Maximum dimensions of a vector in an index of pgvector. */
const maxDimensions = { vector: 2000, halfvec: 4000 };
const pollMs = 1000;

const makeName = ({ id }: VectorTable): string => `emb_${id}_graph`;

/**
 * The statement that makes the graph over a space's vectors.
 * @param concurrently in half precision and without blocking writers, for servers; otherwise in full
 * precision for an embedded database, whose engine is several times slower with half precision
 */
function graphStatement(table: VectorTable, concurrently: boolean): string {
  const { id, dimensions } = table;
  const column = concurrently
    ? `(embedding::halfvec(${dimensions})) halfvec_ip_ops`
    : 'embedding vector_ip_ops';
  return `create index ${concurrently ? 'concurrently ' : ''}${makeName(table)} on docent.emb_${id} using hnsw (${column}) with (m = 16, ef_construction = 64)`;
}

/** @throws conflict for vectors that are too long for an index */
function refuseLongVectors({ dimensions }: VectorTable, type: keyof typeof maxDimensions): void {
  if (dimensions > maxDimensions[type])
    throw new Problem(
      'conflict',
      `Vectors of ${dimensions} dimensions cannot be indexed here; the maximum is ${maxDimensions[type]}.`,
    );
}

/**
 * A connection whose statements may take hours. A pooler may not know this option; it then has no limit of
 * its own.
 */
async function connect(connectionString: string, connectSeconds: number): Promise<pg.Client> {
  for (const options of ['-c statement_timeout=0', undefined]) {
    const client = new pg.Client({
      connectionString,
      connectionTimeoutMillis: connectSeconds * 1000,
      application_name: 'docent-index',
      keepAlive: true,
      ...(options && { options }),
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (!options || !/unsupported startup parameter/i.test((error as Error).message)) throw error;
    }
  }
  throw new Error('unreachable');
}

/** The state of the graph: usable, incomplete, or being built by a connection. */
async function lookUp(
  client: pg.Client,
  table: VectorTable,
): Promise<{ ready: boolean; there: boolean; building: boolean }> {
  const { rows } = await client.query<{ ready: boolean | null; building: boolean }>(
    `select (select i.indisvalid from pg_index i where i.indexrelid = to_regclass($1)) as ready,
       exists (select from pg_stat_progress_create_index p where p.relid = to_regclass($2)) as building`,
    [`docent.${makeName(table)}`, `docent.emb_${table.id}`],
  );
  const [row] = rows;
  return { ready: row?.ready === true, there: row?.ready !== null, building: row?.building === true };
}

/**
 * Builds the graph over its own connection while reads and writes go on. If another connection is building
 * it, this call waits for that build, so that the build of a lost worker is not started again. The remains of
 * an interrupted build are removed first.
 * @param signal ends the waiting; the server continues the build
 * @throws conflict for vectors that are too long, database_unavailable
 */
async function buildGraph(
  url: string,
  connectSeconds: number,
  table: VectorTable,
  signal: AbortSignal,
): Promise<void> {
  refuseLongVectors(table, 'halfvec');
  const client = await connect(url, connectSeconds).catch((error: unknown) => {
    throw asProblem(error);
  });
  try {
    for (;;) {
      signal.throwIfAborted();
      const found = await lookUp(client, table);
      if (found.ready) return;
      if (found.building) await pause(pollMs, signal);
      else {
        if (found.there)
          await abortable(
            client.query(`drop index concurrently if exists docent.${makeName(table)}`),
            signal,
          );
        await abortable(client.query(graphStatement(table, true)), signal);
      }
    }
  } catch (error) {
    throw signal.aborted ? (signal.reason as Error) : asProblem(error);
  } finally {
    // does not wait for the answer of a running statement
    void client.end().catch(() => undefined);
  }
}

/** Stops the build of a graph on any connection; the next build removes its remains. */
async function stopBuilding(url: string, connectSeconds: number, table: VectorTable): Promise<void> {
  const client = await connect(url, connectSeconds);
  try {
    await client.query(
      `select pg_cancel_backend(pid) from pg_stat_activity
       where datname = current_database() and usename = current_user and state = 'active' and query ~ $1`,
      [`^(create|drop) index concurrently .*\\m${makeName(table)}\\M`],
    );
  } finally {
    await client.end();
  }
}

/**
 * Uses its own connection. Without a URL, as with Supabase by rpc only, a person has to run the statement.
 */
export class ServerIndexes extends VectorIndexes {
  constructor(
    private readonly url: string | undefined,
    private readonly connectSeconds: number,
  ) {
    super();
  }

  override get besideWriters(): boolean {
    return this.url !== undefined;
  }

  override statement(table: VectorTable): string {
    return graphStatement(table, true);
  }

  override async build(table: VectorTable, signal: AbortSignal): Promise<void> {
    if (this.url === undefined)
      throw new Problem(
        'conflict',
        `Without DATABASE_URL the index has to be made by hand: ${this.statement(table)}`,
      );
    await buildGraph(this.url, this.connectSeconds, table, signal);
  }

  override async stop(table: VectorTable): Promise<void> {
    if (this.url !== undefined) await stopBuilding(this.url, this.connectSeconds, table);
  }
}

/**
 * In an embedded engine, which does nothing else during a
 * build. The build is one statement and cannot be stopped.
 */
export class EmbeddedIndexes extends VectorIndexes {
  override readonly besideWriters = false;

  /** @param create runs the statement unless an index of that name is there */
  constructor(private readonly create: (statement: string, name: string) => Promise<void>) {
    super();
  }

  override statement(table: VectorTable): string {
    return graphStatement(table, false);
  }

  override async build(table: VectorTable): Promise<void> {
    refuseLongVectors(table, 'vector');
    await this.create(this.statement(table), makeName(table));
  }

  override async stop(): Promise<void> {
    // A build ends by itself.
  }
}
