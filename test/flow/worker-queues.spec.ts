import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '../../src/common/ids.js';
import type { Database } from '../../src/platform/database/database.js';
import type { JobName } from '../../src/platform/queue/jobs.js';
import type { Handler } from '../../src/platform/queue/work.js';
import { openTestDatabase } from '../database.js';
import { eventually } from '../eventually.js';
import { buildWorker, type TestWorker } from '../worker.js';

describe('a worker pinned to some queues', () => {
  let database: Database;
  let worker: TestWorker;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(async () => {
    await worker.stop();
    await database.close();
  });

  it('takes from those that WORKER_QUEUES names and leaves the others', async () => {
    const did: string[] = [];
    const handler: Handler<JobName> = {
      run: async (_payload, work) => {
        did.push(work.task.id);
        return { deleted: { documents: 0, chunks: 0, embeddings: 0, blobs: 0, summaries: 0 } };
      },
    };
    worker = await buildWorker(database, { WORKER_QUEUES: 'summary,ingestion' });
    await worker.start(new Map([['delete_set', handler]]));
    const [left, first, second] = ['default', 'summary', 'ingestion'].map((queue) => {
      const id = uuidv7();
      return { id, type: 'delete_set', queue, payload: { document_set: id }, max_attempts: 1 };
    });
    const { rings } = await database.call('create_tasks', {
      tenant: 'default',
      subject: 'tester',
      request_id: null,
      trace_context: null,
      tasks: [left, first, second],
    });
    await worker.announcer.ring(rings);
    await eventually(() => expect(new Set(did)).toEqual(new Set([first?.id, second?.id])));
    expect(
      await database.call('get_task', { tenant: 'default', sets: null, task: left?.id ?? '' }),
    ).toMatchObject({
      status: 'queued',
      attempts: 0,
    });
  });
});
