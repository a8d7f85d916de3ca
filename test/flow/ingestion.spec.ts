import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ParserMetrics } from '../../src/features/ingestion/parser-metrics.js';
import { ParserPool } from '../../src/features/parsing/sandbox/pool.js';
import type { Database } from '../../src/platform/database/database.js';
import type { ChunkRow, TaskView } from '../../src/platform/database/functions.js';
import type { Embedder } from '../../src/platform/embedding/embedder.js';
import { NoEmbedder } from '../../src/platform/embedding/none.js';
import { openTestDatabase } from '../database.js';
import { eventually } from '../eventually.js';
import { CountingEmbedder, findDocument, ingestionHandlers, readTask, upload } from '../ingestion.js';
import { buildPdf } from '../pdf.js';
import { buildWorker, type TestWorker } from '../worker.js';

/** As many passages of their own, each about a chunk long. */
const longText = (passages: number, word = 'passage'): string =>
  Array.from(
    { length: passages },
    (_unused, number) =>
      `## Part ${number}\n\n${`The ${word} ${number} says something of its own. `.repeat(20)}`,
  ).join('\n\n');

const sentences = (page: string): string[] =>
  Array.from({ length: 12 }, (_unused, line) => `Line ${line} of the ${page} page says where it stands.`);

describe('ingestion', () => {
  let database: Database;
  let pool: ParserPool;
  const workers: TestWorker[] = [];
  beforeAll(async () => {
    database = await openTestDatabase();
    pool = new ParserPool({ size: 2, memoryMb: 1024, timeoutMs: 15_000 });
  });
  afterEach(async () => {
    for (const worker of workers.splice(0)) await worker.stop();
  });
  afterAll(async () => {
    await pool.close();
    await database.close();
  });

  async function workerWith(
    embedder: Embedder,
    settings: Record<string, string> = {},
    parsers = pool,
  ): Promise<TestWorker> {
    const worker = await buildWorker(database, {
      EMBEDDING_BATCH_MIN: '4',
      EMBEDDING_BATCH_MAX: '4',
      ...settings,
    });
    workers.push(worker);
    await worker.start(ingestionHandlers(worker, database, parsers, embedder));
    return worker;
  }

  const ended = (task: string, tenant?: string): Promise<TaskView> =>
    eventually(async () => {
      const view = await readTask(database, task, tenant);
      expect(['succeeded', 'failed', 'cancelled']).toContain(view.status);
      return view;
    }, 25_000);
  const readChunks = (document_id: string, tenant = 'default'): Promise<ChunkRow[]> =>
    database.call('list_chunks', { tenant, sets: null, document_id, after_ordinal: -1, limit: 1000 });
  const storedBlobs = async (worker: TestWorker): Promise<number> => {
    let count = 0;
    for await (const _key of worker.blobs.list()) count += 1;
    return count;
  };

  it.each([
    ['notes.txt', 'Leave is 25 days a year.\n\nAsk the office.'],
    ['handbook.md', '# Handbook\n\n## Leave\n\nLeave is 25 days a year.'],
    ['report.pdf', buildPdf([['Annual report', 'Leave is 25 days a year.'], ['Second page.']])],
  ])('makes %s answerable', async (filename, content) => {
    const worker = await workerWith(new CountingEmbedder());
    const { id, task_id } = await upload(worker, database, filename, content);
    const task = await ended(task_id);
    expect(task).toMatchObject({ status: 'succeeded', progress: 1, attempts: 1, error: null });
    const document = await findDocument(database, id);
    expect(document).toMatchObject({ status: 'ready', version: 1, ready_version: 1, error: null });
    const chunks = await readChunks(id);
    expect(document?.chunk_count).toBe(chunks.length);
    expect(chunks.map((chunk) => chunk.content).join('\n')).toContain('Leave is 25 days a year.');
    expect(task.result).toMatchObject({ document_id: id, version: 1, chunks: chunks.length });
    expect(Object.keys(task.stages)).toEqual(
      expect.arrayContaining(['download', 'parse', 'chunk', 'embed', 'index']),
    );
    expect(worker.heard.at(-1)).toMatchObject({
      type: 'ingest_complete',
      status: 'completed',
      document_id: id,
      request_id: 'request-1',
    });
  });

  it('shows the state of the parser children', async () => {
    const worker = await workerWith(new CountingEmbedder());
    const metrics = new ParserMetrics(worker.metrics, pool);
    expect(metrics).toBeInstanceOf(ParserMetrics);
    await ended((await upload(worker, database, 'measured.txt', 'One more document.')).task_id);
    const text = await worker.metrics.registry.metrics();
    expect(text).toMatch(/parser_pool_documents_total\{result="parsed"\} [1-9]/);
    expect(text).toContain('parser_pool_children{state="busy"} 0');
    expect(text).toMatch(/parser_pool_children\{state="idle"\} [12]/);
  });

  it('carries headings and pages to the chunks', async () => {
    const worker = await workerWith(new CountingEmbedder());
    const handbook = await upload(
      worker,
      database,
      'provenance.md',
      '# Handbook\n\n## Leave\n\nLeave is 25 days a year.',
    );
    const report = await upload(
      worker,
      database,
      'provenance.pdf',
      buildPdf([sentences('first'), sentences('second')]),
    );
    await ended(handbook.task_id);
    await ended(report.task_id);
    expect((await readChunks(handbook.id))[0]).toMatchObject({ heading: 'Handbook > Leave', page: null });
    const pages = await readChunks(report.id);
    expect([pages[0]?.page, pages.at(-1)?.page_end]).toEqual([1, 2]);
  });

  it('embeds the heading path with the text, and nothing twice', async () => {
    const embedder = new CountingEmbedder();
    const worker = await workerWith(embedder);
    const first = await upload(worker, database, 'one.md', '# Rules\n\nBring your own cup.');
    await ended(first.task_id);
    expect(embedder.embedded).toEqual(['Rules\nBring your own cup.']);
    const second = await upload(worker, database, 'two.md', '# Rules\n\nBring your own cup.');
    await ended(second.task_id);
    expect(embedder.embedded).toHaveLength(1);
    const foreign = await upload(worker, database, 'one.md', '# Rules\n\nBring your own cup.', {
      tenant: 'other',
    });
    await ended(foreign.task_id, 'other');
    expect(embedder.embedded).toHaveLength(2);
  });

  it('shows real progress that never goes back', async () => {
    const worker = await workerWith(
      new CountingEmbedder(() => new Promise((resolve) => setTimeout(resolve, 260))),
    );
    const { id, task_id } = await upload(worker, database, 'progress.md', longText(24, 'progress'));
    await ended(task_id);
    const shown = worker.heard.filter((event) => event.document_id === id).map((event) => event.progress);
    expect(shown).toEqual(shown.toSorted((left, right) => left - right));
    expect(shown.filter((fraction) => fraction > 0.4 && fraction < 1).length).toBeGreaterThanOrEqual(3);
    expect(worker.heard.at(-1)?.progress).toBe(1);
  });

  it('fails a document without text with a clear reason, and stores nothing of it', async () => {
    const worker = await workerWith(new CountingEmbedder());
    const { id, task_id } = await upload(worker, database, 'blank.txt', ' \n \t \n');
    expect(await ended(task_id)).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { code: 'no_text_content', retryable: false },
    });
    expect(await findDocument(database, id)).toMatchObject({
      status: 'failed',
      ready_version: null,
      error: { code: 'no_text_content' },
    });
    expect(worker.heard.at(-1)).toMatchObject({
      type: 'ingest_failed',
      status: 'failed',
      error: { code: 'no_text_content' },
    });
    expect(await worker.metrics.registry.metrics()).toContain(
      'documents_ingested_total{format="txt",status="failed"} 1',
    );
  });

  it('continues from the staged chunks after a failed attempt, and embeds no chunk twice', async () => {
    let calls = 0;
    const embedder = new CountingEmbedder(() => {
      calls += 1;
      if (calls === 4) throw new Error('the model server broke off');
    });
    const worker = await workerWith(embedder);
    const { id, task_id } = await upload(worker, database, 'broken-off.md', longText(24, 'resumed'));
    expect(await ended(task_id)).toMatchObject({ status: 'succeeded', attempts: 2 });
    const count = (await readChunks(id)).length;
    // The fourth batch was asked for twice, everything before it once.
    expect(embedder.embedded).toHaveLength(count + 4);
    expect(new Set(embedder.embedded).size).toBe(count);
  });

  it('fails a document that kills its parser after the allowed attempts, and no other', async () => {
    const cramped = new ParserPool({ size: 1, memoryMb: 900, timeoutMs: 15_000 });
    try {
      const worker = await workerWith(new CountingEmbedder(), {}, cramped);
      const poison = await upload(
        worker,
        database,
        'poison.json',
        `[${'{"a":[1,2,3]},'.repeat(8_000_000)}1]`,
        { attempts: 2 },
      );
      const innocent = await upload(worker, database, 'innocent.txt', 'Nothing wrong with this one.', {
        attempts: 1,
      });
      expect(await ended(poison.task_id)).toMatchObject({
        status: 'failed',
        attempts: 2,
        losses: 0,
        error: { code: 'parser_crashed' },
      });
      expect(await ended(innocent.task_id)).toMatchObject({ status: 'succeeded', attempts: 1, error: null });
    } finally {
      await cramped.close();
    }
  });

  it('stops within two seconds when it is cancelled, and stages nothing more', async () => {
    const embedder = new CountingEmbedder();
    const worker = await workerWith(embedder);
    embedder.hold();
    const { id, task_id } = await upload(worker, database, 'cancelled.md', longText(12, 'cancelled'));
    await eventually(() => expect(embedder.embedded.length).toBeGreaterThan(0));
    const asked = performance.now();
    await database.call('cancel_task', { tenant: 'default', sets: null, task: task_id });
    expect(await ended(task_id)).toMatchObject({ status: 'cancelled' });
    expect(performance.now() - asked).toBeLessThan(2000);
    expect(await findDocument(database, id)).toMatchObject({
      status: 'failed',
      error: { code: 'cancelled' },
    });
    expect(await readChunks(id)).toEqual([]);
  });

  it('stops for a document that is deleted meanwhile, and leaves none of its data', async () => {
    const embedder = new CountingEmbedder();
    const worker = await workerWith(embedder);
    const { id, task_id } = await upload(worker, database, 'deleted.md', longText(12, 'deleted'), {
      ring: false,
    });
    embedder.hold();
    await worker.queue.ring([{ task: task_id, token: 0, queue: 'ingestion', priority: 0 }]);
    await eventually(() => expect(embedder.embedded.length).toBeGreaterThan(0));
    expect(await database.call('delete_document', { tenant: 'default', sets: null, id })).toMatchObject({
      receipt: { documents: 1, blobs: 2 },
    });
    await eventually(() => expect(worker.runner.active).toBe(0));
    expect(await findDocument(database, id)).toBeNull();
    expect(await readTask(database, task_id)).toMatchObject({ status: 'cancelled' });
    await eventually(async () => expect(await storedBlobs(worker)).toBe(0));
  });

  it('ends with the newest bytes when the same file comes again meanwhile', async () => {
    const embedder = new CountingEmbedder();
    const worker = await workerWith(embedder);
    embedder.hold();
    const first = await upload(worker, database, 'again.md', longText(12, 'old'));
    await eventually(() => expect(embedder.embedded.length).toBeGreaterThan(0));
    const second = await upload(worker, database, 'again.md', longText(3, 'new'));
    expect(second).toMatchObject({ id: first.id, version: 2 });
    embedder.release();
    expect(await ended(second.task_id)).toMatchObject({ status: 'succeeded' });
    expect((await ended(first.task_id)).status).not.toBe('succeeded');
    const chunks = await readChunks(first.id);
    expect(chunks.map((chunk) => chunk.ordinal)).toEqual([...chunks.keys()]);
    expect(chunks.every((chunk) => chunk.content.includes('The new'))).toBe(true);
    expect(await findDocument(database, first.id)).toMatchObject({
      status: 'ready',
      version: 2,
      ready_version: 2,
    });
  });

  it('makes a document of ten chunks answerable with two calls of the worker', async () => {
    const worker = await workerWith(new NoEmbedder(), { EMBEDDING_BATCH_MAX: '64' });
    const { call } = database;
    const calls: string[] = [];
    database.call = ((name: 'claim_tasks', ...rest: [never]) => {
      const others = ['heartbeat', 'get_task', 'outdated_documents', 'sweep', 'blobs_removed'];
      if (!others.includes(name)) calls.push(name);
      return call.call(database, name, ...rest);
    }) as typeof call;
    try {
      const { id, task_id } = await upload(worker, database, 'ten.md', longText(10, 'ten'));
      expect(await ended(task_id)).toMatchObject({ status: 'succeeded' });
      expect(calls).toEqual([
        'declare_blobs',
        'create_documents',
        // those of the worker
        'claim_tasks',
        'finish_documents',
      ]);
      expect((await readChunks(id)).length).toBeGreaterThanOrEqual(10);
    } finally {
      database.call = call;
    }
  });

  it('refuses late writes of a frozen worker', async () => {
    const slow = new CountingEmbedder();
    const frozen = await workerWith(slow, { TASK_LEASE_SECONDS: '2' });
    slow.hold({ deaf: true });
    const { id, task_id } = await upload(frozen, database, 'frozen.md', longText(12, 'frozen'));
    await eventually(() => expect(slow.embedded.length).toBeGreaterThan(0));
    const stale = (await readTask(database, task_id)).token;
    // Frozen: no heartbeat leaves it, and the lease runs out.
    frozen.tasks.heartbeat = () => new Promise(() => undefined);
    await frozen.sweeper.stop();
    await frozen.queue.pause();
    await workerWith(new CountingEmbedder(), { DATA_DIR: frozen.env.DATA_DIR });
    expect(await ended(task_id)).toMatchObject({ status: 'succeeded', losses: 1, attempts: 1 });
    const before = await readChunks(id);
    const document = await findDocument(database, id);
    slow.release();
    await eventually(() => expect(frozen.runner.active).toBe(0));
    const claim = { task: task_id, token: stale, document_id: id, version: 1 };
    expect(await database.call('stage_chunks', { ...claim, chunks: [], progress: 0.5 })).toBeNull();
    expect(
      await database.call('publish_document', { ...claim, chunk_count: 0, result: {}, stages: {} }),
    ).toMatchObject({
      published: false,
    });
    expect(await readChunks(id)).toEqual(before);
    expect(await findDocument(database, id)).toEqual(document);
  });

  it('empties a document set and reports what was deleted', async () => {
    const worker = await workerWith(new CountingEmbedder());
    const kept = await upload(worker, database, 'kept.md', 'This one stays.', { set: 'other_set' });
    const created = [];
    for (const number of [1, 2, 3])
      created.push(
        await upload(worker, database, `gone-${number}.md`, `Going, going, ${number}.`, { set: 'doomed' }),
      );
    for (const { task_id } of [...created, kept]) await ended(task_id);
    const task = created[0]?.id ?? '';
    const { rings } = await database.call('create_tasks', {
      tenant: 'default',
      subject: 'tester',
      request_id: null,
      trace_context: null,
      tasks: [
        {
          id: task,
          type: 'delete_set',
          queue: 'default',
          payload: { document_set: 'doomed' },
          document_set: 'doomed',
        },
      ],
    });
    await worker.queue.ring(rings);
    const view = await ended(task);
    expect(view).toMatchObject({
      status: 'succeeded',
      result: { deleted: { documents: 3, chunks: 3, embeddings: 3, blobs: 6, summaries: 0 } },
    });
    expect(
      await database.call('list_documents', {
        tenant: 'default',
        sets: null,
        document_set: 'doomed',
        status: null,
        q: null,
        before_at: null,
        before_id: null,
        limit: 10,
      }),
    ).toEqual([]);
    expect(await findDocument(database, kept.id)).toMatchObject({ status: 'ready' });
    expect(worker.heard.at(-1)).toMatchObject({ type: 'document_deleted', document_set: 'doomed' });
  });
});
