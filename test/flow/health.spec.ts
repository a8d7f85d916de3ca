import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Database } from '../../src/platform/database/database.js';
import { bootApp, type TestApp } from '../app.js';
import { type ScriptedModel, scriptedModel } from '../scripted-llm.js';

const never = new Promise<never>(() => undefined);
const pastMemoryMs = 1100;

describe('health', () => {
  let model: ScriptedModel;
  let app: TestApp;
  let database: Database;
  beforeAll(async () => {
    model = await scriptedModel();
    app = await bootApp({
      OPENAI_API_BASE: model.url,
      LLM_DRIVER: 'offline',
      OPENAI_EMBEDDING_DIMENSIONS: '32',
    });
    database = app.service.app.get(Database);
  }, 180_000);
  afterEach(() => void jest.restoreAllMocks());
  afterAll(async () => {
    await app.close();
    await model.close();
  });

  const get = <T>(path: string) => app.call<T>('GET', path);
  /** A second later, when what was found before is no longer remembered. */
  let ahead = 0;
  const later = (): void => {
    ahead += pastMemoryMs;
    const [date, ticks] = [Date.now.bind(Date), performance.now.bind(performance)];
    jest.spyOn(Date, 'now').mockImplementation(() => date() + ahead);
    jest.spyOn(performance, 'now').mockImplementation(() => ticks() + ahead);
  };

  it('names every part with its driver, and the version', async () => {
    const { status, body } = await get<{
      status: string;
      version: string;
      info: Record<string, { status: string; driver?: string }>;
    }>('/health');
    expect([status, body.status, body.version]).toEqual([200, 'ok', expect.stringMatching(/^\d+\.\d+\.\d+/)]);
    expect(body.info).toEqual({
      database: { status: 'up', driver: 'pglite' },
      queue: { status: 'up', driver: 'embedded' },
      blob_store: { status: 'up', driver: 'local' },
      embedding: { status: 'up', driver: 'openai' },
      disk: { status: 'up' },
      memory: { status: 'up', available_mb: expect.any(Number) },
    });
  });

  it('checks external parts at most once a second', async () => {
    later();
    const ping = jest.spyOn(database, 'ping');
    const asked = performance.now();
    await Promise.all(
      Array.from({ length: 40 }, (_, number) => get(number % 2 === 0 ? '/health/ready' : '/health')),
    );
    const begunSeconds = Math.ceil((performance.now() - asked) / 1000);
    // readiness and the parts remember apart
    expect(ping.mock.calls.length).toBeLessThanOrEqual(2 * (begunSeconds + 1));
    expect(ping).toHaveBeenCalled();
  });

  it('reports in time the parts that do not answer, and stays live', async () => {
    later();
    jest.spyOn(database, 'ping').mockReturnValue(never);
    const started = Date.now();
    const [ready, full, live] = await Promise.all([
      get<{ reasons: string[] }>('/health/ready'),
      get<{ status: string; error: Record<string, unknown> }>('/health'),
      get('/health/live'),
    ]);
    expect(Date.now() - started).toBeLessThan(5000);
    expect([ready.status, ready.body.reasons]).toEqual([503, ['database: no answer within 1500 ms']]);
    expect(ready.headers.get('retry-after')).toBe('1');
    expect([full.status, full.body.status]).toEqual([503, 'error']);
    expect(full.body.error).toEqual({
      database: { status: 'down', driver: 'pglite', message: 'no answer within 1500 ms' },
    });
    expect(live.status).toBe(200);
  });

  it('is not ready from the first moment of a shutdown, and alive until the work is done', async () => {
    const held = model.hold('embeddings');
    await app.upload({ 'held.md': 'Work that waits for its model.' });
    await model.received('embeddings');
    const closing = app.service.close();
    const [ready, live] = await Promise.all([
      get<{ reasons: string[] }>('/health/ready'),
      get('/health/live'),
    ]);
    expect([ready.status, ready.body.reasons]).toEqual([503, ['the process is shutting down']]);
    expect(live.status).toBe(200);
    held.release();
    await closing;
  });
});
