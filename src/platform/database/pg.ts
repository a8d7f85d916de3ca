import { Logger } from '@nestjs/common';
import pg from 'pg';
import type { Env } from '../../config/env.js';
import { Database, type CallOptions } from './database.js';
import { asProblem, databaseUnavailable, isUnavailable } from './failures.js';
import { functions, type Answer, type Arguments, type FunctionName } from './functions.js';
import type { HostPool, Transaction } from './host-pool.js';
import { LostConnections } from './lost-connections.js';
import { plansOver, type QueryPlan } from './plans.js';
import { migrateOn, migrateOver } from './pg-migration.js';
import type { LoggedDatabase, LogPosition } from './read-replica.js';
import { abortable, Readiness, untilOpen } from './readiness.js';
import { repeating } from './retry.js';
import { statementFor, type Statement } from './statement.js';
import { ServerIndexes } from './vector-index.js';
import type { VectorIndexes } from './vector-indexes.js';

type PgSettings = Pick<
  Env,
  | 'DATABASE_URL'
  | 'DATABASE_POOL_SIZE'
  | 'DATABASE_CONNECT_TIMEOUT_SECONDS'
  | 'DATABASE_STATEMENT_TIMEOUT_SECONDS'
>;

const position: Statement = {
  text: `select jsonb_build_object(
    'system', (select system_identifier::text from pg_control_system()),
    'isReplica', pg_is_in_recovery(),
    'bytes', case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_flush_lsn() end - '0/0'::pg_lsn
  ) as result`,
  values: [],
};

/** The server stops a statement itself; only where its answer is lost on the way does the client have to. */
const answerGraceMs = 2_000;

/**
 * Postgres by a pool of connections. Each call is one
 * statement, so that transaction-pooling proxies work too.
 */
export class PgDatabase extends Database implements LoggedDatabase {
  readonly indexes: VectorIndexes;
  private readonly logger = new Logger('Database');
  private pool: pg.Pool | HostPool;
  private readonly closed = new AbortController();
  private closing: Promise<void> | undefined;
  private readonly readiness: Readiness;
  /** Null without an address for a connection of its own. */
  private readonly lostConnections: LostConnections | null;

  /**
   * @param hostPool used in place of a pool of its own, and left open at the end; its time-outs hold
   * @param isReplica true where the schema comes from another server
   */
  constructor(
    private readonly settings: PgSettings,
    private readonly hostPool?: HostPool,
    isReplica = false,
  ) {
    super();
    this.pool = hostPool ?? this.makePool(true);
    const { DATABASE_URL, DATABASE_CONNECT_TIMEOUT_SECONDS } = settings;
    this.indexes = new ServerIndexes(DATABASE_URL, DATABASE_CONNECT_TIMEOUT_SECONDS);
    this.lostConnections = DATABASE_URL === undefined ? null : new LostConnections(DATABASE_URL);
    this.readiness = new Readiness(() =>
      untilOpen(
        async () => {
          if (!isReplica) await this.migrate();
          await this.tryPool();
        },
        this.closed.signal,
        (reason) =>
          this.logger.warn(`the ${isReplica ? 'read replica' : 'database'} cannot be reached yet: ${reason}`),
      ),
    );
  }

  async call<N extends FunctionName>(
    name: N,
    args: Arguments<N>,
    options: CallOptions = {},
  ): Promise<Answer<N>> {
    options.signal?.throwIfAborted();
    await this.readiness.soon();
    const statement = statementFor(name, args);
    if (options.transaction) return (await executeIn(options.transaction, statement)) as Answer<N>;
    return repeating(
      () => this.execute(statement, options.signal),
      functions[name].repeatable,
      options.signal,
    ) as Promise<Answer<N>>;
  }

  ready(): Promise<void> {
    return this.readiness.ready();
  }

  async ping(): Promise<void> {
    await this.readiness.soon();
    await repeating(() => this.execute({ text: 'select 1 as result', values: [] }), true);
  }

  async position(signal?: AbortSignal): Promise<LogPosition> {
    await this.readiness.soon();
    return (await repeating(() => this.execute(position, signal), true, signal)) as LogPosition;
  }

  async plans<N extends FunctionName>(name: N, args: Arguments<N>): Promise<QueryPlan[]> {
    const { DATABASE_URL } = this.settings;
    return functions[name].reads && DATABASE_URL ? plansOver(DATABASE_URL, statementFor(name, args)) : [];
  }

  migrate(): Promise<{ applied: string[] }> {
    if (this.hostPool) return migrateOn(this.hostPool);
    return migrateOver(this.settings.DATABASE_URL ?? '', this.settings.DATABASE_CONNECT_TIMEOUT_SECONDS);
  }

  close(): Promise<void> {
    this.closed.abort();
    this.closing ??= this.pool instanceof pg.Pool && !this.hostPool ? this.pool.end() : Promise.resolve();
    return this.closing;
  }

  /** Some proxies refuse a connection that sets a statement time-out; then the client's own has to do. */
  private async tryPool(): Promise<void> {
    if (this.hostPool || !(this.pool instanceof pg.Pool)) return;
    try {
      await this.pool.query('select 1');
    } catch (error) {
      if (!/unsupported startup parameter/i.test((error as Error).message)) throw asProblem(error);
      await this.pool.end();
      this.pool = this.makePool(false);
    }
  }

  private makePool(serverTimeout: boolean): pg.Pool {
    const statementTimeout = this.settings.DATABASE_STATEMENT_TIMEOUT_SECONDS * 1000;
    const pool = new pg.Pool({
      connectionString: this.settings.DATABASE_URL,
      application_name: 'docent',
      max: this.settings.DATABASE_POOL_SIZE,
      connectionTimeoutMillis: this.settings.DATABASE_CONNECT_TIMEOUT_SECONDS * 1000,
      idleTimeoutMillis: 30_000,
      query_timeout: statementTimeout + answerGraceMs,
      keepAlive: true,
      ...(serverTimeout && { statement_timeout: statementTimeout }),
    });
    // an idle connection that breaks is replaced at the next
    // call; without a listener it would end the process
    pool.on('error', (error) => {
      if (!this.closed.signal.aborted) this.logger.warn(`idle connection lost: ${error.message}`);
    });
    return pool;
  }

  private async execute({ text, values }: Statement, signal?: AbortSignal): Promise<unknown> {
    if (this.closed.signal.aborted) throw databaseUnavailable();
    const client = await abortable(this.pool.connect(), signal, (late) => late.release());
    let broken = true;
    // the pool listens only while a connection is idle
    const onError = (error: Error): void => this.logger.warn(`connection lost: ${error.message}`);
    client.on('error', onError);
    try {
      const work = abortable(client.query(text, values), signal);
      const backend = Reflect.get(client, 'processID') as number | null;
      const { rows } = await (this.lostConnections?.attend(backend, work) ?? work);
      broken = false;
      return resultIn(rows);
    } catch (error) {
      // Postgres has answered, so the connection is good
      broken = !hasAnswered(error) || isUnavailable(error);
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }
}

const resultIn = (rows: unknown[]): unknown => (rows[0] as { result?: unknown } | undefined)?.result ?? null;

/** By its shape: an application may have another version of the driver. */
const hasAnswered = (error: unknown): boolean =>
  error instanceof pg.DatabaseError || /^[0-9A-Z]{5}$/.test((error as { code?: string }).code ?? '');

/** Never repeated: after an error the transaction is lost, and its owner decides. */
async function executeIn(transaction: Transaction, { text, values }: Statement): Promise<unknown> {
  try {
    return resultIn((await transaction.query(text, values)).rows);
  } catch (error) {
    throw asProblem(error);
  }
}
