import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Readable } from 'node:stream';
import { Problem } from '../../src/common/errors.js';
import { uuidv7 } from '../../src/common/ids.js';
import { Env } from '../../src/config/env.js';
import { blobKey, type BlobKey, BlobStore } from '../../src/platform/blob/blob-store.js';
import { Database } from '../../src/platform/database/database.js';
import { EventBus } from '../../src/platform/events/event-bus.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { JobQueue } from '../../src/platform/queue/job-queue.js';
import { QueueMetrics } from '../../src/platform/queue/queue-metrics.js';
import { QueueModule } from '../../src/platform/queue/queue.module.js';
import { TaskRunner } from '../../src/platform/queue/runner.js';
import { NoTracing } from '../../src/platform/tracing/none.js';
import { Tracing } from '../../src/platform/tracing/tracing.js';
import { openTestDatabase } from '../database.js';
import { eventually } from '../eventually.js';
import { findDocument, upload } from '../ingestion.js';
import { type OwnRedis, ownRedis, redisIsInstalled } from '../redis-server.js';
import { claim } from '../rows.js';
import { buildWorker, type TestWorker } from '../worker.js';

const long = 3600_000;
/** As old as the id says: a key made `ms` ago. */
const keyAged = (ms: number): BlobKey => blobKey('originals', uuidv7(Date.now() - ms));

/** The database, whose first sweeps leave words of a bulk load out of the statistics. */
function inBulkLoad(database: Database, sweeps: number): { database: Database; swept: () => number } {
  let swept = 0;
  const call: Database['call'] = async (name, args, options) => {
    const answer = await database.call(name, args, options);
    if (name !== 'sweep') return answer;
    swept += 1;
    return Object.assign({}, answer, { unfolded_words: swept < sweeps ? 1_000_000 : 0 });
  };
  return { database: Object.assign(Object.create(database) as Database, { call }), swept: () => swept };
}

describe('sweeper', () => {
  let database: Database;
  let worker: TestWorker;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  beforeEach(async () => {
    worker = await buildWorker(database, { SWEEP_INTERVAL_SECONDS: '0.05' });
  });
  afterEach(() => worker.stop());
  afterAll(() => database.close());

  const put = (key: BlobKey): Promise<unknown> => worker.blobs.put(key, Readable.from(['x']));
  const stored = async (): Promise<BlobKey[]> => {
    const keys: BlobKey[] = [];
    for await (const key of worker.blobs.list()) keys.push(key);
    return keys;
  };

  it('goes on soon while many words of a bulk load are not in the statistics', async () => {
    const loaded = inBulkLoad(database, 3);
    const slow = await buildWorker(loaded.database, { SWEEP_INTERVAL_SECONDS: '600' });
    slow.sweeper.start();
    await eventually(() => {
      expect(loaded.swept()).toBe(3);
    });
    await slow.stop();
    expect(loaded.swept()).toBe(3);
  });

  it('removes the blobs of a deleted document', async () => {
    const { id } = await upload(worker, database, 'deleted.md', 'Gone tomorrow.');
    expect(await stored()).toHaveLength(1);
    await database.call('delete_document', { tenant: 'default', sets: null, id });
    expect((await worker.sweeper.sweep()).garbage).toHaveLength(1);
    expect(await stored()).toEqual([]);
    expect((await worker.sweeper.sweep()).garbage).toEqual([]);
  });

  it('removes an announced blob that no document has claimed, but not before its time', async () => {
    const [expired, fresh] = [keyAged(0), keyAged(0)];
    await database.call('declare_blobs', { tenant: 'default', keys: [expired], ttl_seconds: 0 });
    await database.call('declare_blobs', { tenant: 'default', keys: [fresh], ttl_seconds: 600 });
    await put(expired);
    await put(fresh);
    await worker.sweeper.sweep();
    expect(await stored()).toEqual([fresh]);
  });

  it('finds blobs without a row, and keeps those that may still get one', async () => {
    const { id } = await upload(worker, database, 'kept.md', 'Still here.');
    const [orphan, young] = [keyAged(2 * long), keyAged(0)];
    await put(orphan);
    await put(young);
    worker.sweeper.start();
    expect(await worker.sweeper.removeOrphans()).toBe(1);
    const left = await stored();
    expect(left).toHaveLength(2);
    expect(left).toContain(young);
    expect(await findDocument(database, id)).not.toBeNull();
  });

  it('deletes the same orphans later when the store was away', async () => {
    const { id } = await upload(worker, database, 'stubborn.md', 'Not yet.');
    await database.call('delete_document', { tenant: 'default', sets: null, id });
    const remove = worker.blobs.delete.bind(worker.blobs);
    worker.blobs.delete = () => Promise.reject(new Problem('storage_unavailable'));
    await expect(worker.sweeper.sweep()).rejects.toMatchObject({ code: 'storage_unavailable' });
    worker.blobs.delete = remove;
    await worker.sweeper.sweep();
    expect(await stored()).toEqual([]);
  });

  it('writes the depth of each queue to the metrics', async () => {
    const tenant = 'measured';
    const before = await database.call('queue_stats', { tenant: null, sets: null });
    const { id } = await upload(worker, database, 'waiting.md', 'Waiting.', { tenant, ring: false });
    expect(new QueueMetrics(database, worker.metrics)).toBeInstanceOf(QueueMetrics);
    const text = await worker.metrics.registry.metrics();
    const waiting = before.find(({ queue }) => queue === 'ingestion')?.waiting ?? 0;
    expect(text).toContain(`queue_depth{queue="ingestion"} ${waiting + 1}`);
    expect(text).toMatch(/queue_oldest_seconds\{queue="ingestion"\} \d/);
    expect(text).toContain('queue_depth{queue="summary"} 0');
    await database.call('delete_document', { tenant, sets: null, id });
  });

  it('continues after the database was away', async () => {
    const sweep = worker.tasks.sweep.bind(worker.tasks);
    let calls = 0;
    worker.tasks.sweep = (limits) => {
      calls += 1;
      return calls <= 2 ? Promise.reject(new Problem('database_unavailable')) : sweep(limits);
    };
    worker.sweeper.start();
    const { id } = await upload(worker, database, 'later.md', 'Later.', { ring: false });
    await eventually(async () => expect((await worker.queue.depth()).ingestion).toBeGreaterThan(0));
    expect(calls).toBeGreaterThan(2);
    await database.call('delete_document', { tenant: 'default', sets: null, id });
  });

  it('deletes ended tasks after their time, and keeps those that failed', async () => {
    const brief = await buildWorker(database, { TASK_RETENTION_SECONDS: '1' });
    const tasks = [uuidv7(), uuidv7()].map((id) => ({
      id,
      type: 'delete_set',
      queue: 'default',
      payload: { document_set: id },
      max_attempts: 1,
    }));
    const [done, failed] = tasks.map(({ id }) => id) as [string, string];
    await database.call('create_tasks', {
      tenant: 'default',
      subject: 'tester',
      request_id: null,
      trace_context: null,
      tasks,
    });
    for (const task of [done, failed]) {
      const { token } = await claim(database, task, 'somebody');
      const held = { task, token };
      if (task === done) await brief.tasks.complete(held, {}, {});
      else await brief.tasks.fail(held, { code: 'internal', detail: 'broken', retryable: true }, null, {});
    }
    const known = async (task: string): Promise<boolean> =>
      (await database.call('get_task', { tenant: 'default', sets: null, task })) !== null;
    await brief.sweeper.sweep();
    expect(await known(done)).toBe(true);
    await eventually(async () => {
      await brief.sweeper.sweep();
      expect(await known(done)).toBe(false);
    });
    expect(await known(failed)).toBe(true);
    await brief.stop();
  });

  it('stops when it is told to, after the sweep under way', async () => {
    const sweep = worker.tasks.sweep.bind(worker.tasks);
    let [begun, ended] = [0, 0];
    worker.tasks.sweep = async (limits) => {
      begun += 1;
      const report = await sweep(limits);
      ended += 1;
      return report;
    };
    worker.sweeper.start();
    await eventually(() => expect(begun).toBeGreaterThan(1));
    await worker.sweeper.stop();
    expect(ended).toBe(begun);
    const before = begun;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(begun).toBe(before);
  });
});

describe('queue module', () => {
  let redis: OwnRedis | undefined;
  beforeAll(async () => {
    if (redisIsInstalled) redis = await ownRedis();
  });
  afterAll(() => redis?.stop());

  const drivers: Env['QUEUE_DRIVER'][] = redisIsInstalled ? ['embedded', 'bull', 'bullmq'] : ['embedded'];

  it.each(drivers)('opens the %s driver and the services that use it', async (driver) => {
    const settings: Partial<Env> = { QUEUE_DRIVER: driver, TASK_LEASE_SECONDS: 30 };
    const env = { ...settings, ...(driver !== 'embedded' && { REDIS_URL: redis?.url }) } as Env;
    const queues = QueueModule.register(env);
    const others = [Database, BlobStore, EventBus].map((port) => ({ provide: port, useValue: {} }));
    const rest = [
      { provide: Env, useValue: env },
      { provide: Metrics, useValue: new Metrics() },
      { provide: Tracing, useClass: NoTracing },
      ...others,
    ];
    @Global()
    @Module({ imports: [queues], providers: rest, exports: [queues, ...rest] })
    class Platform {}
    const module = await Test.createTestingModule({ imports: [Platform] }).compile();
    expect(module.get(TaskRunner, { strict: false })).toBeInstanceOf(TaskRunner);
    const queue = module.get(JobQueue, { strict: false });
    await eventually(() => queue.ping());
    expect(await queue.ring([{ task: uuidv7(), token: 0, queue: 'default', priority: 0 }])).toBe(true);
    await queue.close();
    await module.close();
  });
});
