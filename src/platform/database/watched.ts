import { Logger } from '@nestjs/common';
import { inSpan } from '../../common/spans.js';
import type { Metrics } from '../metrics/metrics.js';
import { Database, type CallOptions } from './database.js';
import type { Answer, Arguments, FunctionName } from './functions.js';

const areas: [RegExp, string][] = [
  [/task|heartbeat|sweep|checkpoint|queue/, 'tasks'],
  [/chunk|search|weigh|corpus|embedding|ordinal/, 'chunks'],
  [/summar/, 'summaries'],
  [/idempotent/, 'idempotency_keys'],
  [/api_key|suspend/, 'api_keys'],
  [/audit/, 'audit_log'],
  [/space/, 'embedding_spaces'],
];
const areaOf = (name: FunctionName): string => areas.find(([pattern]) => pattern.test(name))?.[1] ?? 'documents';

/** Counts and times the calls, and logs those that take long: by name alone, arguments are the users' own. */
export class WatchedDatabase extends Database {
  private readonly logger = new Logger('Database');

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
      this.metrics.dbOperations.inc({ operation: name, table: areaOf(name) });
      this.metrics.dbDuration.observe({ operation: name }, took / 1000);
      if (took > this.slowMs) this.logger.warn({ msg: 'slow database call', function: name, took_ms: Math.round(took) });
    }
  }

  ready(): Promise<void> {
    return this.inner.ready();
  }

  ping(): Promise<void> {
    return this.inner.ping();
  }

  migrate(): Promise<{ applied: string[] }> {
    return this.inner.migrate();
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}
