import { Logger } from '@nestjs/common';
import { createClient } from '@supabase/supabase-js';
import { BrokenCircuitError, circuitBreaker, CircuitState, ConsecutiveBreaker, handleWhen } from 'cockatiel';
import { ConfigurationError, type Env } from '../../config/env.js';
import type { Metrics } from '../metrics/metrics.js';
import { Database, refuseTransaction, type CallOptions } from './database.js';
import { databaseUnavailable, isUnavailable } from './failures.js';
import { functions, type Answer, type Arguments, type FunctionName } from './functions.js';
import { expectedSchema, refuseOldPgvector } from './migrate.js';
import { plansOver, type QueryPlan } from './plans.js';
import { migrateOver } from './pg-migration.js';
import { abortable, Readiness, untilOpen } from './readiness.js';
import { repeating } from './retry.js';
import { rpcArguments, statementFor } from './statement.js';
import { SupabaseTransport } from './supabase-transport.js';
import { ServerIndexes } from './vector-index.js';
import type { VectorIndexes } from './vector-indexes.js';

/** How many calls in a row may fail before the next ones are refused at once, and for how long. */
const breakerFailures = 5;
const breakerRestMs = 5_000;
const breakerStates: Record<CircuitState, number> = {
  [CircuitState.Closed]: 0,
  [CircuitState.HalfOpen]: 1,
  [CircuitState.Open]: 2,
  [CircuitState.Isolated]: 2,
};

/** PostgREST does not know the schema, or the functions in it. */
const unknownSchema = /^(PGRST106|PGRST202|3F000|42883)$/;
/** Answers of a gateway in front of PostgREST. */
const gatewayAway = (status: number): boolean =>
  status === 429 || (status >= 502 && status <= 504) || (status >= 520 && status <= 529);

const connect = (env: Env, transport: SupabaseTransport) =>
  createClient(env.SUPABASE_URL ?? '', env.SUPABASE_KEY ?? '', {
    db: { schema: 'docent_api' },
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    global: { fetch: transport.fetch },
  });

/** The same functions through PostgREST's rpc. It cannot migrate: that needs a direct `DATABASE_URL`. */
export class SupabaseDatabase extends Database {
  readonly indexes: VectorIndexes;
  private readonly logger = new Logger('Database');
  private readonly transport: SupabaseTransport;
  private readonly client: ReturnType<typeof connect>;
  private readonly breaker = circuitBreaker(handleWhen(isUnavailable), {
    halfOpenAfter: breakerRestMs,
    breaker: new ConsecutiveBreaker(breakerFailures),
  });
  private readonly closed = new AbortController();
  private readonly readiness: Readiness;

  constructor(
    private readonly env: Env,
    metrics: Metrics,
  ) {
    super();
    // rpc runs everything in a transaction, in which such a build is not allowed.
    this.indexes = new ServerIndexes(env.DATABASE_URL, env.DATABASE_CONNECT_TIMEOUT_SECONDS);
    this.transport = new SupabaseTransport(env);
    this.client = connect(env, this.transport);
    this.breaker.onStateChange((state) =>
      metrics.breakerState.set({ name: 'supabase' }, breakerStates[state]),
    );
    this.readiness = new Readiness(() =>
      untilOpen(
        () => this.open(),
        this.closed.signal,
        (reason) => this.logger.warn(`the database cannot be reached yet: ${reason}`),
      ),
    );
  }

  async call<N extends FunctionName>(
    name: N,
    args: Arguments<N>,
    options: CallOptions = {},
  ): Promise<Answer<N>> {
    refuseTransaction(options);
    options.signal?.throwIfAborted();
    await this.readiness.soon();
    return this.answer(name, args, options.signal);
  }

  ready(): Promise<void> {
    return this.readiness.ready();
  }

  async ping(): Promise<void> {
    await this.readiness.soon();
    await this.answer('versions', {});
  }

  /** PostgREST does not pass notices on, so plans need a `DATABASE_URL`. */
  async plans<N extends FunctionName>(name: N, args: Arguments<N>): Promise<QueryPlan[]> {
    const url = this.env.DATABASE_URL;
    return url && functions[name].reads ? plansOver(url, statementFor(name, args)) : [];
  }

  /** Uses `DATABASE_URL` if set; otherwise the schema must exist already. @throws ConfigurationError */
  async migrate(): Promise<{ applied: string[] }> {
    if (this.env.DATABASE_URL)
      return migrateOver(this.env.DATABASE_URL, this.env.DATABASE_CONNECT_TIMEOUT_SECONDS);
    await this.checkSchema();
    return { applied: [] };
  }

  async close(): Promise<void> {
    this.closed.abort();
    await this.transport.close();
  }

  private async open(): Promise<void> {
    if (this.env.DATABASE_URL)
      await migrateOver(this.env.DATABASE_URL, this.env.DATABASE_CONNECT_TIMEOUT_SECONDS);
    await this.checkSchema();
  }

  private async checkSchema(): Promise<void> {
    try {
      const [found, expected] = await Promise.all([this.answer('versions', {}), expectedSchema()]);
      refuseOldPgvector(found.pgvector);
      if (found.functions === expected.functions && found.migrations === expected.migrations) return;
    } catch (error) {
      const { code = '' } = error as { code?: string };
      if (/^PGRST30[0-3]$/.test(code)) throw new ConfigurationError(['SUPABASE_KEY: the project refuses it']);
      if (!unknownSchema.test(code)) throw error;
    }
    throw new ConfigurationError([
      'SUPABASE_URL: the schema there is not that of this version; expose the schema docent_api and run `docent migrate` with DATABASE_URL set to the project',
    ]);
  }

  private async answer<N extends FunctionName>(
    name: N,
    args: Arguments<N>,
    signal?: AbortSignal,
  ): Promise<Answer<N>> {
    const given = rpcArguments(name, args);
    try {
      return (await repeating(
        () => this.breaker.execute(() => this.rpc(name, given, signal)),
        functions[name].repeatable,
        signal,
      )) as Answer<N>;
    } catch (error) {
      throw error instanceof BrokenCircuitError ? databaseUnavailable(error) : error;
    }
  }

  private async rpc(name: string, args: Record<string, unknown>, signal?: AbortSignal): Promise<unknown> {
    const query = this.client.rpc(name, args);
    const { data, error, status } = await abortable(
      Promise.resolve(signal ? query.abortSignal(signal) : query),
      signal,
    );
    if (!error) return data;
    throw Object.assign(new Error(error.message), {
      code: error.code || (gatewayAway(status) ? '08006' : ''),
      detail: error.details,
    });
  }
}
