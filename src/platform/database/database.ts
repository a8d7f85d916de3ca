import type { VectorTable } from './vector-index.js';
import type { Answer, Arguments, FunctionName } from './functions.js';
import type { QueryPlan } from './plans.js';

export interface CallOptions {
  signal?: AbortSignal;
}

/**
 * The way to the data: one SQL function a call, one round trip, one transaction, on every driver.
 * Refused or broken connections are `database_unavailable` (retryable); anything else is a defect and passes through unchanged.
 */
export abstract class Database {
  /** Calls `docent_api.<name>` and answers with its jsonb. @throws database_unavailable */
  abstract call<N extends FunctionName>(
    name: N,
    args: Arguments<N>,
    options?: CallOptions,
  ): Promise<Answer<N>>;
  /** Resolves when the connection is open and the schema is current. Rejects only for what waiting cannot mend (old pgvector, a newer schema). */
  abstract ready(): Promise<void>;
  /** One cheap round trip. @throws database_unavailable */
  abstract ping(): Promise<void>;
  /** How a function that reads does its work: it is run once more, for an operator. Empty for one that writes, and where the server does not tell. */
  abstract plans<N extends FunctionName>(name: N, args: Arguments<N>): Promise<QueryPlan[]>;
  /** Brings the schema up to date; one process at a time. */
  abstract migrate(): Promise<{ applied: string[] }>;
  /** Whether `indexVectors` lets reads and writes go on; where it does not, only a person asks for it. */
  abstract readonly indexesBesideWriters: boolean;
  /** The statement that `indexVectors` runs, for those who would rather run it themselves. */
  abstract indexStatement(table: VectorTable): string;
  /**
   * Makes the graph over the vectors of a space, once: one that is under way is waited for, what is left of an interrupted one goes first.
   * @param signal ends the waiting, not the build @throws conflict where this way to the data cannot, database_unavailable
   */
  abstract indexVectors(table: VectorTable, signal: AbortSignal): Promise<void>;
  /** Stops such a build. @throws database_unavailable */
  abstract stopIndexing(table: VectorTable): Promise<void>;
  abstract close(): Promise<void>;
}
