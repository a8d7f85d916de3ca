import { describe, expect, it } from '@jest/globals';
import { Metrics } from '../metrics/metrics.js';
import type { Database } from './database.js';
import { WatchedDatabase } from './watched.js';

describe('the metrics of database calls', () => {
  it('name operation and table, for calls that fail too', async () => {
    const metrics = new Metrics();
    const inner = { call: () => Promise.reject(new Error('gone')) } as unknown as Database;
    const database = new WatchedDatabase(inner, metrics, Infinity);
    await expect(database.call('corpus_stats', {} as never)).rejects.toThrow('gone');
    const text = await metrics.registry.metrics();
    expect(text).toMatch(/db_operations_total\{operation="corpus_stats",table="\w+"\} 1/);
    expect(text).toMatch(/db_operation_duration_seconds_count\{operation="corpus_stats",table="\w+"\} 1/);
  });
});
