import { Problem } from '../../common/errors.js';
import type { Answer, Arguments, FunctionName } from './functions.js';
import type { Transaction } from './host-pool.js';
import type { QueryPlan } from './plans.js';
import type { VectorIndexes } from './vector-indexes.js';

export interface CallOptions {
  signal?: AbortSignal;
  /**
   * Runs the call there, so that it is committed or rolled back with
   * everything else in it. Only Postgres by a pool can do that.
   */
  transaction?: Transaction;
}

/**
 * `replica`: it answered. Otherwise the primary did, since the replica
 * was behind, could not be reached, or is none of this database.
 */
export type ReplicaState = 'unused' | 'replica' | 'behind' | 'unavailable' | 'no_replica';

/** For drivers whose connection nobody else can share. @throws conflict */
export function refuseTransaction({ transaction }: CallOptions): void {
  if (transaction)
    throw new Problem(
      'conflict',
      'A document can join a transaction of the caller only with DATABASE_DRIVER=pg.',
    );
}

/**
 * The way to the data: one SQL function a call, one round trip, one transaction, on every driver.
 * Refused or broken connections are `database_unavailable`
 * (retryable); anything else is a defect and passes through unchanged.
 */
export abstract class Database {
  /** Calls `docent_api.<name>` and answers with its jsonb. @throws database_unavailable */
  abstract call<N extends FunctionName>(
    name: N,
    args: Arguments<N>,
    options?: CallOptions,
  ): Promise<Answer<N>>;
  /**
   * Resolves when the connection is open and the schema is current. Rejects
   * only for what waiting cannot mend (old pgvector, a newer schema).
   */
  abstract ready(): Promise<void>;
  /** One cheap round trip. @throws database_unavailable */
  abstract ping(): Promise<void>;
  /**
   * How a function that reads does its work: it is run once more, for an
   * operator. Empty for one that writes, and where the server does not tell.
   */
  abstract plans<N extends FunctionName>(name: N, args: Arguments<N>): Promise<QueryPlan[]>;
  /** Brings the schema up to date; one process at a time. */
  abstract migrate(): Promise<{ applied: string[] }>;
  /** How this driver makes graphs over vectors. */
  abstract readonly indexes: VectorIndexes;
  abstract close(): Promise<void>;

  /** How the last call fared that might have gone to a read replica; null without one. */
  get readReplica(): ReplicaState | null {
    return null;
  }
}
