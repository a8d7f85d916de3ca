import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Problem } from '../../src/common/errors.js';
import { uuidv7 } from '../../src/common/ids.js';
import { currentContext } from '../../src/common/request-context.js';
import type { Database } from '../../src/platform/database/database.js';
import type { NewTask, Ring, TaskView } from '../../src/platform/database/functions.js';
import { assertHandlers } from '../../src/platform/queue/handlers.js';
import type { JobName } from '../../src/platform/queue/jobs.js';
import { type Handler, Handles, type Work } from '../../src/platform/queue/work.js';
import { openTestDatabase } from '../database.js';
import { eventually } from '../eventually.js';
import { claim } from '../rows.js';
import { buildWorker, type TestWorker } from '../worker.js';

const deleted = { documents: 0, chunks: 0, embeddings: 0, blobs: 0, summaries: 0 };
const done = { deleted };
type Run = (work: Work) => Promise<unknown>;

/** Runs until its signal stops it. */
const untilStopped = (work: Work): Promise<never> =>
  new Promise((_resolve, reject) =>
    work.signal.addEventListener('abort', () => reject(new Error('stopped in the middle'))),
  );

describe('task runner', () => {
  let database: Database;
  const workers: TestWorker[] = [];
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterEach(async () => {
    for (const worker of workers.splice(0)) await worker.stop();
  });
  afterAll(() => database.close());

  async function workerDoing(
    run: Run,
    settings: Record<string, string> = {},
    nature: Pick<Handler<JobName>, 'isSmall' | 'resumes'> = {},
  ): Promise<TestWorker> {
    const worker = await buildWorker(database, settings);
    workers.push(worker);
    const handler = { run: (_payload: unknown, work: Work) => run(work), ...nature } as Handler<JobName>;
    await worker.start(new Map([['delete_set', handler]]));
    return worker;
  }

  const newTask = (more: Partial<NewTask> = {}): NewTask => {
    const id = more.id ?? uuidv7();
    return {
      id,
      type: 'delete_set',
      queue: 'default',
      payload: { document_set: id },
      max_attempts: 3,
      ...more,
    };
  };

  async function create(...tasks: NewTask[]): Promise<Ring[]> {
    const { rings } = await database.call('create_tasks', {
      tenant: 'default',
      subject: 'tester',
      request_id: 'request-1',
      trace_context: null,
      tasks,
    });
    return rings;
  }

  async function taskIn(worker: TestWorker, more: Partial<NewTask> = {}): Promise<string> {
    const task = newTask(more);
    await worker.queue.ring(await create(task));
    return task.id;
  }

  const look = async (task: string): Promise<TaskView> => {
    const view = await database.call('get_task', { tenant: 'default', sets: null, task });
    if (!view) throw new Error('no such task');
    return view;
  };
  const ended = (task: string): Promise<TaskView> =>
    eventually(async () => {
      const view = await look(task);
      expect(['succeeded', 'failed', 'cancelled']).toContain(view.status);
      return view;
    });

  it.each([
    { concurrency: 2, small: 'small' as const, atOnce: 10 },
    { concurrency: 2, small: 'large' as const, atOnce: 2 },
    { concurrency: 1, small: 'small' as const, atOnce: 1 },
  ])(
    'has $atOnce $small tasks under way where a queue may have $concurrency at once',
    async ({ concurrency, small, atOnce }) => {
      const gate = Promise.withResolvers<void>();
      let underWay = 0;
      let most = 0;
      const work: Run = async () => {
        most = Math.max(most, ++underWay);
        if (underWay === atOnce) gate.resolve();
        await gate.promise;
        underWay -= 1;
        return done;
      };
      const worker = await workerDoing(
        work,
        { WORKER_CONCURRENCY: String(concurrency) },
        { isSmall: () => small === 'small' },
      );
      const tasks = Array.from({ length: 14 }, () => newTask());
      await worker.queue.ring(await create(...tasks));
      for (const { id } of tasks) expect(await ended(id)).toMatchObject({ status: 'succeeded', attempts: 1 });
      expect(most).toBe(atOnce);
      await eventually(() => expect(worker.runner.active).toBe(0));
    },
  );

  it('stores the result, the time of each stage and the request it belongs to', async () => {
    let seen: unknown;
    const worker = await workerDoing(async (work) => {
      seen = currentContext();
      await work.stage('delete', () => new Promise((resolve) => setTimeout(resolve, 20)));
      return done;
    });
    const task = await taskIn(worker);
    expect(await ended(task)).toMatchObject({
      status: 'succeeded',
      result: done,
      progress: 1,
      attempts: 1,
      stages: { delete: expect.any(Number) },
    });
    expect((await look(task)).stages['delete']).toBeGreaterThanOrEqual(19);
    expect(seen).toMatchObject({
      requestId: 'request-1',
      taskId: task,
      tenant: 'default',
      subject: 'tester',
    });
    expect(await worker.metrics.registry.metrics()).toContain(
      'queue_tasks_total{task_name="delete_set",status="succeeded"} 1',
    );
  });

  it('retries temporary failures, as often as the task allows', async () => {
    const worker = await workerDoing(async () => {
      throw new Problem('upstream_unavailable');
    });
    const view = await ended(await taskIn(worker));
    expect(view).toMatchObject({
      status: 'failed',
      attempts: 3,
      error: { code: 'upstream_unavailable', retryable: true },
    });
  });

  it('succeeds after a failed attempt', async () => {
    let attempts = 0;
    const worker = await workerDoing(async () => {
      attempts += 1;
      if (attempts === 1) throw new Problem('upstream_timeout');
      return done;
    });
    expect(await ended(await taskIn(worker))).toMatchObject({
      status: 'succeeded',
      attempts: 2,
      error: null,
    });
  });

  it('gives up at once a task that cannot succeed', async () => {
    const worker = await workerDoing(async () => {
      throw new Problem('corrupt_document', 'The page tree is broken.');
    });
    const view = await ended(await taskIn(worker));
    expect(view).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { code: 'corrupt_document', detail: 'The page tree is broken.', retryable: false },
    });
  });

  it('gives up at once a task that needs another configuration, and leaves it retryable', async () => {
    const worker = await workerDoing(async () => {
      throw new Problem('needs_ocr');
    });
    expect(await ended(await taskIn(worker))).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { code: 'needs_ocr', retryable: true },
    });
  });

  it('reports an unexpected error without its details', async () => {
    const worker = await workerDoing(async () => {
      throw new Error('select secret from /var/lib');
    });
    const view = await ended(await taskIn(worker, { max_attempts: 1 }));
    expect(view.error).toEqual({
      code: 'internal',
      detail: 'Something went wrong on the server.',
      retryable: true,
    });
  });

  it('waits as long as the server asked', async () => {
    const worker = await workerDoing(async () => {
      throw new Problem('upstream_rate_limited', undefined, { retryAfter: 60 });
    });
    const task = await taskIn(worker);
    const view = await eventually(async () => {
      const now = await look(task);
      expect(now).toMatchObject({ status: 'queued', attempts: 1 });
      return now;
    });
    expect(Date.parse(view.run_after) - Date.parse(view.created_at)).toBeGreaterThan(59_000);
  });

  it('does not count an attempt that failed because the database was unavailable', async () => {
    let attempts = 0;
    const worker = await workerDoing(async () => {
      attempts += 1;
      if (attempts === 1) throw new Problem('database_unavailable');
      return done;
    });
    expect(await ended(await taskIn(worker, { max_attempts: 1 }))).toMatchObject({
      status: 'succeeded',
      attempts: 1,
    });
    expect(attempts).toBe(2);
  });

  it('waits for a full blob store without counting the attempt, and reports it', async () => {
    let full = true;
    const worker = await workerDoing(async () => {
      if (full) throw new Problem('storage_full');
      return done;
    });
    const task = await taskIn(worker, { max_attempts: 1 });
    await eventually(async () =>
      expect(await look(task)).toMatchObject({ status: 'queued', attempts: 0, waiting_on: 'storage' }),
    );
    full = false;
    expect(await ended(task)).toMatchObject({ status: 'succeeded', attempts: 1, waiting_on: null });
  });

  it('stops cancelled work within two seconds', async () => {
    const reasons: unknown[] = [];
    const worker = await workerDoing(async (work) => {
      work.signal.addEventListener('abort', () => reasons.push(work.signal.reason));
      await untilStopped(work);
    });
    const task = await taskIn(worker);
    await eventually(() => expect(worker.runner.active).toBe(1));
    const asked = performance.now();
    await database.call('cancel_task', { tenant: 'default', sets: null, task });
    expect(await ended(task)).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } });
    expect(performance.now() - asked).toBeLessThan(2000);
    expect(reasons).toEqual([new Problem('cancelled')]);
  });

  it('aborts at the soft limit and tries again', async () => {
    let attempts = 0;
    const worker = await workerDoing(
      async (work) => {
        attempts += 1;
        return attempts === 1 ? untilStopped(work) : done;
      },
      { TASK_SOFT_TIME_LIMIT: '1', TASK_TIME_LIMIT: '100' },
    );
    const task = await taskIn(worker);
    await eventually(async () =>
      expect((await look(task)).error).toMatchObject({ code: 'task_timeout', retryable: true }),
    );
    expect(await ended(task)).toMatchObject({ status: 'succeeded', attempts: 2 });
  });

  it('abandons work that does not stop at the hard limit', async () => {
    const worker = await workerDoing(() => new Promise(() => undefined), {
      TASK_SOFT_TIME_LIMIT: '1',
      TASK_TIME_LIMIT: '2',
    });
    expect(await ended(await taskIn(worker, { max_attempts: 1 }))).toMatchObject({
      status: 'failed',
      error: { code: 'task_timeout' },
    });
  });

  it('writes nothing for a claim that another worker has overtaken', async () => {
    let release: () => void = () => undefined;
    let stale: Work | undefined;
    const frozen = await workerDoing(
      async (work) => {
        stale = work;
        await new Promise<void>((resolve) => (release = resolve));
        return { deleted: { ...deleted, documents: 666 } };
      },
      { TASK_LEASE_SECONDS: '2', WORKER_CONCURRENCY: '1' },
    );
    const task = await taskIn(frozen);
    await eventually(() => expect(stale?.claim.task).toBe(task));
    // The worker freezes: no heartbeat any more, and the lease runs out.
    frozen.tasks.heartbeat = () => new Promise(() => undefined);
    await frozen.sweeper.stop();
    await frozen.queue.pause();
    const second = await workerDoing(async () => done);
    const view = await ended(task);
    expect(view).toMatchObject({ status: 'succeeded', result: done, attempts: 1, losses: 1 });
    expect(view.token).toBeGreaterThan(stale?.claim.token ?? 0);
    release();
    await eventually(() => expect(frozen.runner.active).toBe(0));
    expect((await look(task)).result).toEqual(done);
    expect(await frozen.metrics.registry.metrics()).toContain('status="lost"} 1');
    expect(await second.metrics.registry.metrics()).toContain('status="succeeded"} 1');
  });

  it('stops work whose task was taken away', async () => {
    const reasons: unknown[] = [];
    const worker = await workerDoing(async (work) => {
      work.signal.addEventListener('abort', () => reasons.push((work.signal.reason as Problem).code));
      await untilStopped(work);
    });
    const task = await taskIn(worker);
    await eventually(() => expect(worker.runner.active).toBe(1));
    const row = await look(task);
    // What the end of the task looks like from here: its row no longer carries this claim.
    await database.call('fail_task', {
      task,
      token: row.token,
      failure: { code: 'cancelled' },
      delay_seconds: null,
      stages: {},
    });
    await eventually(() => expect(worker.runner.active).toBe(0));
    expect(reasons).toEqual(['cancelled']);
  });

  it('returns running work without counting the attempt when it is drained', async () => {
    const worker = await workerDoing(untilStopped);
    const task = await taskIn(worker);
    await eventually(() => expect(worker.runner.active).toBe(1));
    await worker.sweeper.stop();
    await worker.runner.drain(0.2);
    expect(await look(task)).toMatchObject({ status: 'queued', attempts: 0, owner: null });
    const other = await workerDoing(async () => done);
    expect(other.runner.active).toBeLessThanOrEqual(1);
    expect(await ended(task)).toMatchObject({ status: 'succeeded', attempts: 1 });
  });

  it('hands work that resumes back at once when it is drained', async () => {
    const worker = await workerDoing(untilStopped, {}, { resumes: true });
    const task = await taskIn(worker);
    await eventually(() => expect(worker.runner.active).toBe(1));
    await worker.sweeper.stop();
    const asked = performance.now();
    await worker.runner.drain(20);
    expect(performance.now() - asked).toBeLessThan(5000);
    expect(await look(task)).toMatchObject({ status: 'queued', attempts: 0, owner: null });
    await database.call('cancel_task', { tenant: 'default', sets: null, task });
  });

  it('is drained when the grace period is over, although the database is unavailable', async () => {
    const worker = await workerDoing(untilStopped);
    const task = await taskIn(worker);
    await eventually(() => expect(worker.runner.active).toBe(1));
    await worker.sweeper.stop();
    const release = worker.tasks.release.bind(worker.tasks);
    worker.tasks.release = () => Promise.reject(new Problem('database_unavailable'));
    const asked = performance.now();
    await worker.runner.drain(1);
    expect(performance.now() - asked).toBeLessThan(3000);
    expect(worker.runner.active).toBe(1);
    worker.tasks.release = release;
    await eventually(async () => expect(await look(task)).toMatchObject({ status: 'queued', attempts: 0 }));
    await database.call('cancel_task', { tenant: 'default', sets: null, task });
  });

  it('lets work end that ends within the grace period', async () => {
    let finish: () => void = () => undefined;
    const worker = await workerDoing(() => new Promise((resolve) => (finish = () => resolve(done))));
    const task = await taskIn(worker);
    await eventually(() => expect(worker.runner.active).toBe(1));
    setTimeout(() => finish(), 300);
    await worker.runner.drain(20);
    expect(await look(task)).toMatchObject({ status: 'succeeded', attempts: 1 });
  });

  it('does not start a task below the memory floor and reports the reason', async () => {
    let runs = 0;
    const worker = await workerDoing(
      async () => {
        runs += 1;
        return done;
      },
      { MEMORY_FLOOR_MB: '999999' },
    );
    const task = await taskIn(worker);
    await eventually(async () =>
      expect(await look(task)).toMatchObject({ status: 'queued', attempts: 0, waiting_on: 'memory' }),
    );
    expect(runs).toBe(0);
  });

  it('starts the tasks that waited for a task, and ends them when it fails', async () => {
    const order: string[] = [];
    const failing = new Set<string>();
    const worker = await workerDoing(async (work) => {
      order.push(work.task.id);
      if (failing.has(work.task.id)) throw new Problem('corrupt_document');
      return done;
    });
    const first = newTask();
    const second = newTask({ waits_for: first.id });
    const broken = newTask();
    const never = newTask({ waits_for: broken.id });
    failing.add(broken.id);
    await worker.queue.ring(await create(first, second));
    expect(await ended(second.id)).toMatchObject({ status: 'succeeded' });
    expect(order).toEqual([first.id, second.id]);
    await worker.queue.ring(await create(broken, never));
    expect(await ended(never.id)).toMatchObject({ status: 'cancelled', attempts: 0 });
  });

  it('runs a task once, however many rings and workers there are', async () => {
    let runs = 0;
    const run: Run = async () => {
      runs += 1;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return done;
    };
    const [one, two] = [await workerDoing(run), await workerDoing(run)];
    const task = await taskIn(one);
    const ring = { task, token: 0, queue: 'default', priority: 0 };
    for (let times = 0; times < 5; times++)
      await Promise.all([one.queue.ring([ring]), two.queue.ring([ring])]);
    await ended(task);
    await Promise.all([one.runner.drain(5), two.runner.drain(5)]);
    expect(runs).toBe(1);
  });

  it('rings again for a task whose ring was lost', async () => {
    const worker = await workerDoing(async () => done);
    const task = newTask();
    await create(task);
    expect(await ended(task.id)).toMatchObject({ status: 'succeeded' });
    expect(worker.heard).toEqual([]);
  });

  it('fails a task whose worker is lost again and again', async () => {
    const worker = await buildWorker(database);
    workers.push(worker);
    const task = await taskIn(worker, { max_attempts: 2 });
    for (let losses = 0; losses <= 20; losses++) {
      await claim(database, task, 'doomed', 0.001);
      await eventually(async () => {
        await worker.sweeper.sweep();
        expect((await look(task)).status).not.toBe('running');
      });
    }
    expect(await look(task)).toMatchObject({
      status: 'failed',
      attempts: expect.any(Number),
      error: { code: 'worker_lost', retryable: true },
    });
  });
});

describe('assertHandlers', () => {
  @Handles('ingest')
  class Ingests {}
  @Handles('ingest')
  class IngestsToo {}
  class DoesNothing {}

  it('refuses a job without a handler, a job with two, and a handler without a job', () => {
    expect(() => assertHandlers([new Ingests()])).toThrow('job summarize has no handler');
    expect(() => assertHandlers([new Ingests(), new IngestsToo()])).toThrow('job ingest has two handlers');
    expect(() => assertHandlers([new DoesNothing()])).toThrow('DoesNothing handles no job of the catalogue');
  });
});
