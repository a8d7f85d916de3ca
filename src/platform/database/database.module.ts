import { type DynamicModule, Module } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { Metrics } from '../metrics/metrics.js';
import { Database } from './database.js';
import { takeEarly } from './early-database.js';
import type { HostPool } from './host-pool.js';
import { VectorIndexes } from './vector-indexes.js';
import { WatchedDatabase } from './watched.js';

/**
 * Loads and opens the driver of `DATABASE_DRIVER`. It connects in the background; `ready()` resolves then.
 */
export async function openDatabase(env: Env, metrics: Metrics, pool?: HostPool): Promise<Database> {
  return new WatchedDatabase(await openDriver(env, metrics, pool), metrics, env.SLOW_QUERY_MS);
}

async function openDriver(env: Env, metrics: Metrics, pool?: HostPool): Promise<Database> {
  if (env.DATABASE_DRIVER === 'pg') return openPostgres(env, metrics, pool);
  if (env.DATABASE_DRIVER === 'supabase')
    return new (await import('./supabase.js')).SupabaseDatabase(env, metrics);
  return takeEarly(env.DATA_DIR) ?? new (await import('./pglite.js')).PgliteDatabase(env.DATA_DIR);
}

async function openPostgres(env: Env, metrics: Metrics, pool?: HostPool): Promise<Database> {
  const { PgDatabase } = await import('./pg.js');
  const primary = new PgDatabase(env, pool);
  if (env.DATABASE_READ_URL === undefined) return primary;
  const { ReplicatedDatabase } = await import('./read-replica.js');
  const settings = Object.assign({}, env, { DATABASE_URL: env.DATABASE_READ_URL });
  return new ReplicatedDatabase(primary, new PgDatabase(settings, undefined, true), metrics);
}

@Module({})
export class DatabaseModule {
  /** Needs Metrics from the global platform module. */
  static register(env: Env, pool?: HostPool): DynamicModule {
    const useFactory = (metrics: Metrics) => openDatabase(env, metrics, pool);
    return {
      module: DatabaseModule,
      providers: [
        { provide: Database, useFactory, inject: [Metrics] },
        { provide: VectorIndexes, useFactory: ({ indexes }: Database) => indexes, inject: [Database] },
      ],
      exports: [Database, VectorIndexes],
    };
  }
}
