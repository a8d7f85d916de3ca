import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/platform/database/database.js';
import { bootApp, type TestApp } from '../app.js';
import { eventually } from '../eventually.js';
import { createTask } from '../rows.js';

const bootstrapKey = 'bootstrap-key-of-the-promises-0123456789';

/** Promises of SECURITY.md that no other spec would miss. */
describe('a service with keys', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await bootApp({ AUTH: 'required', API_KEYS: bootstrapKey });
  }, 180_000);
  afterAll(() => app.close());

  const as = (key: string, method: string, path: string, body?: unknown) =>
    app.call(method, path, body, { 'x-api-key': key });
  const makeKey = async (name: string, scopes: string[]) =>
    (await as(bootstrapKey, 'POST', '/agent/keys', { name, scopes })).body as { id: string; key: string };
  const ingest = async (filename: string) => {
    const { body } = await as(bootstrapKey, 'POST', '/agent/ingest', {
      files: [{ filename, content: `Text of ${filename}.` }],
    });
    return body as { task_id: string; documents: { id: string; task_id: string }[] };
  };
  const newTask = (type: string) =>
    createTask(app.service.app.get(Database), 'default', { type, queue: 'never', payload: {} });
  const audited = async (action: string) => {
    const { body } = await as(bootstrapKey, 'GET', '/agent/audit?limit=100');
    const entries = body['entries'] as { action: string; target: string; subject: string }[];
    return entries.filter((entry) => entry.action === action);
  };

  it('audits who revoked a key', async () => {
    const { id } = await makeKey('to be revoked', ['read']);
    expect((await as(bootstrapKey, 'DELETE', `/agent/keys/${id}`)).status).toBe(200);
    expect(await audited('key.revoke')).toMatchObject([{ subject: 'bootstrap', target: id }]);
  });

  it('rejects a key whose subject is suspended, and takes it again afterwards', async () => {
    const { key } = await makeKey('suspended one', ['read']);
    const status = async () => (await as(key, 'GET', '/agent/documents')).status;
    await as(bootstrapKey, 'PUT', '/agent/suspensions/suspended%20one');
    expect(await status()).toBe(401);
    await as(bootstrapKey, 'DELETE', '/agent/suspensions/suspended%20one');
    await eventually(async () => expect(await status()).toBe(200));
  });

  it('makes one key for one Idempotency-Key, whatever the client accepts', async () => {
    const headers = {
      'x-api-key': bootstrapKey,
      'idempotency-key': 'one-key-only',
      accept: 'application/json, text/event-stream',
    };
    const make = () => app.call('POST', '/agent/keys', { name: 'once', scopes: ['read'] }, headers);
    const [first, second] = [await make(), await make()];
    expect(first.status).toBe(201);
    expect(second.body['id']).toBe(first.body['id']);
  });

  it('audits who suspended and restored a subject', async () => {
    await as(bootstrapKey, 'PUT', '/agent/suspensions/somebody');
    await as(bootstrapKey, 'DELETE', '/agent/suspensions/somebody');
    const entry = { subject: 'bootstrap', target: 'somebody' };
    for (const action of ['subject.suspend', 'subject.resume'])
      expect((await audited(action)).filter(({ target }) => target === 'somebody')).toMatchObject([entry]);
  });

  it('audits who cancelled a task', async () => {
    const id = await newTask('summarize');
    expect((await as(bootstrapKey, 'POST', `/agent/tasks/${id}/cancel`)).status).toBe(202);
    expect(await audited('task.cancel')).toMatchObject([{ subject: 'bootstrap', target: id }]);
  });

  it('audits who uploaded and deleted a document', async () => {
    const made = await ingest('deleted.txt');
    const id = made.documents[0]?.id ?? '';
    expect((await as(bootstrapKey, 'DELETE', `/agent/documents/${id}`)).status).toBe(200);
    expect(await audited('document.upload')).toMatchObject([{ target: made.task_id }]);
    expect(await audited('document.delete')).toMatchObject([
      { subject: 'bootstrap', target: 'default/deleted.txt' },
    ]);
  });

  it('sends originals as attachments in a sandbox', async () => {
    const made = await ingest('page.html');
    const id = made.documents[0]?.id ?? '';
    for (const path of [`/agent/documents/${id}/file`, '/agent/files/default/page.html']) {
      const { headers } = await as(bootstrapKey, 'GET', path);
      expect(headers.get('content-security-policy')).toMatch(/^sandbox;/);
      expect(headers.get('content-disposition')).toMatch(/^attachment;/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('lets only administrators stop and repeat what only administrators may start', async () => {
    const { key } = await makeKey('writer', ['write']);
    const [index, own] = [await newTask('build_space'), await newTask('summarize')];
    expect((await as(key, 'POST', `/agent/tasks/${index}/cancel`)).status).toBe(403);
    expect((await as(key, 'POST', `/agent/tasks/${own}/cancel`)).status).toBe(202);
    expect((await as(bootstrapKey, 'POST', `/agent/tasks/${index}/cancel`)).status).toBe(202);
    expect((await as(key, 'POST', `/agent/tasks/${index}/retry`)).status).toBe(403);
    const all = await as(key, 'POST', '/agent/tasks/retry', { type: 'build_space' });
    expect(all.body).toEqual({ retried: 0 });
    expect((await as(bootstrapKey, 'POST', `/agent/tasks/${index}/retry`)).status).toBe(202);
  });

  it.each([
    ['/agent/search', '{"prompt":"a","answer":false,"filter":{"__proto__":{"x":1}}}'],
    ['/agent/ingest', '{"files":[{"filename":"a.txt","content":"a","metadata":{"__proto__":1}}]}'],
    ['/agent/ingest', '{"files":[{"filename":"a.txt","content":"a","metadata":{"constructor":{"a":1}}}]}'],
  ])('rejects reserved field names in %s: %s', async (path, body) => {
    const answer = await fetch(app.url + path, {
      method: 'POST',
      body,
      headers: { 'x-api-key': bootstrapKey, 'content-type': 'application/json' },
    });
    expect([400, 422]).toContain(answer.status);
  });
});
