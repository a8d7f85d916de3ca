import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { errorCatalogue } from '../../src/common/errors.js';
import { bootApp, type TestApp } from '../app.js';
import { eventually } from '../eventually.js';
import { type ScriptedModel, scriptedModel } from '../scripted-llm.js';
import type { Fault } from '../scripted-llm/faults.js';

/** The same question in words that no cache has seen. */
const fresh = (question: string): string => `${question} ${randomUUID()}`;

/**
 * What RELIABILITY asks: whatever the embedding server does, no answer
 * is a 500, none takes five seconds, and no task stays unfinished.
 */
describe('a service whose embedding server misbehaves', () => {
  let server: ScriptedModel;
  let app: TestApp;
  let files = 0;

  beforeAll(async () => {
    server = await scriptedModel();
    app = await bootApp({
      OPENAI_API_BASE: server.url,
      LLM_DRIVER: 'offline',
      OPENAI_EMBEDDING_DIMENSIONS: '32',
      LLM_TIMEOUT_SECONDS: '1',
      TASK_RETRY_DELAY_SECONDS: '0.05',
      TASK_MAX_ATTEMPTS: '2',
      EMBEDDING_CACHE_ENTRIES: '0',
    });
    await app.uploaded({ 'leave.md': 'Annual leave is 25 days a year.' });
  });
  afterEach(async () => {
    server.clearFaults();
    // a circuit that a fault has opened closes with the next call that gets through
    await eventually(async () => {
      const { status } = await app.call('POST', '/agent/search', {
        prompt: fresh('annual leave'),
        mode: 'vector',
        answer: false,
      });
      expect(status).toBe(200);
    }, 20_000);
  });
  afterAll(async () => {
    await app.close();
    await server.close();
  });

  const nextFile = (): Record<string, string> => ({
    [`file-${(files += 1)}.md`]: `Paragraph number ${files} about the canteen.`,
  });
  const passing: [string, Fault][] = [
    ['asks to slow down', { kind: 'rate_limited', retryAfter: 1, times: 2 }],
    ['fails for a while', { kind: 'server_error', times: 3 }],
    ['resets connections', { kind: 'reset', times: 3 }],
    ['sends garbage once', { kind: 'garbage' }],
    ['sends NaN once', { kind: 'nan' }],
    ['hangs once', { kind: 'hang' }],
    ['breaks off in the middle', { kind: 'reset_midway', times: 2 }],
    ['gives vectors in another order', { kind: 'reordered' }],
  ];
  it.each(passing)('still ingests when it %s', async (_what, fault) => {
    server.fault('embeddings', fault);
    const { task_id } = await app.uploaded(nextFile());
    expect(await app.ended(task_id)).toMatchObject({ status: 'SUCCESS' });
  });

  const lasting: [string, Fault, string][] = [
    ['garbage', { kind: 'garbage' }, 'upstream_invalid'],
    ['a wrong dimension', { kind: 'wrong_dimension' }, 'upstream_invalid'],
    ['NaN', { kind: 'nan' }, 'upstream_invalid'],
    ['a refusal', { kind: 'rejected', status: 401 }, 'upstream_rejected'],
    ['no answer', { kind: 'hang' }, 'upstream_timeout'],
  ];
  it.each(lasting)(
    'ends a document with a clear code, and answers searches by keyword, when it gives %s',
    async (_what, fault, code) => {
      server.fault('embeddings', { ...fault, times: Infinity });
      const { documents } = await app.uploaded(nextFile());
      const task = await app.ended(documents[0]?.task_id ?? '');
      expect(task).toMatchObject({ status: 'FAILURE', error: { code } });
      expect(task.error?.code && task.error.code in errorCatalogue).toBe(true);
      const start = performance.now();
      const found = await app.search(fresh('annual leave'), { answer: true });
      expect(found.results[0]?.metadata.filename).toBe('leave.md');
      const vector = await app.call<{ code: string }>('POST', '/agent/search', {
        prompt: fresh('annual leave'),
        mode: 'vector',
        answer: false,
      });
      expect([409, 502, 503, 504]).toContain(vector.status);
      expect(vector.body.code).toMatch(/^upstream_/);
      expect(performance.now() - start).toBeLessThan(8_000);
      server.clearFaults();
      expect((await app.call('POST', `/agent/tasks/${documents[0]?.task_id}/retry`)).status).toBe(202);
      await eventually(
        async () => expect(await app.ended(documents[0]?.task_id ?? '')).toMatchObject({ status: 'SUCCESS' }),
        25_000,
      );
    },
    60_000,
  );

  it('cancels a running ingestion while the server hangs', async () => {
    server.fault('embeddings', { kind: 'rate_limited', retryAfter: 5, times: Infinity });
    const { body } = await app.upload(nextFile());
    const task = body.documents[0]?.task_id ?? '';
    await server.until(() =>
      server.requests('embeddings').some((request) => JSON.stringify(request.body.input).includes('canteen')),
    );
    const start = performance.now();
    expect((await app.call('POST', `/agent/tasks/${task}/cancel`)).status).toBe(202);
    expect(await app.ended(task)).toMatchObject({ status: 'REVOKED' });
    expect(performance.now() - start).toBeLessThan(3_000);
  });
});
