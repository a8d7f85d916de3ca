import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../eventually.js';
import { scriptedModel } from '../scripted-llm.js';
import { entry, runToEnd, startServer, type RunningServer } from './server.js';

describe('a process', () => {
  let dataDir: string;
  let server: RunningServer | undefined;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'docent-process-'));
  });
  afterEach(async () => {
    await server?.stop('SIGKILL');
    server = undefined;
    rmSync(dataDir, { recursive: true, force: true });
  });
  const json = async <T>(path: string, init?: RequestInit): Promise<T> =>
    (await fetch(`${server?.url}${path}`, init)).json() as Promise<T>;
  const ingest = (files: { filename: string; content: string }[]) =>
    json<{ task_id: string }>('/agent/ingest', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ files }),
    });

  it('ends with 78 and one line per mistake when the configuration is wrong', async () => {
    const { code, output } = await runToEnd({
      DATA_DIR: dataDir,
      HOST: '0.0.0.0',
      AUTH: 'none',
      PORT: 'x-secret-x',
    });
    expect(code).toBe(78);
    expect(output).toMatch(/PORT: must be a whole number/);
    expect(output).not.toContain('x-secret-x');
  });

  it('refuses a data directory that another process has open', async () => {
    server = await startServer({ DATA_DIR: dataDir });
    const { code, output } = await runToEnd({ DATA_DIR: dataDir });
    expect(code).toBe(78);
    expect(output).toMatch(/DATA_DIR/);
    expect(output).toContain(String(server.process?.pid));
  }, 180_000);

  it('collects what its start left behind once it has nothing to do', async () => {
    const probe = new URL('collection-probe.mjs', import.meta.url).href;
    server = await startServer({ DATA_DIR: dataDir, NODE_OPTIONS: `--import ${probe}` });
    await eventually(async () => expect(server?.log()).toContain('garbage was collected on demand'), 60_000);
  }, 180_000);

  it('loses nothing when it is killed, and finishes its work after a restart', async () => {
    server = await startServer({ DATA_DIR: dataDir });
    const first = await ingest([
      { filename: 'kept.md', content: 'The vault code is kept in the blue binder.' },
    ]);
    await json(`/agent/status/${first.task_id}?wait=20`);
    const second = await ingest(
      Array.from({ length: 30 }, (_, index) => ({
        filename: `pending-${index}.md`,
        content: `Paper number ${index} on pending matters.`,
      })),
    );
    await server.stop('SIGKILL');
    server = await startServer({ DATA_DIR: dataDir });
    const done = await json<{ status: string }>(`/agent/status/${second.task_id}?wait=30`);
    expect(done.status).toBe('SUCCESS');
    const { documents } = await json<{ documents: { status: string }[] }>('/agent/documents?limit=100');
    expect(documents.map(({ status }) => status)).toEqual(Array(31).fill('ready'));
    const { results } = await json<{ results: { content: string }[] }>('/agent/search', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'vault code', answer: false }),
    });
    expect(results[0]?.content).toContain('blue binder');
  }, 180_000);

  it('ends cleanly on SIGTERM, with unfinished work handed back uncounted', async () => {
    server = await startServer({ DATA_DIR: dataDir, SHUTDOWN_GRACE_SECONDS: '10' });
    await ingest(
      Array.from({ length: 20 }, (_, index) => ({ filename: `${index}.md`, content: `text ${index}` })),
    );
    expect(await server.stop('SIGTERM')).toBe(0);
    server = await startServer({ DATA_DIR: dataDir });
    const { tasks } = await json<{ tasks: { task_id: string; type: string }[] }>(
      '/agent/tasks?type=ingest&limit=200',
    );
    for (const { task_id } of tasks) {
      const task = await json<{ status: string; attempts: number }>(`/agent/status/${task_id}?wait=30`);
      expect([task.status, task.attempts]).toEqual(['SUCCESS', 1]);
    }
  }, 180_000);

  it('says at its start and in /health that the embedding model has other dimensions', async () => {
    const model = await scriptedModel();
    model.fault('embeddings', { kind: 'wrong_dimension', dimensions: 5, times: 99 });
    const server = await startServer({ OPENAI_API_BASE: model.url, LLM_DRIVER: 'offline' });
    try {
      const told = 'The embedding model gave 5 dimensions where 1536 are configured.';
      await eventually(() => expect(server.log()).toContain(told));
      const health = await fetch(`${server.url}/health`);
      expect([health.status, await health.text()]).toEqual([503, expect.stringContaining(told)]);
      expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
    } finally {
      await server.stop();
      await model.close();
    }
  });

  it('treats the repeated signal of one Ctrl-C as one', async () => {
    server = await startServer({ DATA_DIR: dataDir });
    server.process?.kill('SIGINT');
    server.process?.kill('SIGINT');
    expect(await server.stop('SIGINT')).toBe(0);
  }, 180_000);

  it('answers liveness at once while the database is being opened', async () => {
    const child = spawn(process.execPath, [entry], {
      env: { PATH: process.env['PATH'], PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'silent' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const url = await new Promise<string>((resolve) =>
      child.stderr.on('data', (piece: Buffer) => {
        const match = /docent listens on (\S+)/.exec(piece.toString());
        if (match?.[1]) resolve(match[1]);
      }),
    );
    const ready = await fetch(`${url}/health/ready`);
    expect(ready.status).toBe(503);
    expect((await ready.json()) as unknown).toEqual({
      status: 'error',
      reasons: [expect.stringContaining('database')],
    });
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    const early = await fetch(`${url}/agent/documents`);
    expect([200, 503]).toContain(early.status);
    child.kill('SIGKILL');
  }, 180_000);
});
