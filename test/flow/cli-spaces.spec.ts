import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bootApp, type TestApp } from '../app.js';
import { runCommand } from '../command-line.js';
import { type ScriptedModel, scriptedModel } from '../scripted-llm.js';

describe('docent space', () => {
  let server: ScriptedModel;
  let app: TestApp;

  const docent = (...argv: string[]) => runCommand(['--url', app.url, ...argv]);

  beforeAll(async () => {
    server = await scriptedModel();
    app = await bootApp({
      OPENAI_API_BASE: server.url,
      LLM_DRIVER: 'offline',
      OPENAI_EMBEDDING_MODEL: 'first',
      OPENAI_EMBEDDING_DIMENSIONS: '32',
    });
    await app.uploaded({ 'leave.md': 'Annual leave is 25 days a year.', 'tea.md': 'Tea is served at four.' });
  }, 180_000);
  afterAll(async () => {
    await app.close();
    await server.close();
  });

  it('shows the cost, builds, activates, reverts and drops', async () => {
    const planned = await docent('space', 'build', '--model', 'second', '--dimensions', '48', '--dry-run');
    expect(planned).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /^second, 48 dimensions: 2 chunks to add, 2 texts to embed, about \d+ tokens\n$/,
      ),
    });
    const built = await docent('space', 'build', '--model', 'second', '--dimensions', '48');
    expect(built).toMatchObject({
      code: 0,
      out: expect.stringContaining('space 2 is complete: docent space activate 2'),
    });
    expect(await docent('space', 'drop', '1')).toMatchObject({
      code: 1,
      err: expect.stringContaining('conflict'),
    });
    expect(await docent('space', 'activate', '2')).toMatchObject({
      code: 0,
      out: 'searches use space 2, second\n',
    });
    expect((await docent('space')).out).toMatch(
      /1 +first +32 +retired +2 +0 +0 +none +configured\n2 +second +48 +active +2 +0 +0 +none/,
    );
    expect((await docent('space', 'activate', '1')).code).toBe(0);
    expect((await docent('space', 'drop', '2')).code).toBe(0);
    const left = JSON.parse((await docent('--json', 'space', 'list')).out) as {
      model: string;
      state: string;
    }[];
    expect(left).toEqual([expect.objectContaining({ model: 'first', state: 'active' })]);
  });

  it('indexes the vectors of a space, or shows the statement', async () => {
    expect(await docent('space', 'index', '1', '--sql')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^create index emb_1_graph on docent\.emb_1 using hnsw .*;\n$/),
    });
    expect((await docent('space')).out).toMatch(/1 +first .* none +configured/);
    expect(await docent('space', 'index', '1')).toMatchObject({
      code: 0,
      out: expect.stringContaining('space 1 are indexed'),
    });
    expect((await docent('space')).out).toMatch(/1 +first .* \d+ MB +configured/);
    expect(await docent('space', 'index', '99')).toMatchObject({
      code: 1,
      err: expect.stringContaining('not_found'),
    });
  });

  it('prints one JSON value for a machine, with the result of the task', async () => {
    const { code, out } = await docent('--json', 'space', 'build', '--model', 'third', '--dimensions', '16');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      model: 'third',
      estimate: { missing: 2 },
      task: { status: 'SUCCESS', result: { embedded: 2, missing: 0 } },
    });
  });

  it('exits with 1 and a reason when the model is missing, and with 2 for a wrong number', async () => {
    server.fault('embeddings', { kind: 'rejected', status: 404 });
    expect(await docent('space', 'build', '--model', 'unknown')).toMatchObject({
      code: 1,
      err: expect.stringContaining('upstream_rejected'),
    });
    expect((await docent('space', 'activate', 'two')).code).toBe(2);
    expect(await docent('space', 'activate', '99')).toMatchObject({
      code: 1,
      err: expect.stringContaining('not_found'),
    });
  });
});
