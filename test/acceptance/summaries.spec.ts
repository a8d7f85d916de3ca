import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../eventually.js';
import { scriptedModel, type ScriptedModel } from '../scripted-llm.js';
import { lastPrompt } from '../scripted-llm/protocol.js';
import { startServer, type RunningServer } from './server.js';

const topics = ['motor', 'pump', 'valve', 'belt', 'panel', 'sensor'];
const manual = topics
  .map((topic) => `## The ${topic}\n\n${`A worn ${topic} is replaced by the service team. `.repeat(45)}`)
  .join('\n\n');

describe('a summary whose process is killed', () => {
  let dataDir: string;
  let model: ScriptedModel;
  let server: RunningServer | undefined;
  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'docent-summary-'));
    model = await scriptedModel();
  });
  afterAll(async () => {
    await server?.stop('SIGKILL');
    await model.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const start = () =>
    startServer({
      DATA_DIR: dataDir,
      OPENAI_API_BASE: model.url,
      EMBEDDING_DRIVER: 'none',
      LLM_CONTEXT_TOKENS: '1000',
      TASK_LEASE_SECONDS: '6',
      SWEEP_INTERVAL_SECONDS: '0.2',
    });
  const call = async <T>(path: string, body?: object): Promise<T> => {
    const post = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
    return (await fetch(`${server?.url}${path}`, body && post)).json() as Promise<T>;
  };
  const askedAbout = (topic: string) =>
    model.requests('chat').filter(({ body }) => lastPrompt(body).includes(`A worn ${topic}`));

  it('goes on in the next process with the parts that it had', async () => {
    model.reply((_, prompt) => `Speaks of ${topics.filter((topic) => prompt.includes(topic)).join(', ')}.`);
    // the last part gets no answer from the first process
    model.fault('chat', {
      kind: 'hang',
      times: Infinity,
      when: (body) => lastPrompt(body).includes('A worn sensor'),
    });
    server = await start();
    const { task_id: ingested } = await call<{ task_id: string }>('/agent/ingest', {
      files: [{ filename: 'm.md', content: manual }],
    });
    await call(`/agent/status/${ingested}?wait=30`);
    const { task_id } = await call<{ task_id: string }>('/agent/summarize', { filename: 'm.md' });
    await model.until(() => model.requests('chat').filter(({ answered }) => answered).length >= 2, 30_000);
    await model.until(() => askedAbout('sensor').length > 0, 30_000);
    await eventually(async () =>
      expect((await call<{ progress: number }>(`/agent/status/${task_id}`)).progress).toBeGreaterThan(0),
    );
    await server.stop('SIGKILL');
    const before = model.requests('chat').length;

    model.clearFaults();
    server = await start();
    const done = await call<{ status: string; result: { summary: string } }>(
      `/agent/status/${task_id}?wait=30`,
    );
    expect(done).toMatchObject({ status: 'SUCCESS', result: { summary: expect.stringContaining('sensor') } });
    expect(askedAbout('motor')).toHaveLength(1);
    // the part that hung, and joining
    expect(model.requests('chat').length - before).toBeLessThanOrEqual(3);
  }, 180_000);
});
