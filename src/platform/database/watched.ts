import { Logger } from '@nestjs/common';
import { inSpan } from '../../common/spans.js';
import type { Metrics } from '../metrics/metrics.js';
import { Database, type CallOptions, type ReplicaState } from './database.js';
import type { Answer, Arguments, FunctionName } from './functions.js';
import type { QueryPlan } from './plans.js';
import type { VectorIndexes } from './vector-indexes.js';

const areas: [RegExp, string][] = [
  [/task|heartbeat|sweep|checkpoint|queue/, 'tasks'],
  [/chunk|search|weigh|corpus|embedding|ordinal/, 'chunks'],
  [/summar/, 'summaries'],
  [/idempotent/, 'idempotency_keys'],
  [/api_key|suspend/, 'api_keys'],
  [/audit/, 'audit_log'],
  [/space/, 'embedding_spaces'],
];
const getArea = (name: FunctionName): string =>
  areas.find(([pattern]) => pattern.test(name))?.[1] ?? 'documents';

/** A function that is slow all day must not run twice each time. */
const planEveryMs = 5 * 60_000;
const maxPlans = 2;
const maxCharacters = 3000;

/**
 * Counts and times the calls, and logs those that take long: by name and plan, arguments are the users' own.
 */
export class WatchedDatabase extends Database {
  private readonly logger = new Logger('Database');
  private readonly plannedAt = new Map<FunctionName, number>();

  constructor(
    private readonly inner: Database,
    private readonly metrics: Metrics,
    private readonly slowMs: number,
  ) {
    super();
  }

  async call<N extends FunctionName>(name: N, args: Arguments<N>, options?: CallOptions): Promise<Answer<N>> {
    const start = performance.now();
    try {
      return await inSpan(`sql ${name}`, { kind: 'client', attributes: { 'db.operation.name': name } }, () =>
        this.inner.call(name, args, options),
      );
    } finally {
      const took = performance.now() - start;
      const labels = { operation: name, table: getArea(name) };
      this.metrics.dbOperations.inc(labels);
      this.metrics.dbDuration.observe(labels, took / 1000);
      if (took > this.slowMs) void this.tell(name, args, took);
    }
  }

  ready(): Promise<void> {
    return this.inner.ready();
  }

  ping(): Promise<void> {
    return this.inner.ping();
  }

  plans<N extends FunctionName>(name: N, args: Arguments<N>): Promise<QueryPlan[]> {
    return this.inner.plans(name, args);
  }

  migrate(): Promise<{ applied: string[] }> {
    return this.inner.migrate();
  }

  get indexes(): VectorIndexes {
    return this.inner.indexes;
  }

  override get readReplica(): ReplicaState | null {
    return this.inner.readReplica;
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  /** Not awaited: the call has been answered already. */
  private async tell<N extends FunctionName>(name: N, args: Arguments<N>, took: number): Promise<void> {
    const now = performance.now();
    const due = now - (this.plannedAt.get(name) ?? -Infinity) > planEveryMs;
    if (due) this.plannedAt.set(name, now);
    const plans = due ? await this.inner.plans(name, args).catch(() => []) : [];
    const slowest = plans.toSorted((a, b) => b.ms - a.ms).slice(0, maxPlans);
    const plan = slowest.map(({ ms, text }) => `${ms} ms\n${text.slice(0, maxCharacters)}`).join('\n');
    const slow = { msg: 'slow database call', function: name, took_ms: Math.round(took) };
    this.logger.warn(slow);
    if (plan) this.logger.debug({ ...slow, msg: 'plan of a slow database call', plan });
  }
}
