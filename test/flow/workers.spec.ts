import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { run } from '../../src/app/cli/main.js';
import { bootApp, type TestApp } from '../app.js';
import { eventually } from '../eventually.js';
import { type ScriptedModel, scriptedModel } from '../scripted-llm.js';

const key = 'bootstrap-key-of-the-test-0123456789abcdef';
const authorization = { authorization: `Bearer ${key}` };

const one = { owner: 'one:1:a', queues: ['default'] };
const two = { owner: 'two:1:b', queues: ['default'] };

interface Workers {
  state: string;
  present: { owner: string; queues: string[] }[];
  queues: { queue: string; running: number }[];
  workers: {
    owner: string;
    lease_seconds: number;
    tasks: { task_id: string; stage: string; filename: string }[];
  }[];
}

describe('the list of workers', () => {
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

  it('shows a worker with its task and lease while the task runs, and none afterwards', async () => {
    const held = model.hold('embeddings');
    const { body } = await app.upload({ 'held.md': 'Work that waits for its model.' }, {}, authorization);
    await model.until(() => model.requests('embeddings').length > 0, 60_000);
    const [task] = body.documents;
    await eventually(async () => {
      const { queues, workers: holders, state, present } = await workers();
      expect(state).toBe('busy');
      expect(present.map(({ owner }) => owner)).toEqual(holders.map(({ owner }) => owner));
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
      /ingestion +0 +1[^]*\n1 worker, 1 busy\n[^]*lease for \d+\.?\d* s\n +\S+ +ingest +embed +\d+% +held\.md/,
    );
    const told = follow('status', String(task?.task_id), '--wait');
    await eventually(() => expect(told.text).toContain('held.md: embed\n'));
    held.release();
    expect(await told.code).toBe(0);
    expect(told.text).toMatch(/\[1\/1\] ready +held\.md – 1 chunk,/);
    await eventually(async () => expect((await workers()).workers).toEqual([]));
  });

  it('shows an idle worker while there is no work', async () => {
    const { state, present } = await workers();
    expect(state).toBe('idle');
    expect(present).toEqual([
      { owner: expect.stringContaining(`:${process.pid}:`), queues: expect.arrayContaining(['ingestion']) },
    ]);
    expect(await printed('workers')).toMatch(/\n1 worker, idle\n\S+: idle, takes from default, /);
  });

  it.each([
    [{ state: 'none', present: [] }, 'no worker is there: tasks wait until one starts'],
    [{ state: 'idle', present: [one, two] }, '2 workers, all idle'],
    [{ state: 'unknown', present: null }, 'it is unknown which workers are there'],
  ])('is described in words: %j', async (answer, words) => {
    const service = createServer((_request, response) =>
      response.end(JSON.stringify({ queues: [], workers: [], ...answer })),
    );
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = service.address() as AddressInfo;
      expect((await printed('--url', `http://127.0.0.1:${port}`, 'workers')).split('\n')).toContain(words);
    } finally {
      service.close();
    }
  });

  it('is shown to administrators only', async () => {
    const made = await app.call('POST', '/agent/keys', { name: 'reader', scopes: ['read'] }, authorization);
    const reader = { authorization: `Bearer ${String(made.body['key'])}` };
    expect((await app.call('GET', '/agent/workers', undefined, reader)).status).toBe(403);
    expect((await app.call('GET', '/agent/workers')).status).toBe(401);
  });

  /** A command under way, and what it has told on the error output. */
  function follow(...argv: string[]): { text: string; code: Promise<number> } {
    const told = { text: '', code: Promise.resolve(0) };
    const { write } = process.stderr;
    process.stderr.write = (piece: string | Uint8Array) => {
      told.text += String(piece);
      return true;
    };
    told.code = printed(...argv)
      .then(
        () => 0,
        () => 1,
      )
      .finally(() => (process.stderr.write = write));
    return told;
  }

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
