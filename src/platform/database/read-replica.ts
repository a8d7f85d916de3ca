import { Logger } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import type { Metrics } from '../metrics/metrics.js';
import { Database, type CallOptions, type ReplicaState } from './database.js';
import type { Answer, Arguments, FunctionName } from './functions.js';
import type { QueryPlan } from './plans.js';
import type { VectorIndexes } from './vector-indexes.js';

/** How far a server's write-ahead log is. */
export interface LogPosition {
  /** The cluster that the log belongs to; a replica has that of its primary. */
  system: string;
  /** Bytes of log that are flushed on a primary, or replayed on a replica. */
  bytes: number;
  isReplica: boolean;
}

/** A Postgres whose log can be compared with that of another one. */
export interface LoggedDatabase extends Database {
  /** @throws database_unavailable */
  position(signal?: AbortSignal): Promise<LogPosition>;
}

/** Reads that take long or are frequent. Everything else is asked where it is written. */
const onReplica: ReadonlySet<FunctionName> = new Set<FunctionName>([
  'weigh_terms',
  'search_keyword',
  'search_vector',
  'search_hybrid',
  'neighbouring_chunks',
  'filtered_ids',
  'index_rows',
  'list_documents',
  'list_chunks',
]);

/** As long as the replica may take to say how far it is. */
const patienceMs = 500;
/** A position is asked for again after this time, in case another server took the address over. */
const reliableMs = 1_000;
/** After a failure the primary answers for so long. */
const avoidedMs = 5_000;

/**
 * Sends searches and listings to a replica, as long as it has everything that the primary had when the call
 * began: whoever has written something finds it. Anything else,
 * and what the replica cannot answer, goes to the primary.
 */
export class ReplicatedDatabase extends Database {
  private readonly logger = new Logger('ReadReplica');
  /** The position that the replica told last, and until when that may be relied on. */
  private reached = { bytes: -1, until: 0 };
  private avoidedUntil = 0;
  private isOpen = false;
  private last: ReplicaState = 'unused';

  constructor(
    private readonly primary: LoggedDatabase,
    private readonly replica: LoggedDatabase,
    private readonly metrics: Metrics,
  ) {
    super();
    // while it cannot be reached, no call waits for it
    this.replica.ready().then(
      () => (this.isOpen = true),
      () => undefined,
    );
  }

  async call<N extends FunctionName>(
    name: N,
    args: Arguments<N>,
    options: CallOptions = {},
  ): Promise<Answer<N>> {
    if (!onReplica.has(name) || options.transaction) return this.primary.call(name, args, options);
    const outcome = await this.choose(options.signal);
    if (outcome === 'replica') {
      try {
        const answer = await this.replica.call(name, args, options);
        this.count('replica');
        return answer;
      } catch (error) {
        if (!isAway(error) || options.signal?.aborted) throw error;
        this.avoid('the read replica failed; the primary answers');
        this.count('unavailable');
      }
    } else this.count(outcome);
    return this.primary.call(name, args, options);
  }

  /** The primary decides: the service works without the replica. */
  ready(): Promise<void> {
    return this.primary.ready();
  }

  ping(): Promise<void> {
    return this.primary.ping();
  }

  plans<N extends FunctionName>(name: N, args: Arguments<N>): Promise<QueryPlan[]> {
    return this.primary.plans(name, args);
  }

  migrate(): Promise<{ applied: string[] }> {
    return this.primary.migrate();
  }

  get indexes(): VectorIndexes {
    return this.primary.indexes;
  }

  override get readReplica(): ReplicaState {
    return this.last;
  }

  async close(): Promise<void> {
    await Promise.all([this.replica.close(), this.primary.close()]);
  }

  private async choose(signal?: AbortSignal): Promise<ReplicaState> {
    if (!this.isOpen || performance.now() < this.avoidedUntil) return 'unavailable';
    // a search that begins now must see what is committed now
    const wanted = await this.primary.position(signal);
    if (this.reached.bytes >= wanted.bytes && performance.now() < this.reached.until) return 'replica';
    try {
      const { system, bytes, isReplica } = await this.replica.position(withinPatience(signal));
      if (!isReplica || system !== wanted.system) {
        this.avoid('DATABASE_READ_URL is no replica of this database; the primary answers');
        return 'no_replica';
      }
      this.reached = { bytes, until: performance.now() + reliableMs };
      return bytes >= wanted.bytes ? 'replica' : 'behind';
    } catch (error) {
      if (!isAway(error) || signal?.aborted) throw error;
      this.avoid('the read replica cannot be reached; the primary answers');
      return 'unavailable';
    }
  }

  /** A replica that comes back may be another one, so nothing that is known of it holds any more. */
  private avoid(msg: string): void {
    this.avoidedUntil = performance.now() + avoidedMs;
    this.reached = { bytes: -1, until: 0 };
    this.logger.warn({ msg });
  }

  private count(result: ReplicaState): void {
    this.last = result;
    this.metrics.dbReplicaReads.inc({ result });
  }
}

const withinPatience = (signal?: AbortSignal): AbortSignal => {
  const late = AbortSignal.timeout(patienceMs);
  return signal ? AbortSignal.any([signal, late]) : late;
};

const isAway = (error: unknown): boolean => error instanceof Problem && error.code === 'database_unavailable';
