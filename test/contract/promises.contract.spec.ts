import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { templateFor } from '../../src/platform/queue/task-producer.js';
import { eachDatabase } from '../database-drivers.js';
import { claim, createDocuments, createTask, ingested, newDocument } from '../rows.js';

const sweep = { max_losses: 3, retention_seconds: 3600, garbage_limit: 10_000, ring_limit: 10 };

/** Callers and random ids hide most of this: each function has to keep its promise alone. */
eachDatabase((opened) => {
  describe('a function that is given the id of another tenant', () => {
    it('finds no summary', async () => {
      const { database } = opened();
      const id = await ingested(database, 'sum-a', 'a.txt', ['one'], { document_set: 'hr' });
      const task = await createTask(database, 'sum-a');
      const { token } = await claim(database, task);
      const order = { task, token, document_id: id, version: 1, text: 'Secret.', model: 'm' };
      expect(await database.call('save_summary', order)).toMatchObject({ summary_text: 'Secret.' });
      const find = (tenant: string, sets?: string[]) =>
        database.call('find_summary', { tenant, filename: 'a.txt', ...(sets && { sets }) });
      expect(await find('sum-a', ['hr'])).not.toBeNull();
      expect(await find('sum-b')).toBeNull();
      expect(await find('sum-a', ['sales'])).toBeNull();
    });

    it('saves no summary', async () => {
      const { database } = opened();
      const id = await ingested(database, 'save-a', 'a.txt', ['one']);
      const task = await createTask(database, 'save-b');
      const { token } = await claim(database, task);
      const order = { task, token, document_id: id, version: 1, text: 'Forged.', model: 'm' };
      expect(await database.call('save_summary', order)).toBeNull();
    });

    it('lists no checkpoints', async () => {
      const { database } = opened();
      const task = await createTask(database, 'check-a');
      const { token } = await claim(database, task);
      await database.call('save_checkpoint', { task, token, key: 'part', value: 'Secret.' });
      expect(await database.call('list_checkpoints', { tenant: 'check-a', task })).toHaveLength(1);
      expect(await database.call('list_checkpoints', { tenant: 'check-b', task })).toEqual([]);
    });

    it('exports no chunks', async () => {
      const { database } = opened();
      const document_id = await ingested(database, 'export-a', 'a.txt', ['one', 'two']);
      const page = { document_id, version: 1, after_ordinal: -1, limit: 10 };
      expect(await database.call('export_chunks', { tenant: 'export-a', ...page })).toHaveLength(2);
      expect(await database.call('export_chunks', { tenant: 'export-b', ...page })).toEqual([]);
    });

    it('neither uses nor discards blobs of that tenant', async () => {
      const { database } = opened();
      const document = newDocument('a.txt', 'one');
      const keys = [document.blob_key];
      await database.call('declare_blobs', { tenant: 'blob-a', keys, ttl_seconds: 60 });
      expect(await database.call('discard_blobs', { tenant: 'blob-b', keys })).toEqual({ discarded: 0 });
      const stolen = createDocuments(database, 'blob-b', [{ ...document, blob_key: document.blob_key }]);
      await expect(stolen).rejects.toMatchObject({ code: 'request_timeout' });
      expect(await database.call('discard_blobs', { tenant: 'blob-a', keys })).toEqual({ discarded: 1 });
    });

    it('suggests no words of that tenant', async () => {
      const { database } = opened();
      await ingested(database, 'words-a', 'a.txt', ['turbine', 'donaudampfschiffahrt']);
      await database.call('sweep', sweep);
      const near = async (tenant: string, term: string): Promise<string[]> => {
        const asked = { tenant, terms: [{ term, fuzzy: true, compound: true }] };
        return (await database.call('weigh_terms', asked)).terms.map(({ term }) => term);
      };
      for (const [asked, known] of [
        ['turbina', 'turbine'],
        ['fahrt', 'donaudampfschiffahrt'],
      ] as const) {
        expect(await near('words-a', asked)).toEqual([known]);
        expect(await near('words-b', asked)).toEqual([]);
      }
    });
  });

  it('counts the chunks of the sets that a principal sees only', async () => {
    const { database } = opened();
    await ingested(database, 'count', 'a.txt', ['one', 'two', 'three'], { document_set: 'hr' });
    await ingested(database, 'count', 'b.txt', ['four'], { document_set: 'sales' });
    const chunks = async (sets?: string[]) =>
      (await database.call('stats', { tenant: 'count', ...(sets && { sets }) }))['chunks'];
    expect([await chunks(), await chunks(['sales']), await chunks([])]).toEqual([4, 1, 0]);
  });

  it('deletes the versions of a set accepted before the request, and keeps a later version of the same name', async () => {
    const { database, sql } = opened();
    const id = await ingested(database, 'late', 'plan.txt', ['secret'], { document_set: 'x' });
    const [now] = await sql('select clock_timestamp()::text as at', []);
    const later = newDocument('plan.txt', 'public', { document_set: 'x' });
    await createDocuments(database, 'late', [later]);
    const order = { tenant: 'late', document_set: 'x', accepted_before: String(now?.['at']), limit: 10 };
    expect((await database.call('delete_documents_of_set', order)).remaining).toBe(0);
    expect(await database.call('get_document', { tenant: 'late', id })).toMatchObject({
      version: 2,
      status: 'queued',
      ready_version: null,
    });
  });

  it('gives a batch no lease, so that it is never run as a job', async () => {
    const { database, sql } = opened();
    await createDocuments(database, 'restart', [newDocument('a.txt', 'one')]);
    await database.call('end_leases', {});
    const batches = await sql(
      "select lease_until from docent.tasks where tenant = 'restart' and type = 'batch'",
      [],
    );
    expect(batches).toEqual([{ lease_until: null }]);
  });

  it('keeps a quota when many write at once', async () => {
    const { database } = opened();
    const upload = async (name: string): Promise<boolean> => {
      // many documents, so that transactions take long enough to meet
      const documents = Array.from({ length: 30 }, (_, at) =>
        newDocument(`${name}-${at}.txt`, `${name} ${at}`),
      );
      const keys = documents.map(({ blob_key }) => blob_key);
      await database.call('declare_blobs', { tenant: 'quota', keys, ttl_seconds: 60 });
      const order = { tenant: 'quota', subject: 's', documents };
      const task = templateFor('ingest', 3);
      return database
        .call('create_documents', { ...order, batch_id: randomUUID(), task, quota: { documents: 90 } })
        .then(
          () => true,
          (error: { code?: string }) => {
            expect(error.code).toBe('quota_exceeded');
            return false;
          },
        );
    };
    // connections that are opened one after the other would keep the writers apart
    await Promise.all(Array.from({ length: 12 }, () => database.call('corpus_stats', { tenant: 'quota' })));
    const names = Array.from({ length: 12 }, (_, at) => `file-${at}`);
    const accepted = (await Promise.all(names.map(upload))).filter(Boolean);
    expect(accepted).toHaveLength(3);
  });

  it('keeps an announced blob that no document refers to yet', async () => {
    const { database } = opened();
    const keys = ['announced/1', 'forgotten/1'];
    await database.call('declare_blobs', { tenant: 'sweep', keys: ['announced/1'], ttl_seconds: 60 });
    expect(await database.call('unclaimed_blobs', { keys })).toEqual(['forgotten/1']);
  });

  describe('a worker whose task another worker has claimed since', () => {
    const overtaken = async (tenant: string) => {
      const { database } = opened();
      const task = await createTask(database, tenant);
      const old = await claim(database, task, 'same-owner', -1);
      await database.call('sweep', sweep);
      const fresh = await claim(database, task, 'same-owner');
      expect(fresh.token).not.toBe(old.token);
      return { database, task, old: old.token, fresh: fresh.token };
    };

    it('cannot extend the lease, even under the same name', async () => {
      const { database, task, old, fresh } = await overtaken('beat');
      const beat = async (token: number) =>
        (
          await database.call('heartbeat', {
            owner: 'same-owner',
            lease_seconds: 30,
            beats: [{ task, token, stage: null, progress: null, waiting_on: null }],
          })
        ).lost;
      expect(await beat(old)).toEqual([task]);
      expect(await beat(fresh)).toEqual([]);
    });

    it('cannot build a space any more', async () => {
      const { database, task, old, fresh } = await overtaken('build');
      const { id } = await database.call('ensure_space', { provider: 'test', model: 'm', dimensions: 3 });
      const next = (token: number) =>
        database.call('next_missing_chunks', { task, token, space: id, windows_by: null, limit: 1 });
      expect(await next(fresh)).not.toBeNull();
      expect(await next(old)).toBeNull();
    });
  });

  it.each(['an upload of the same bytes', 'a change'])(
    'returns no cached answers once %s changed metadata',
    async (way) => {
      const { database } = opened();
      const tenant = `metadata ${way}`;
      const id = await ingested(database, tenant, 'a.txt', ['one']);
      const revision = async () => (await database.call('corpus_stats', { tenant })).revision;
      const before = await revision();
      const metadata = { year: 2026 };
      if (way === 'a change') await database.call('update_document', { tenant, id, metadata });
      else await createDocuments(database, tenant, [newDocument('a.txt', 'one', { metadata })]);
      expect(await revision()).not.toBe(before);
    },
  );
});
