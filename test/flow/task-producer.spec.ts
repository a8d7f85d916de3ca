import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '../../src/common/ids.js';
import { runInContext } from '../../src/common/request-context.js';
import type { Database } from '../../src/platform/database/database.js';
import { TaskProducer } from '../../src/platform/queue/task-producer.js';
import { openTestDatabase } from '../database.js';
import { eventually } from '../eventually.js';
import { createDocuments, newDocument } from '../rows.js';
import { buildWorker, type TestWorker } from '../worker.js';

describe('making tasks', () => {
  let database: Database;
  let worker: TestWorker;
  let producer: TaskProducer;
  const owner = { tenant: 'makers', subject: 'ann' };
  const readTask = (task: string) => database.call('get_task', { tenant: owner.tenant, task });

  beforeAll(async () => {
    database = await openTestDatabase();
    worker = await buildWorker(database, { TASK_MAX_ATTEMPTS: '7' });
    producer = new TaskProducer(worker.env, worker.tasks, worker.announcer);
  });
  afterAll(async () => {
    await worker.stop();
    await database.close();
  });

  it('uses queue and priority of the catalogue, attempts of the settings, request and trace of the context', async () => {
    const context = { requestId: 'request-7', traceContext: '00-aa-bb-01' };
    const payload = { document_id: uuidv7(), version: 2 };
    const id = await runInContext(context, () =>
      producer.create('summarize', payload, owner, { filename: 'a.txt', document_set: 'hr' }),
    );
    expect(await readTask(id)).toMatchObject({
      type: 'summarize',
      queue: 'summary',
      priority: 0,
      max_attempts: 7,
      payload,
      subject: 'ann',
      filename: 'a.txt',
      document_set: 'hr',
      request_id: 'request-7',
      trace_context: '00-aa-bb-01',
    });
  });

  it('returns the waiting task when the dedupe fields of the catalogue are equal', async () => {
    const document_id = uuidv7();
    const first = await producer.create('summarize', { document_id, version: 1 }, owner);
    expect(await producer.create('summarize', { document_id, version: 1 }, owner)).toBe(first);
    expect(await producer.create('summarize', { document_id, version: 2 }, owner)).not.toBe(first);
    const asked = { prompt: 'Why?', sets: null };
    const question = await producer.create('answer_question', asked, owner);
    expect(await producer.create('answer_question', asked, owner)).not.toBe(question);
  });

  it('gives tasks of an upload, which SQL creates, the same values', async () => {
    const { documents } = await createDocuments(database, owner.tenant, [newDocument('a.txt', 'one')]);
    const [{ id, version, task_id } = { id: '', version: 0, task_id: '' }] = documents;
    expect(await producer.create('ingest', { document_id: id, version }, owner)).toBe(task_id);
    const planned = producer.plan('ingest', { document_id: id, version });
    expect(await readTask(task_id)).toMatchObject({
      type: planned.type,
      queue: planned.queue,
      priority: planned.priority,
      max_attempts: 3,
      payload: planned.payload,
    });
  });

  it('rings for tasks that can start, and not for one that waits for another', async () => {
    const rung: string[] = [];
    const payload = { prompt: 'Why?', sets: null };
    const check = producer.plan('check_knowledge_base', payload);
    const answer = producer.plan('answer_question', payload, {}, check);
    await worker.queue.consume('default', 2, async (task) => void rung.push(task));
    expect(await producer.createAll(owner, [check, answer])).toEqual([check.id, answer.id]);
    const last = await producer.create('index_space', { space: 1 }, owner);
    await eventually(async () => expect(rung).toEqual(expect.arrayContaining([check.id, last])));
    expect(rung).not.toContain(answer.id);
  });

  it('runs a question before the maintenance tasks of its queue', () => {
    const upkeep = producer.plan('index_space', { space: 1 });
    const question = producer.plan('answer_question', { prompt: 'Why?', sets: null });
    expect(question.queue).toBe(upkeep.queue);
    expect(question.priority).toBeGreaterThan(upkeep.priority);
  });
});
