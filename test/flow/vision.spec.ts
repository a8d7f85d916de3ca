import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { ParserPool } from '../../src/features/parsing/sandbox/pool.js';
import { loadEnv } from '../../src/config/env.js';
import type { Database } from '../../src/platform/database/database.js';
import type { ChunkRow, TaskView } from '../../src/platform/database/functions.js';
import { OpenAiChatModel } from '../../src/platform/llm/openai.js';
import { openTestDatabase } from '../database.js';
import { eventually } from '../eventually.js';
import { CountingEmbedder, findDocument, ingestionHandlers, readTask, upload } from '../ingestion.js';
import { buildPdf } from '../pdf.js';
import { scriptedModel, type ScriptedModel } from '../scripted-llm.js';
import { imagesIn, lastPrompt, type RequestBody } from '../scripted-llm/protocol.js';
import { buildWorker, type TestWorker } from '../worker.js';

const text = (page: string): string[] =>
  Array.from({ length: 8 }, (_unused, line) => `The text layer of the ${page} page, line ${line}.`);

const makePage = (body: RequestBody): string => lastPrompt(body).trim();

describe('vision pipeline', () => {
  let database: Database;
  let pool: ParserPool;
  let server: ScriptedModel;
  const closers: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    database = await openTestDatabase();
    pool = new ParserPool({ size: 1, memoryMb: 1536, timeoutMs: 15_000 });
  });
  beforeEach(async () => {
    server = await scriptedModel({ reply: (_body, prompt) => `# As seen\n\nThe model reads ${prompt}` });
    closers.push(() => server.close());
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  afterAll(async () => {
    await pool.close();
    await database.close();
  });

  async function workerWith(
    settings: Record<string, string> = { OPENAI_VISION_MODEL: 'eyes' },
  ): Promise<TestWorker> {
    const { OPENAI_VISION_MODEL, ...rest } = settings;
    const worker = await buildWorker(database, rest);
    closers.push(() => worker.stop());
    const model = new OpenAiChatModel(
      loadEnv({ OPENAI_API_BASE: server.url, ...(OPENAI_VISION_MODEL && { OPENAI_VISION_MODEL }) }),
      {
        metrics: worker.metrics,
        backoffMs: 1,
      },
    );
    closers.push(() => model.close());
    await worker.start(ingestionHandlers(worker, database, pool, new CountingEmbedder(), model));
    return worker;
  }
  const ended = (task: string): Promise<TaskView> =>
    eventually(async () => {
      const view = await readTask(database, task);
      expect(['succeeded', 'failed', 'cancelled']).toContain(view.status);
      return view;
    }, 25_000);
  const readChunks = (document_id: string): Promise<ChunkRow[]> =>
    database.call('list_chunks', {
      tenant: 'default',
      sets: null,
      document_id,
      after_ordinal: -1,
      limit: 1000,
    });
  const askedPages = (): string[] => server.requests('chat').map(({ body }) => makePage(body));

  it('reads a scan by itself, page by page, with the page in each citation', async () => {
    const worker = await workerWith();
    const { id, task_id } = await upload(worker, database, 'scan.pdf', buildPdf(['scan', 'scan', 'scan']));
    const task = await ended(task_id);
    expect(task).toMatchObject({ status: 'succeeded', error: null, stages: { vision: expect.any(Number) } });
    const chunks = await readChunks(id);
    expect(chunks.map(({ content, page }) => ({ content, page }))).toEqual(
      [1, 2, 3].map((page) => ({ content: expect.stringContaining(`The model reads Page ${page}.`), page })),
    );
    expect(await findDocument(database, id)).toMatchObject({ status: 'ready', pages: 3, title: 'As seen' });
    expect(server.requests('chat').map(({ body }) => [body.model, imagesIn(body)])).toEqual([
      ['eyes', 1],
      ['eyes', 1],
      ['eyes', 1],
    ]);
  });

  it('reads only the scanned pages of a document with text', async () => {
    const worker = await workerWith();
    const { id, task_id } = await upload(
      worker,
      database,
      'mixed.pdf',
      buildPdf([text('first'), 'scan', text('third'), text('fourth')]),
    );
    await ended(task_id);
    expect(askedPages()).toEqual(['Page 2.']);
    const content = (await readChunks(id)).map((chunk) => chunk.content).join('\n');
    expect(content).toContain('text layer of the first page');
    expect(content).toContain('The model reads Page 2.');
    expect((await findDocument(database, id))?.warnings).toEqual([]);
  });

  it('reads every page on request', async () => {
    const worker = await workerWith();
    const { id, task_id } = await upload(
      worker,
      database,
      'asked.pdf',
      buildPdf([text('first'), text('second')]),
      { pipeline: 'vlm' },
    );
    await ended(task_id);
    expect(askedPages().toSorted()).toEqual(['Page 1.', 'Page 2.']);
    expect((await readChunks(id))[0]?.content).toContain('The model reads Page 1.');
  });

  it.each(['png', 'jpeg', 'webp', 'tiff'] as const)('reads a picture as %s', async (format) => {
    const worker = await workerWith();
    const picture = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#ccc' } })
      .toFormat(format)
      .toBuffer();
    const { id, task_id } = await upload(worker, database, `picture.${format}`, picture);
    expect(await ended(task_id)).toMatchObject({ status: 'succeeded' });
    expect((await readChunks(id))[0]?.content).toContain('The model reads Page 1.');
  });

  it('keeps the text layer of pages that the model refuses, and says which', async () => {
    const worker = await workerWith();
    server.fault('chat', { kind: 'rejected', times: Infinity, when: (body) => makePage(body) === 'Page 2.' });
    const { id, task_id } = await upload(
      worker,
      database,
      'refused.pdf',
      buildPdf([text('first'), text('second')]),
      { pipeline: 'vlm' },
    );
    expect(await ended(task_id)).toMatchObject({ status: 'succeeded', attempts: 1 });
    const content = (await readChunks(id)).map((chunk) => chunk.content).join('\n');
    expect(content).toContain('The model reads Page 1.');
    expect(content).toContain('text layer of the second page');
    expect((await findDocument(database, id))?.warnings).toEqual([
      {
        code: 'pages_not_read',
        detail: 'The vision model could not read 1 page.',
        pages: [2],
        params: { count: 1 },
      },
    ]);
  });

  it('repeats only pages that failed for a while', async () => {
    const worker = await workerWith();
    server.fault('chat', { kind: 'garbage', times: 6, when: (body) => makePage(body) === 'Page 2.' });
    const { id, task_id } = await upload(worker, database, 'again.pdf', buildPdf(['scan', 'scan', 'scan']), {
      attempts: 10,
    });
    const task = await ended(task_id);
    expect(task).toMatchObject({ status: 'succeeded' });
    expect(task.attempts).toBeGreaterThan(1);
    expect(
      askedPages()
        .filter((page) => page !== 'Page 2.')
        .toSorted(),
    ).toEqual(['Page 1.', 'Page 3.']);
    expect(await findDocument(database, id)).toMatchObject({ status: 'ready', warnings: [], pages: 3 });
  });

  it('fails when no page can be read', async () => {
    const worker = await workerWith();
    server.fault('chat', { kind: 'rejected', times: Infinity });
    const { task_id } = await upload(worker, database, 'nothing.pdf', buildPdf(['scan', 'scan']), {
      attempts: 2,
    });
    expect(await ended(task_id)).toMatchObject({ status: 'failed', error: { code: 'upstream_rejected' } });
  });

  it('reports what a scan needs without a vision model, and reads it on a retry once there is one', async () => {
    const blind = await workerWith({});
    const scan = await upload(blind, database, 'blind.pdf', buildPdf(['scan']));
    const picture = await upload(
      blind,
      database,
      'blind.png',
      await sharp({ create: { width: 9, height: 9, channels: 3, background: '#000' } })
        .png()
        .toBuffer(),
    );
    const asked = await upload(blind, database, 'blind-asked.pdf', buildPdf([text('first')]), {
      pipeline: 'vlm',
    });
    expect(await ended(scan.task_id)).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { code: 'needs_ocr', retryable: true },
    });
    expect(await ended(picture.task_id)).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { code: 'needs_ocr' },
    });
    expect(await ended(asked.task_id)).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { code: 'vision_unavailable', retryable: true },
    });
    expect(server.requests('chat')).toEqual([]);
    await blind.runner.drain(1);
    await blind.sweeper.stop();
    const seeing = await workerWith({ OPENAI_VISION_MODEL: 'eyes', DATA_DIR: blind.env.DATA_DIR });
    for (const { task_id, id } of [scan, picture, asked]) {
      const { rings } = await database.call('retry_task', { tenant: 'default', sets: null, task: task_id });
      await seeing.queue.ring(rings);
      expect(await ended(task_id)).toMatchObject({ status: 'succeeded', error: null });
      expect((await readChunks(id))[0]?.content).toContain('The model reads Page 1.');
    }
  });
});
