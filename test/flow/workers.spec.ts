import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { run } from '../../src/app/cli/main.js';
import { bootApp, type TestApp } from '../app.js';
import { eventually } from '../eventually.js';
import { type ScriptedModel, scriptedModel } from '../scripted-llm.js';

const key = 'bootstrap-key-of-the-test-0123456789abcdef';
const authorization = { authorization: `Bearer ${key}` };

interface Workers {
  queues: { queue: string; running: number }[];
  workers: {
    owner: string;
    lease_seconds: number;
    tasks: { task_id: string; stage: string; filename: string }[];
  }[];
}

describe('who works on what', () => {
  let model: ScriptedModel;
  let app: TestApp;
  beforeAll(async () => {
    model = await scriptedModel();
    app = await bootApp({
      AUTH: 'required',
      API_KEYS: key,
      OPENAI_API_BASE: model.url,
      LLM_DRIVER: 'offline',
      OPENAI_EMBEDDING_DIMENSIONS: '32',
      TASK_LEASE_SECONDS: '20',
    });
  }, 180_000);
  afterAll(async () => {
    await app.close();
    await model.close();
  });

  const workers = async (): Promise<Workers> =>
    (await app.call<Workers>('GET', '/agent/workers', undefined, authorization)).body;

  it('is a worker with its task and lease while the task runs, and nobody afterwards', async () => {
    const held = model.hold('embeddings');
    const { body } = await app.upload({ 'held.md': 'Work that waits for its model.' }, {}, authorization);
    await model.until(() => model.requests('embeddings').length > 0, 60_000);
    const [task] = body.documents;
    await eventually(async () => {
      const { queues, workers: holders } = await workers();
      expect(queues).toContainEqual(expect.objectContaining({ queue: 'ingestion', running: 1 }));
      expect(holders).toHaveLength(1);
      expect(holders[0]?.owner).toContain(`:${process.pid}:`);
      expect(holders[0]?.lease_seconds).toBeGreaterThan(10);
      expect(holders[0]?.lease_seconds).toBeLessThanOrEqual(20);
      expect(holders[0]?.tasks).toEqual([
        expect.objectContaining({ task_id: task?.task_id, stage: 'embed', filename: 'held.md' }),
      ]);
    });
    expect(await printed('workers')).toMatch(
      /ingestion +0 +1[^]*lease for \d+\.?\d* s\n +\S+ +ingest +embed +\d+% +held\.md/,
    );
    held.release();
    await eventually(async () => expect((await workers()).workers).toEqual([]));
  });

  it('is told to administrators alone', async () => {
    const made = await app.call('POST', '/agent/keys', { name: 'reader', scopes: ['read'] }, authorization);
    const reader = { authorization: `Bearer ${String(made.body['key'])}` };
    expect((await app.call('GET', '/agent/workers', undefined, reader)).status).toBe(403);
    expect((await app.call('GET', '/agent/workers')).status).toBe(401);
  });

  async function printed(...argv: string[]): Promise<string> {
    let text = '';
    const { write } = process.stdout;
    process.stdout.write = (piece: string | Uint8Array) => {
      text += String(piece);
      return true;
    };
    try {
      expect(await run(['--url', app.url, '--token', key, ...argv])).toBe(0);
    } finally {
      process.stdout.write = write;
      process.exitCode = undefined;
    }
    return text;
  }
});
