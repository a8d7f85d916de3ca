import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Database } from '../../src/platform/database/database.js';
import { uuidv7 } from '../../src/common/ids.js';
import { eachDatabase } from '../database-drivers.js';
import { claim, createDocuments, createTask, failure, newDocument, newTask } from '../rows.js';

const runSweep = (database: Database, more: { max_losses?: number; retention_seconds?: number } = {}) =>
  database.call('sweep', {
    max_losses: 3,
    retention_seconds: 3600,
    garbage_limit: 100,
    ring_limit: 1000,
    ...more,
  });

/** A claim whose lease is over. */
const frozen = (database: Database, task: string) => claim(database, task, 'frozen', -1);

eachDatabase((opened) => {
  const describeState = async (tenant: string, task: string) =>
    (await opened().database.call('get_task', { tenant, task }))?.status;

  describe('creating', () => {
    it('creates tasks with their rings, and returns the existing task for an equal dedupe key', async () => {
      const { database } = opened();
      const first = newTask({ dedupe_key: 'doc:1', priority: 5 });
      const one = await database.call('create_tasks', {
        tenant: 'create',
        subject: 's',
        tasks: [first, newTask()],
      });
      expect(one.tasks.map(({ created }) => created)).toEqual([true, true]);
      expect(one.rings).toContainEqual({ task: first.id, token: 0, queue: 'summary', priority: 5 });
      const again = await database.call('create_tasks', {
        tenant: 'create',
        subject: 's',
        tasks: [newTask({ dedupe_key: 'doc:1' })],
      });
      expect(again).toEqual({ tasks: [{ id: first.id, created: false }], rings: [] });
      const elsewhere = await database.call('create_tasks', {
        tenant: 'create2',
        subject: 's',
        tasks: [newTask({ dedupe_key: 'doc:1' })],
      });
      expect(elsewhere.tasks[0]?.created).toBe(true);
    });

    it('is repeatable: the same ids create nothing new', async () => {
      const { database } = opened();
      const tasks = [newTask(), newTask()];
      await database.call('create_tasks', { tenant: 'repeat', subject: 's', tasks });
      const again = await database.call('create_tasks', { tenant: 'repeat', subject: 's', tasks });
      expect(again.tasks).toEqual(tasks.map(({ id }) => ({ id, created: false })));
    });

    it('creates one task when eight callers ask for the same work at once', async () => {
      const { database } = opened();
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => {
          const tasks = ['a', 'b', 'c']
            .sort(() => Math.random() - 0.5)
            .map((key) => newTask({ dedupe_key: key }));
          return database.call('create_tasks', { tenant: 'race', subject: 's', tasks });
        }),
      );
      expect(new Set(answers.flatMap(({ tasks }) => tasks.map(({ id }) => id))).size).toBe(3);
    });
  });

  describe('claiming', () => {
    it('gives a task to one of ten claimants, with a lease, a token and a counted attempt', async () => {
      const { database } = opened();
      const task = await createTask(database, 'claim');
      const rows = await Promise.all(
        Array.from({ length: 10 }, (_, n) =>
          database.call('claim_task', { task, owner: `w${n}`, lease_seconds: 30 }),
        ),
      );
      const won = rows.filter((row) => row !== null);
      expect(won).toHaveLength(1);
      expect(won[0]).toMatchObject({
        status: 'running',
        attempts: 1,
        token: expect.any(Number),
        owner: expect.stringMatching(/^w\d$/),
      });
    });

    it('gives each of several tasks to one of ten who claim them all at once', async () => {
      const { database } = opened();
      const tasks = await Promise.all(Array.from({ length: 6 }, () => createTask(database, 'claims')));
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, n) =>
          database.call('claim_tasks', {
            // in another order each
            tasks: [...tasks.slice(n % 6), ...tasks.slice(0, n % 6)],
            owner: `w${n}`,
            lease_seconds: 30,
            parsed_keys: tasks.map(() => ''),
            blob_seconds: 60,
          }),
        ),
      );
      const claimed = answers.flatMap((answer) => answer.claimed);
      expect(claimed.map(({ id }) => id).sort()).toEqual(tasks.sort());
      expect(new Set(claimed.map(({ token }) => token)).size).toBe(6);
      expect(claimed.every(({ status, attempts }) => status === 'running' && attempts === 1)).toBe(true);
    });

    it('claims of several tasks those that are due', async () => {
      const { database } = opened();
      const first = await createTask(database, 'dues');
      const waiting = await createTask(database, 'dues', { waits_for: first });
      const other = await createTask(database, 'dues');
      const claimAll = () =>
        database.call('claim_tasks', {
          tasks: [first, waiting, other, randomUUID()],
          owner: 'w',
          lease_seconds: 30,
          parsed_keys: ['', '', '', ''],
          blob_seconds: 60,
        });
      const { claimed, busy } = await claimAll();
      expect(claimed.map(({ id }) => id).sort()).toEqual([first, other].sort());
      expect(claimed).toMatchObject([{ opened: null }, { opened: null }]);
      expect(busy).toEqual([]);
      expect(await claimAll()).toEqual({ claimed: [], busy: [] });
    });

    it('leaves tasks alone that are not due yet or wait for another task', async () => {
      const { database } = opened();
      const first = await createTask(database, 'due');
      const second = await createTask(database, 'due', { waits_for: first });
      expect(await database.call('claim_task', { task: second, owner: 'w', lease_seconds: 30 })).toBeNull();
      const { token } = await claim(database, first);
      await database.call('release_task', { task: first, token, delay_seconds: 60 });
      expect(await database.call('claim_task', { task: first, owner: 'w', lease_seconds: 30 })).toBeNull();
      expect((await runSweep(database)).rings.map(({ task }) => task)).not.toContain(first);
    });

    it('gives a higher token to each claim', async () => {
      const { database } = opened();
      const task = await createTask(database, 'tokens');
      const first = await claim(database, task);
      await database.call('release_task', { task, token: first.token, delay_seconds: 0 });
      const second = await claim(database, task);
      expect(second.token).toBeGreaterThan(first.token);
      expect(second.attempts).toBe(1);
    });
  });

  describe('fencing', () => {
    it('refuses every write of a worker whose lease was taken back', async () => {
      const { database } = opened();
      const task = await createTask(database, 'fence');
      const { token } = await frozen(database, task);
      await runSweep(database);
      const next = await claim(database, task, 'second');
      const late = { task, token };
      expect(await database.call('complete_task', { ...late, result: {}, stages: {} })).toBeNull();
      expect(await database.call('fail_task', { ...late, failure, delay_seconds: 1, stages: {} })).toBeNull();
      expect(await database.call('release_task', { ...late, delay_seconds: 0 })).toEqual({ released: false });
      expect(await database.call('save_checkpoint', { ...late, key: 'k', value: 1 })).toEqual({
        saved: false,
      });
      const beats = [{ task, token, stage: 'late', progress: 1 }];
      expect(await database.call('heartbeat', { owner: 'frozen', lease_seconds: 30, beats })).toEqual({
        lost: [task],
        cancelled: [],
      });
      expect(await database.call('get_task', { tenant: 'fence', task })).toMatchObject({
        status: 'running',
        owner: 'second',
        token: next.token,
        stage: null,
      });
    });

    it('gives the same answer to a completion that is sent twice', async () => {
      const { database } = opened();
      const task = await createTask(database, 'twice');
      const { token } = await claim(database, task);
      const complete = () =>
        database.call('complete_task', { task, token, result: { n: 1 }, stages: { work: 12 } });
      const first = await complete();
      expect(first?.notice).toMatchObject({ status: 'succeeded', progress: 1, result: { n: 1 } });
      expect(await complete()).toEqual(first);
    });
  });

  describe('heartbeats', () => {
    it('report progress, extend the lease and return which tasks were cancelled', async () => {
      const { database } = opened();
      const [a, b] = [await createTask(database, 'beat'), await createTask(database, 'beat')];
      const claims = [await frozen(database, a), await frozen(database, b)];
      await database.call('cancel_task', { tenant: 'beat', task: b });
      const beats = claims.map(({ id, token }) => ({
        task: id,
        token,
        stage: 'embed',
        progress: 0.25,
        waiting_on: id === a ? 'embedding' : null,
      }));
      expect(await database.call('heartbeat', { owner: 'frozen', lease_seconds: 30, beats })).toEqual({
        lost: [],
        cancelled: [b],
      });
      await runSweep(database);
      expect(await database.call('get_task', { tenant: 'beat', task: a })).toMatchObject({
        status: 'running',
        stage: 'embed',
        progress: 0.25,
        waiting_on: 'embedding',
      });
    });
  });

  describe('failing', () => {
    it('tries again later while attempts are left, then fails for good', async () => {
      const { database } = opened();
      const task = await createTask(database, 'fail', { max_attempts: 2 });
      const first = await claim(database, task);
      const again = await database.call('fail_task', {
        task,
        token: first.token,
        failure,
        delay_seconds: 0,
        stages: {},
      });
      expect(again).toMatchObject({
        notice: { status: 'queued', error: failure },
        retry_at: expect.any(String),
      });
      const second = await claim(database, task);
      const ended = await database.call('fail_task', {
        task,
        token: second.token,
        failure,
        delay_seconds: 0,
        stages: { parse: 7 },
      });
      expect(ended).toMatchObject({ notice: { status: 'failed', error: failure }, retry_at: null });
      expect(await database.call('get_task', { tenant: 'fail', task })).toMatchObject({
        status: 'failed',
        attempts: 2,
        stages: { parse: 7 },
        finished_at: expect.any(String),
      });
    });

    it('fails at once where another attempt cannot succeed or is not allowed', async () => {
      const { database } = opened();
      const [a, b] = [await createTask(database, 'final'), await createTask(database, 'final')];
      const final = { ...failure, code: 'corrupt_document', retryable: false };
      await database.call('fail_task', {
        task: a,
        token: (await claim(database, a)).token,
        failure: final,
        delay_seconds: 1,
        stages: {},
      });
      await database.call('fail_task', {
        task: b,
        token: (await claim(database, b)).token,
        failure,
        delay_seconds: null,
        stages: {},
      });
      expect([await describeState('final', a), await describeState('final', b)]).toEqual([
        'failed',
        'failed',
      ]);
    });

    it('cancels the tasks that waited for it, and revives them when it is retried', async () => {
      const { database } = opened();
      const first = await createTask(database, 'chain');
      const second = await createTask(database, 'chain', { waits_for: first });
      const third = await createTask(database, 'chain', { waits_for: second });
      const { token } = await claim(database, first);
      const failed = await database.call('fail_task', {
        task: first,
        token,
        failure: { ...failure, retryable: false },
        delay_seconds: 0,
        stages: {},
      });
      expect(failed?.cancelled.map(({ task_id, status }) => [task_id, status])).toEqual([
        [second, 'cancelled'],
        [third, 'cancelled'],
      ]);
      const retried = await database.call('retry_task', { tenant: 'chain', task: first });
      expect(retried).toMatchObject({ found: true, rings: [{ task: first }] });
      const done = await database.call('complete_task', {
        task: first,
        token: (await claim(database, first)).token,
        result: null,
        stages: {},
      });
      expect(done?.rings).toEqual([{ task: second, token: 0, queue: 'summary', priority: 0 }]);
      expect(await describeState('chain', third)).toBe('queued');
    });

    it('cancels a new task at once when it waits for a task that has failed', async () => {
      const { database } = opened();
      const first = await createTask(database, 'stillborn');
      await database.call('cancel_task', { tenant: 'stillborn', task: first });
      const second = await createTask(database, 'stillborn', { waits_for: first });
      expect(await describeState('stillborn', second)).toBe('cancelled');
    });
  });

  describe('sweeping', () => {
    it('takes back expired leases without counting an attempt, rings again, and fails a task that loses its worker too often', async () => {
      const { database } = opened();
      const task = await createTask(database, 'lost');
      const tokens = new Set([0]);
      for (let loss = 1; loss <= 2; loss += 1) {
        await frozen(database, task);
        const { rings, ended } = await runSweep(database, { max_losses: 2 });
        tokens.add(rings.find((ring) => ring.task === task)?.token ?? 0);
        // a bell of its own for each claim
        expect(tokens.size).toBe(loss + 1);
        expect(ended).toEqual([]);
        expect(await database.call('get_task', { tenant: 'lost', task })).toMatchObject({
          status: 'queued',
          attempts: 0,
          losses: loss,
        });
      }
      await frozen(database, task);
      const { ended } = await runSweep(database, { max_losses: 2 });
      expect(ended).toMatchObject([{ task_id: task, status: 'failed', error: { code: 'worker_lost' } }]);
    });

    it('ends a cancelled task whose worker is gone', async () => {
      const { database } = opened();
      const task = await createTask(database, 'gone');
      await frozen(database, task);
      await database.call('cancel_task', { tenant: 'gone', task });
      expect(await describeState('gone', task)).toBe('running');
      expect((await runSweep(database)).ended).toMatchObject([{ task_id: task, status: 'cancelled' }]);
    });

    it('purges ended tasks after their time, keeps failed ones', async () => {
      const { database } = opened();
      const [done, failed, waiting] = await Promise.all([
        createTask(database, 'purge'),
        createTask(database, 'purge'),
        createTask(database, 'purge'),
      ]);
      await database.call('complete_task', {
        task: done,
        token: (await claim(database, done)).token,
        result: null,
        stages: {},
      });
      await database.call('fail_task', {
        task: failed,
        token: (await claim(database, failed)).token,
        failure,
        delay_seconds: null,
        stages: {},
      });
      await runSweep(database);
      expect(await describeState('purge', done)).toBe('succeeded');
      await runSweep(database, { retention_seconds: 0 });
      expect(await Promise.all([done, failed, waiting].map((task) => describeState('purge', task)))).toEqual([
        undefined,
        'failed',
        'queued',
      ]);
    });

    it('returns unclaimed blobs until they are confirmed as removed', async () => {
      const { database } = opened();
      const keys = ['b', 'a'].map((name) => `${randomUUID()}-${name}`);
      await database.call('declare_blobs', { tenant: 'blobs', keys, ttl_seconds: -1 });
      const { garbage, purged } = await runSweep(database);
      expect(garbage).toEqual(expect.arrayContaining(keys));
      expect(purged.intents).toBe(2);
      expect(await database.call('blobs_removed', { keys })).toEqual({ removed: 2 });
      expect((await runSweep(database)).garbage).not.toEqual(expect.arrayContaining(keys));
    });
  });

  describe('cancelling and retrying', () => {
    it('ends a waiting task at once and a running one when its worker says so', async () => {
      const { database } = opened();
      const [waiting, running] = [await createTask(database, 'cancel'), await createTask(database, 'cancel')];
      const { token } = await claim(database, running);
      expect(await database.call('cancel_task', { tenant: 'cancel', task: waiting })).toMatchObject({
        changed: true,
        notices: [{ status: 'cancelled' }],
      });
      expect(await database.call('cancel_task', { tenant: 'cancel', task: running })).toMatchObject({
        found: true,
        changed: true,
        notices: [],
      });
      const told = await database.call('fail_task', {
        task: running,
        token,
        failure,
        delay_seconds: 1,
        stages: {},
      });
      expect(told).toMatchObject({
        notice: { status: 'cancelled', error: { code: 'cancelled' } },
        retry_at: null,
      });
      expect(await database.call('cancel_task', { tenant: 'cancel', task: running })).toMatchObject({
        found: true,
        changed: false,
      });
      expect(await database.call('cancel_task', { tenant: 'other', task: running })).toMatchObject({
        found: false,
      });
    });

    it('retries by type and code, within the document sets that the principal may see', async () => {
      const { database } = opened();
      const tenant = 'retry';
      for (const document_set of ['hr', 'hr', 'law']) {
        const task = await createTask(database, tenant, { document_set });
        await database.call('fail_task', {
          task,
          token: (await claim(database, task)).token,
          failure,
          delay_seconds: null,
          stages: {},
        });
      }
      expect(await database.call('retry_tasks', { tenant, code: 'internal', limit: 10 })).toMatchObject({
        retried: 0,
      });
      const retried = await database.call('retry_tasks', {
        tenant,
        sets: ['hr'],
        type: 'summarize',
        code: 'upstream_timeout',
        limit: 10,
      });
      expect(retried).toMatchObject({
        retried: 2,
        rings: [{}, {}],
        notices: [{ status: 'queued' }, { status: 'queued' }],
      });
      expect(await database.call('list_tasks', { tenant, statuses: ['failed'], limit: 10 })).toMatchObject([
        { document_set: 'law' },
      ]);
    });

    it('does not start the same work twice: a retry yields to a newer task with the same key', async () => {
      const { database } = opened();
      const old = await createTask(database, 'same', { dedupe_key: 'k' });
      await database.call('cancel_task', { tenant: 'same', task: old });
      await createTask(database, 'same', { dedupe_key: 'k' });
      expect(await database.call('retry_task', { tenant: 'same', task: old })).toMatchObject({
        found: true,
        rings: [],
        notices: [],
      });
    });
  });

  describe('looking', () => {
    it('derives a batch from its children', async () => {
      const { database } = opened();
      const tenant = 'batch';
      const { batch_id, documents } = await createDocuments(database, tenant, [
        newDocument('a.txt', 'a'),
        newDocument('b.txt', 'b'),
      ]);
      const [a, b] = documents.map(({ task_id }) => task_id);
      const batch = () => database.call('get_task', { tenant, task: batch_id });
      expect(await batch()).toMatchObject({
        type: 'batch',
        status: 'queued',
        progress: 0,
        position: null,
        children: [{ id: a }, { id: b }],
      });
      const first = await claim(database, a ?? '');
      expect(await batch()).toMatchObject({ status: 'running' });
      await database.call('complete_task', { task: first.id, token: first.token, result: null, stages: {} });
      expect(await batch()).toMatchObject({ status: 'running', progress: 0.5 });
      const second = await claim(database, b ?? '');
      await database.call('fail_task', {
        task: second.id,
        token: second.token,
        failure,
        delay_seconds: null,
        stages: {},
      });
      expect(await batch()).toMatchObject({ status: 'failed', progress: 1, error: failure });
      await runSweep(database, { retention_seconds: 0 });
      expect(await batch()).toMatchObject({ status: 'failed' });
      expect(await database.call('retry_task', { tenant, task: batch_id })).toMatchObject({
        rings: [{ task: b }],
      });
      expect(await database.call('cancel_task', { tenant, task: batch_id })).toMatchObject({ changed: true });
      expect(await batch()).toMatchObject({ status: 'cancelled' });
      await runSweep(database, { retention_seconds: 0 });
      expect(await batch()).toBeNull();
    });

    it('lists no batch as waiting or running after its tasks have ended, with success or not', async () => {
      const { database } = opened();
      const tenant = 'ended batches';
      const open = async () => {
        const statuses = ['waiting', 'retrying', 'running'];
        const rows = await database.call('list_tasks', { tenant, statuses, limit: 50 });
        return rows.map(({ id }) => id);
      };
      const first = await createDocuments(database, tenant, [
        newDocument('a.txt', 'a'),
        newDocument('b.txt', 'b'),
      ]);
      expect(await open()).toContain(first.batch_id);
      await database.call('delete_document', { tenant, sets: null, id: first.documents[0]?.id ?? '' });
      const second = await createDocuments(database, tenant, [newDocument('b.txt', 'newer')]);
      expect(await open()).toEqual(expect.arrayContaining([second.batch_id, second.documents[0]?.task_id]));
      expect(await open()).toHaveLength(2);
      const { id, token } = await claim(database, second.documents[0]?.task_id ?? '');
      const again = await createDocuments(database, tenant, [newDocument('b.txt', 'newer')]);
      expect(await open()).toContain(again.batch_id);
      await database.call('complete_task', { task: id, token, result: null, stages: {} });
      expect(await open()).toEqual([]);
    });

    it('tells the place in the queue: higher priority first, then the oldest', async () => {
      const { database } = opened();
      const tenant = 'place';
      const queue = `q-${randomUUID()}`;
      // tasks of the same millisecond are in the order of their ids
      const [low, next, high] = [
        await createTask(database, tenant, { queue, id: uuidv7(1) }),
        await createTask(database, tenant, { queue, id: uuidv7(2) }),
        await createTask(database, tenant, { queue, id: uuidv7(3), priority: 9 }),
      ];
      const places = await Promise.all(
        [high, low, next].map(async (task) => (await database.call('get_task', { tenant, task }))?.position),
      );
      expect(places).toEqual([1, 2, 3]);
      expect(await database.call('queue_stats', { tenant })).toMatchObject([
        { queue, waiting: 3, running: 0, failed: 0 },
      ]);
    });

    it('lists by keyset, stable while others write, filtered by state', async () => {
      const { database } = opened();
      const tenant = 'pages';
      const made = new Set<string>();
      for (let n = 0; n < 7; n += 1) made.add(await createTask(database, tenant));
      // tasks of one moment of the clock are in the order of their ids
      const all = (await database.call('list_tasks', { tenant, limit: 100 })).map(({ id }) => id);
      expect(new Set(all)).toEqual(made);
      const seen: string[] = [];
      let cursor: { before_at?: string; before_id?: string } = {};
      for (;;) {
        const page = await database.call('list_tasks', { tenant, limit: 3, ...cursor });
        seen.push(...page.map(({ id }) => id));
        const last = page.at(-1);
        if (!last) break;
        cursor = { before_at: last.created_at, before_id: last.id };
        await createTask(database, tenant);
      }
      expect(seen).toEqual(all);
      const { id, token } = await claim(database, all[0] ?? '');
      await database.call('fail_task', { task: id, token, failure, delay_seconds: 5, stages: {} });
      expect(
        (await database.call('list_tasks', { tenant, statuses: ['retrying'], limit: 10 })).map(
          (task) => task.id,
        ),
      ).toEqual([id]);
      expect(
        (await database.call('list_tasks', { tenant, statuses: ['waiting'], limit: 100 })).map(
          (task) => task.id,
        ),
      ).not.toContain(id);
    });

    it('hides tasks of document sets that the principal may not see', async () => {
      const { database } = opened();
      const tenant = 'sets';
      const [own, both, all] = [
        await createTask(database, tenant, { document_set: 'hr' }),
        await createTask(database, tenant, { document_sets: ['hr', 'law'] }),
        await createTask(database, tenant),
      ];
      const visible = async (sets: string[] | null) =>
        (await database.call('list_tasks', { tenant, sets, limit: 10 })).map(({ id }) => id).sort();
      // tasks of one millisecond come in any order
      expect(await visible(['hr'])).toEqual([own]);
      expect(await visible(['hr', 'law'])).toEqual([both, own].sort());
      expect(await visible(null)).toEqual([all, both, own].sort());
      expect(await database.call('get_task', { tenant, sets: ['hr'], task: all })).toBeNull();
    });
  });
});
