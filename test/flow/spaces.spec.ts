import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { bootApp, type TestApp } from '../app.js';
import { eventually } from '../eventually.js';
import { type ScriptedModel, scriptedModel } from '../scripted-llm.js';

interface Space {
  id: number;
  model: string;
  dimensions: number;
  state: string;
  chunks: number;
  missing: number;
  inputs: number;
  tokens: number;
  configured: boolean;
}

const texts: Record<string, string> = {
  'leave.md': 'Annual leave is 25 days a year for everybody.',
  'copy-of-leave.md': 'Annual leave is 25 days a year for everybody.',
  'printers.md': 'The printers stand in the cellar beside the archive.',
};

/** One story in order: an installation moves from the model `first` to the model `second`, and back. */
describe('a change of the embedding model', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'docent-spaces-'));
  let server: ScriptedModel;
  let app: TestApp;
  const boot = (model: string, dimensions: number): Promise<TestApp> =>
    bootApp({
      DATA_DIR: dataDir,
      OPENAI_API_BASE: server.url,
      LLM_DRIVER: 'offline',
      OPENAI_EMBEDDING_MODEL: model,
      OPENAI_EMBEDDING_DIMENSIONS: String(dimensions),
      SHUTDOWN_GRACE_SECONDS: '6',
      EMBEDDING_BATCH_MIN: '1',
      EMBEDDING_BATCH_MAX: '1',
    });
  const spaces = async (): Promise<Space[]> =>
    (await app.call<{ spaces: Space[] }>('GET', '/agent/spaces')).body.spaces;
  const embeddedBy = (model: string): string[] =>
    server
      .requests('embeddings')
      .filter((request) => request.body.model === model)
      .flatMap((request) => request.body.input ?? []);
  const found = async (prompt: string): Promise<string | undefined> => {
    const { body } = await app.call<{ results?: { metadata: { filename: string } }[]; code?: string }>(
      'POST',
      '/agent/search',
      {
        prompt,
        mode: 'vector',
        answer: false,
      },
    );
    return body.results?.[0]?.metadata.filename ?? body.code;
  };

  beforeAll(async () => {
    server = await scriptedModel();
    app = await boot('first', 32);
    for (const [name, text] of Object.entries(texts)) await app.uploaded({ [name]: text });
  });
  afterEach(() => server.clearFaults());
  afterAll(async () => {
    await app.close();
    await server.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('starts with one active space that holds every chunk, equal texts embedded once', async () => {
    expect(await spaces()).toEqual([
      expect.objectContaining({
        model: 'first',
        dimensions: 32,
        state: 'active',
        chunks: 3,
        missing: 0,
        tokens: 0,
        configured: true,
      }),
    ]);
    expect(embeddedBy('first')).toHaveLength(2);
  });

  it('reports the cost of another model before anything is created', async () => {
    server.forget();
    const { status, body } = await app.call('POST', '/agent/spaces', {
      model: 'second',
      dimensions: 48,
      dry_run: true,
    });
    expect(status).toBe(202);
    expect(body).toMatchObject({
      task_id: null,
      space: null,
      model: 'second',
      dimensions: 48,
      estimate: { chunks: 3, missing: 3, inputs: 2 },
    });
    expect((body as { estimate: { tokens: number } }).estimate.tokens).toBeGreaterThan(15);
    expect(server.requests()).toHaveLength(0);
    expect(await spaces()).toHaveLength(1);
  });

  it('creates no space for a model that the server refuses or that has other dimensions', async () => {
    server.fault('embeddings', { kind: 'rejected', status: 404, times: 1 });
    expect((await app.call('POST', '/agent/spaces', { model: 'second', dimensions: 48 })).body).toMatchObject(
      {
        code: 'upstream_rejected',
      },
    );
    server.fault('embeddings', { kind: 'wrong_dimension', times: 2 });
    expect((await app.call('POST', '/agent/spaces', { model: 'second', dimensions: 48 })).body).toMatchObject(
      { code: 'upstream_invalid' },
    );
    expect(await spaces()).toHaveLength(1);
  });

  it('goes on answering from the old space after the configuration names another model', async () => {
    await app.close();
    app = await boot('second', 48);
    server.forget();
    expect(await found('annual leave days')).toMatch(/leave/);
    // beside the probes by which the model's cosines are read
    expect(embeddedBy('first')).toContain('annual leave days');
    expect(embeddedBy('second')).toEqual([]);
  });

  it('embeds new documents for both models meanwhile', async () => {
    server.forget();
    await app.uploaded({ 'canteen.md': 'The canteen opens at noon and serves soup.' });
    // beside the probes, which a busy machine may ask only now
    const canteen = (text: string): boolean => text.includes('canteen');
    expect(embeddedBy('first').filter(canteen)).toHaveLength(1);
    expect(embeddedBy('second').filter(canteen)).toHaveLength(1);
    expect(await spaces()).toEqual([
      expect.objectContaining({ model: 'first', state: 'active', chunks: 4, missing: 0 }),
      expect.objectContaining({
        model: 'second',
        state: 'building',
        chunks: 4,
        missing: 3,
        inputs: 2,
        configured: true,
      }),
    ]);
  });

  it('cannot become active before it holds every chunk', async () => {
    const [, second] = await spaces();
    const refused = await app.call('POST', `/agent/spaces/${second?.id}/activate`);
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'conflict', detail: expect.stringContaining('3 chunks') },
    });
    expect((await spaces()).map(({ state }) => state)).toEqual(['active', 'building']);
    expect((await app.call('DELETE', `/agent/spaces/${(await spaces())[0]?.id}`)).status).toBe(409);
  });

  it('is built in the background, over a restart in the middle, and embeds nothing twice', async () => {
    server.forget();
    server.fault('embeddings', {
      kind: 'rate_limited',
      retryAfter: 1,
      times: Infinity,
      when: (body) => JSON.stringify(body.input).includes('printers'),
    });
    const { body } = await app.call<{ task_id: string }>('POST', '/agent/spaces', {});
    await eventually(async () => expect((await spaces())[1]?.missing).toBe(1));
    expect((await app.call<{ task_id: string }>('POST', '/agent/spaces', {})).body.task_id).toBe(
      body.task_id,
    );
    await app.close();
    server.clearFaults();
    app = await boot('second', 48);
    expect(await app.ended(body.task_id)).toMatchObject({
      status: 'SUCCESS',
      result: { embedded: 1, chunks: 4, missing: 0 },
    });
    expect(embeddedBy('second').filter((text) => text.includes('leave'))).toHaveLength(1);
    expect((await spaces())[1]).toMatchObject({ missing: 0, tokens: 0, state: 'building' });
  });

  it('answers searches with its own model only, once it is active', async () => {
    const [, second] = await spaces();
    expect((await app.call('POST', `/agent/spaces/${second?.id}/activate`)).status).toBe(200);
    await eventually(async () => {
      server.forget();
      expect(await found(`where do the printers stand ${Math.random()}`)).toBe('printers.md');
      expect(embeddedBy('second')).toHaveLength(1);
      expect(embeddedBy('first')).toHaveLength(0);
    });
    expect((await spaces()).map(({ state }) => state)).toEqual(['retired', 'active']);
  });

  it('can be reverted at once while there are no new documents', async () => {
    const [first, second] = await spaces();
    expect((await app.call('POST', `/agent/spaces/${first?.id}/activate`)).status).toBe(200);
    expect((await spaces()).map(({ state }) => state)).toEqual(['active', 'retired']);
    expect((await app.call('POST', `/agent/spaces/${second?.id}/activate`)).status).toBe(200);
  });

  it('is reverted after the old space has caught up', async () => {
    await app.uploaded({ 'bikes.md': 'Bicycles are parked behind the house.' });
    const [first] = await spaces();
    expect(first).toMatchObject({ state: 'retired', missing: 1 });
    expect((await app.call('POST', `/agent/spaces/${first?.id}/activate`)).status).toBe(409);
    const { body } = await app.call<{ task_id: string }>('POST', '/agent/spaces', {
      model: 'first',
      dimensions: 32,
    });
    expect(await app.ended(body.task_id)).toMatchObject({
      status: 'SUCCESS',
      result: { embedded: 1, missing: 0 },
    });
    expect((await app.call('POST', `/agent/spaces/${first?.id}/activate`)).status).toBe(200);
    await eventually(async () => expect(await found(`bicycles parked ${Math.random()}`)).toBe('bikes.md'));
  });

  it('keeps ingesting when the server no longer offers the other model', async () => {
    const [, second] = await spaces();
    // the active space is `first` again, the configuration still names `second`
    await app
      .call('POST', '/agent/spaces', { model: 'second', dimensions: 48 })
      .then(({ body }) => app.ended(String(body['task_id'])));
    server.fault('embeddings', {
      kind: 'rejected',
      status: 404,
      times: Infinity,
      when: (body) => body.model === 'first',
    });
    await app.uploaded({ 'lamps.md': 'Lamps are switched off at night.' });
    expect(await spaces()).toEqual([
      expect.objectContaining({ missing: 1 }),
      expect.objectContaining({ id: second?.id, missing: 0 }),
    ]);
    const hybrid = await app.search('lamps at night', { answer: false });
    expect(hybrid.results[0]?.metadata.filename).toBe('lamps.md');
  });

  it('ends with dropping the unused space', async () => {
    const [first, second] = await spaces();
    expect((await app.call('POST', `/agent/spaces/${second?.id}/activate`)).status).toBe(200);
    expect((await app.call('DELETE', `/agent/spaces/${first?.id}`)).status).toBe(200);
    expect((await spaces()).map(({ model }) => model)).toEqual(['second']);
    for (const id of [first?.id, 'x', 999])
      expect((await app.call('POST', `/agent/spaces/${id}/activate`)).status).toBe(404);
    await app.uploaded({ 'keys.md': 'Keys are handed out at the gate.' });
    await eventually(async () => expect(await found(`keys at the gate ${Math.random()}`)).toBe('keys.md'));
  });
});
