import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { uuidv7 } from '../../src/common/ids.js';
import type { Database } from '../../src/platform/database/database.js';
import type { Ring } from '../../src/platform/database/functions.js';
import type { JobName } from '../../src/platform/queue/jobs.js';
import type { Handler } from '../../src/platform/queue/work.js';
import { openTestDatabase } from '../database.js';
import { eventually } from '../eventually.js';
import { redisQueues } from '../redis-queues.js';
import { type OwnRedis, ownRedis, redisIsInstalled } from '../redis-server.js';
import { buildWorker, type TestWorker } from '../worker.js';

const done = { deleted: { documents: 0, chunks: 0, embeddings: 0, blobs: 0, summaries: 0 } };

const names = ['bull', 'bullmq'] as const;

(redisIsInstalled ? describe : describe.skip).each(names)('tasks on Redis through %s', (name) => {
  let database: Database;
  const closers: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  afterAll(() => database.close());

  async function openRedis(port?: number): Promise<OwnRedis> {
    const redis = await ownRedis(port === undefined ? {} : { port });
    closers.push(() => redis.stop());
    return redis;
  }

  /** A worker of its own, with its own connections to the same Redis. */
  async function workerOn(url: string, run: (task: string) => Promise<void>): Promise<TestWorker> {
    const { queue, close } = await redisQueues[name](url);
    const worker = await buildWorker(database, { WORKER_CONCURRENCY: '2' }, queue);
    closers.push(async () => {
      await worker.stop();
      await close();
    });
    const handler: Handler<JobName> = {
      run: async (_payload, work) => {
        await run(work.task.id);
        return done;
      },
    };
    await eventually(() => worker.queue.ping());
    await worker.start(new Map([['delete_set', handler]]));
    return worker;
  }

  async function create(count: number): Promise<Ring[]> {
    const tasks = Array.from({ length: count }, () => {
      const id = uuidv7();
      return { id, type: 'delete_set', queue: 'default', payload: { document_set: id }, max_attempts: 3 };
    });
    const { rings } = await database.call('create_tasks', {
      tenant: 'default',
      subject: 'tester',
      request_id: null,
      trace_context: null,
      tasks,
    });
    return rings;
  }

  async function allSucceeded(rings: Ring[]): Promise<void> {
    for (const { task } of rings) {
      await eventually(async () => {
        expect(await database.call('get_task', { tenant: 'default', sets: null, task })).toMatchObject({
          status: 'succeeded',
          attempts: 1,
        });
      }, 20_000);
    }
  }

  it('are shared by the workers, each done once', async () => {
    const redis = await openRedis();
    const doneBy = [new Set<string>(), new Set<string>()];
    let runs = 0;
    const workers = [];
    for (const mine of doneBy) {
      workers.push(
        await workerOn(redis.url, async (task) => {
          runs += 1;
          mine.add(task);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }),
      );
    }
    const rings = await create(30);
    await workers[0]?.queue.ring(rings);
    await allSucceeded(rings);
    expect(runs).toBe(30);
    expect(doneBy.every((mine) => mine.size > 0)).toBe(true);
  });

  it('are all done although Redis loses all data in the middle', async () => {
    const redis = await openRedis();
    let runs = 0;
    const worker = await workerOn(redis.url, async () => {
      runs += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
    });
    const rings = await create(20);
    await worker.queue.ring(rings);
    await eventually(() => expect(runs).toBeGreaterThan(2));
    const client = new Redis(redis.url);
    await client.flushall();
    await client.quit();
    await allSucceeded(rings);
    expect(runs).toBe(20);
  });

  it('are done at each sweep while Redis is away, at most as many at once as a worker takes', async () => {
    const redis = await openRedis();
    let runs = 0;
    let under = 0;
    let most = 0;
    await workerOn(redis.url, async () => {
      runs += 1;
      most = Math.max(most, ++under);
      await new Promise((resolve) => setTimeout(resolve, 20));
      under -= 1;
    });
    await redis.stop();
    // as by another process that could not ring either
    await allSucceeded(await create(12));
    expect([runs, most]).toEqual([12, 2]);
  });

  it('are all done although Redis dies and comes back empty', async () => {
    const first = await openRedis();
    let runs = 0;
    const worker = await workerOn(first.url, async () => {
      runs += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
    });
    const rings = await create(20);
    await worker.queue.ring(rings);
    await eventually(() => expect(runs).toBeGreaterThan(2));
    await first.stop();
    await openRedis(Number(new URL(first.url).port));
    await allSucceeded(rings);
    expect(runs).toBe(20);
  }, 180_000);
});
