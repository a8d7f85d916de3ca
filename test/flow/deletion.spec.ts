import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Sweeper } from '../../src/platform/queue/sweeper.js';
import { bootApp, type TestApp } from '../app.js';

interface Listed {
  filename: string;
  status: string;
  version: number;
}

/** The events of the last two minutes, up to the deletion of a document. */
async function missedEvents({ url }: TestApp): Promise<string> {
  const gone = new AbortController();
  const stream = await fetch(`${url}/agent/events`, {
    headers: { 'last-event-id': '0-1' },
    signal: gone.signal,
  });
  let told = '';
  for await (const piece of stream.body ?? []) {
    told += Buffer.from(piece as Uint8Array).toString();
    if (told.includes('"type":"document_deleted"')) break;
  }
  gone.abort();
  return told;
}

describe('a deletion', () => {
  let app: TestApp | undefined;

  const readDocuments = async (set: string): Promise<Listed[]> =>
    (
      (await app?.call<{ documents: Listed[] }>('GET', `/agent/documents?document_set=${set}`))?.body
        .documents ?? []
    ).toSorted((left, right) => left.filename.localeCompare(right.filename));

  describe('whose task runs after a restart', () => {
    let late: { task_id: string };
    let first: { task_id: string };
    let second: { task_id: string };
    const remove = async (set: string) =>
      (await app?.call<{ task_id: string }>('DELETE', `/agent/documentsets/${set}`))?.body ?? { task_id: '' };

    beforeAll(async () => {
      const DATA_DIR = mkdtempSync(join(tmpdir(), 'docent-deletion-'));
      // nobody works on the queue of deletions yet
      app = await bootApp({ DATA_DIR, WORKER_QUEUES: 'ingestion' });
      await app.uploaded(
        { 'old.txt': 'old', 'same.txt': 'the same', 'changed.txt': 'first' },
        { document_set: 'late' },
      );
      late = await remove('late');
      const later = await app.uploaded(
        { 'new.txt': 'new', 'same.txt': 'the same', 'changed.txt': 'second' },
        { document_set: 'late' },
      );
      expect(later.documents.map(({ duplicate }) => duplicate)).toEqual([false, false, false]);
      await app.uploaded({ 'one.txt': 'one' }, { document_set: 'twice' });
      first = await remove('twice');
      await app.uploaded({ 'two.txt': 'two' }, { document_set: 'twice' });
      second = await remove('twice');
      await app.uploaded({ 'plan.txt': 'the secret plan' }, { document_set: 'plans' });
      await app.close();
      // nobody reads documents any more
      app = await bootApp({ DATA_DIR, WORKER_QUEUES: 'default' });
    }, 180_000);
    afterAll(() => app?.close());

    it('removes the documents that the set held at the request, however late its task runs', async () => {
      expect(await app?.ended(late.task_id)).toMatchObject({
        status: 'SUCCESS',
        result: { deleted: { documents: 1 } },
      });
      expect(await readDocuments('late')).toMatchObject([
        { filename: 'changed.txt', status: 'ready' },
        { filename: 'new.txt', status: 'ready' },
        { filename: 'same.txt', status: 'ready' },
      ]);
      const found = await app?.search('first second', { document_set: 'late', answer: false });
      expect(found?.results.map(({ content }) => content)).toEqual(['second']);
    });

    it('runs as well when a second deletion is requested while the first one waits', async () => {
      expect(second.task_id).not.toBe(first.task_id);
      await app?.ended(first.task_id);
      await app?.ended(second.task_id);
      expect(await readDocuments('twice')).toEqual([]);
    });

    it('includes the old version of a document whose new version is not ready', async () => {
      const { task_id } = await remove('plans');
      await app?.upload({ 'plan.txt': 'the public plan' }, { document_set: 'plans' });
      // the deletion may have come before the upload, and the upload before the deletion
      expect((await app?.ended(task_id))?.status).toBe('SUCCESS');
      expect(await readDocuments('plans')).toMatchObject([{ filename: 'plan.txt', status: 'queued' }]);
      const found = await app?.search('secret plan', { document_set: 'plans', answer: false });
      expect(found?.results).toEqual([]);
    });
  });

  it('removes its texts from tasks and from stored idempotent answers', async () => {
    const secret = 'The vault opens with 4711.';
    app = await bootApp();
    const { documents } = await app.uploaded({ 'vault.txt': secret });
    await app.uploaded({ 'other.txt': 'The canteen opens at noon.' });
    const key = { 'idempotency-key': 'k1' };
    const ask = { prompt: 'What does the vault open with?' };
    const asked = await app.call('POST', '/agent/search', ask, key);
    expect(JSON.stringify(asked.body)).toContain('4711');
    const started: { task_id: string }[] = [];
    for (const [path, body] of [
      ['/agent/summarize', { filename: 'vault.txt' }],
      ['/agent/async', ask],
      ['/agent/summarize', { filename: 'other.txt' }],
    ] as const)
      started.push((await app.call<{ task_id: string }>('POST', path, body)).body);
    const before = [];
    for (const { task_id } of started) before.push(JSON.stringify(await app.ended(task_id)));
    expect(before.map((text) => text.includes('4711'))).toEqual([true, true, false]);

    expect((await app.call('DELETE', `/agent/documents/${documents[0]?.id}`)).status).toBe(200);
    const after = [];
    for (const { task_id } of started) after.push(JSON.stringify(await app.ended(task_id)));
    expect(after.map((text) => text.includes('4711'))).toEqual([false, false, false]);
    expect(after[2]).toContain('noon');
    expect(JSON.stringify((await app.call('GET', '/agent/tasks?limit=200')).body)).not.toContain('4711');
    const missed = await missedEvents(app);
    expect(missed).toMatch(/"type":"answer_complete"/);
    expect(missed).toContain('noon');
    expect(missed).not.toContain('4711');
    const again = await app.call('POST', '/agent/search', ask, key);
    expect([again.status, JSON.stringify(again.body).includes('4711')]).toEqual([200, false]);
    await app.close();
  });
});

describe('a batch', () => {
  it('is not run as a job after a restart', async () => {
    const DATA_DIR = mkdtempSync(join(tmpdir(), 'docent-batches-'));
    let app = await bootApp({ DATA_DIR, WORKER_QUEUES: 'summary' });
    const { body } = await app.upload({ 'waiting.txt': 'for a worker' });
    await app.close();
    app = await bootApp({ DATA_DIR, WORKER_QUEUES: 'default' });
    try {
      const { rings } = await app.service.app.get(Sweeper).sweep();
      expect(rings.map(({ task }) => task)).not.toContain(body.task_id);
      expect((await app.call('GET', `/agent/status/${body.task_id}`)).body).toMatchObject({
        status: 'PENDING',
        attempts: 0,
        error: null,
      });
      expect((await app.call('GET', '/metrics')).body).not.toMatch(/task_name="batch"/);
    } finally {
      await app.close();
    }
  });
});
