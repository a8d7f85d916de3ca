import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { CreatedDocument, NewDocument, StagedChunk } from '../../src/platform/database/functions.js';
import { eachDatabase } from '../database-drivers.js';
import { chunk, claim, createDocuments, failure, ingest, ingested, newDocument } from '../rows.js';

const unit = (...numbers: number[]): string => `[${numbers.map((n) => n / Math.hypot(...numbers)).join()}]`;

eachDatabase((opened) => {
  const upload = async (tenant: string, document: NewDocument): Promise<CreatedDocument> => {
    const { documents } = await createDocuments(opened().database, tenant, [document]);
    if (!documents[0]) throw new Error('nothing was made');
    return documents[0];
  };
  const garbage = async (): Promise<string[]> =>
    (
      await opened().database.call('sweep', {
        max_losses: 3,
        retention_seconds: 3600,
        garbage_limit: 10_000,
        ring_limit: 10,
      })
    ).garbage;
  const texts = async (tenant: string, id: string): Promise<string[]> =>
    (
      await opened().database.call('list_chunks', { tenant, document_id: id, after_ordinal: -1, limit: 200 })
    ).map(({ content }) => content);

  describe('uploading', () => {
    it('makes a whole batch in the order it was given, and rings each', async () => {
      const { database } = opened();
      const files = ['b.txt', 'a.txt', 'c.txt'].map((name) => newDocument(name, name));
      const { documents, rings, superseded } = await createDocuments(database, 'batch', files);
      expect(documents).toMatchObject(
        files.map(({ id, filename, task_id }) => ({
          id,
          filename,
          task_id,
          version: 1,
          status: 'queued',
          duplicate: false,
        })),
      );
      expect(rings.map(({ task }) => task).sort()).toEqual(files.map(({ task_id }) => task_id).sort());
      expect(superseded).toEqual([]);
      expect(
        await database.call('unclaimed_blobs', {
          keys: ['strange', ...files.map(({ blob_key }) => blob_key)],
        }),
      ).toEqual(['strange']);
    });

    it('recognises a file that is ready or in progress, and takes its new metadata', async () => {
      const { database } = opened();
      const first = await upload('again', newDocument('a.txt', 'same'));
      const waiting = newDocument('a.txt', 'same', { metadata: { year: 2026 } });
      expect(await upload('again', waiting)).toEqual({ ...first, duplicate: true });
      expect(await garbage()).toContain(waiting.blob_key);
      await ingest(database, first.id, 1, first.task_id, ['same']);
      expect(await upload('again', newDocument('a.txt', 'same'))).toMatchObject({
        id: first.id,
        status: 'ready',
        duplicate: true,
        task_id: first.task_id,
      });
      expect(await database.call('get_document', { tenant: 'again', id: first.id })).toMatchObject({
        version: 1,
        metadata: { year: 2026 },
      });
      expect(
        await database.call('list_tasks', { tenant: 'again', types: ['ingest'], limit: 10 }),
      ).toHaveLength(1);
    });

    it('counts the documents of each tenant once a minute', async () => {
      const { database, sql } = opened();
      await upload('sampled', newDocument('one.txt', 'one'));
      await upload('sampled', newDocument('two.txt', 'two'));
      await sql('delete from docent.activity', []);
      expect(await database.call('sample_activity', { keep_seconds: 3600 })).toMatchObject({ dropped: 0 });
      const [point] = await database.call('activity_series', {
        tenant: 'sampled',
        step_seconds: 3600,
        points: 1,
      });
      expect(point).toMatchObject({ documents: 2 });
    });

    it('still returns a task for a duplicate whose own task was purged', async () => {
      const { database } = opened();
      const first = await upload('purged', newDocument('a.txt', 'same'));
      await ingest(database, first.id, 1, first.task_id, ['same']);
      await database.call('sweep', { max_losses: 3, retention_seconds: 0, garbage_limit: 0, ring_limit: 0 });
      expect(await database.call('get_task', { tenant: 'purged', task: first.task_id })).toBeNull();
      await upload('purged', newDocument('a.txt', 'same'));
      expect(await database.call('get_task', { tenant: 'purged', task: first.task_id })).toMatchObject({
        status: 'succeeded',
        progress: 1,
        document_id: first.id,
      });
    });

    it('creates a version of its own when hidden text is wanted, and tells the worker', async () => {
      await upload('hidden', newDocument('h.txt', 'same'));
      const again = await upload('hidden', newDocument('h.txt', 'same', { include_hidden: true }));
      expect(again).toMatchObject({ version: 2, duplicate: false });
      expect(await upload('hidden', newDocument('h.txt', 'same', { include_hidden: true }))).toMatchObject({
        version: 2,
        duplicate: true,
      });
      const version = await opened().database.call('get_version', {
        tenant: 'hidden',
        sets: null,
        document_id: again.id,
        version: 2,
      });
      expect(version?.include_hidden).toBe(true);
    });

    it('creates a new version for other bytes, for another pipeline and after a failure', async () => {
      const { database } = opened();
      const first = await upload('versions', newDocument('a.txt', 'one'));
      expect(await upload('versions', newDocument('a.txt', 'one', { pipeline: 'vlm' }))).toMatchObject({
        id: first.id,
        version: 2,
        duplicate: false,
      });
      const third = await upload('versions', newDocument('a.txt', 'two'));
      expect(third).toMatchObject({ id: first.id, version: 3, duplicate: false });
      const { token } = await claim(database, third.task_id);
      await database.call('fail_task', {
        task: third.task_id,
        token,
        failure,
        delay_seconds: null,
        stages: {},
      });
      expect(await database.call('get_document', { tenant: 'versions', id: first.id })).toMatchObject({
        status: 'failed',
        error: failure,
      });
      expect(await upload('versions', newDocument('a.txt', 'two'))).toMatchObject({
        version: 4,
        duplicate: false,
      });
    });

    it('drops the unfinished version that a newer one overtakes', async () => {
      const { database } = opened();
      const old = newDocument('a.txt', 'one');
      const first = await upload('overtake', old);
      const { token } = await claim(database, first.task_id);
      const work = { task: first.task_id, token, document_id: first.id, version: 1 };
      await database.call('stage_chunks', { ...work, chunks: [chunk(0, 'one')], progress: 0.5 });
      const { superseded } = await createDocuments(database, 'overtake', [newDocument('a.txt', 'two')]);
      expect(superseded).toMatchObject([
        { task_id: first.task_id, status: 'cancelled', error: { code: 'superseded' } },
      ]);
      expect(
        await database.call('staged_ordinals', { tenant: 'overtake', document_id: first.id, version: 1 }),
      ).toEqual([]);
      expect(
        await database.call('stage_chunks', { ...work, chunks: [chunk(1, 'late')], progress: 0.6 }),
      ).toBeNull();
      expect(
        await database.call('publish_document', { ...work, chunk_count: 1, result: {}, stages: {} }),
      ).toMatchObject({
        published: false,
        superseded: true,
      });
      expect(await garbage()).toContain(old.blob_key);
      expect(await database.call('retry_task', { tenant: 'overtake', task: first.task_id })).toMatchObject({
        found: true,
        rings: [],
      });
    });

    it('accepts a file twice in one batch: the second one wins, and equal bytes are one document', async () => {
      const { database } = opened();
      const files = [newDocument('a.txt', 'one'), newDocument('a.txt', 'two'), newDocument('a.txt', 'two')];
      const { batch_id, documents, rings } = await createDocuments(database, 'double', files);
      expect(documents.map(({ version, duplicate }) => [version, duplicate])).toEqual([
        [1, false],
        [2, false],
        [2, true],
      ]);
      expect(rings.map(({ task }) => task)).toEqual([documents[1]?.task_id]);
      expect((await database.call('get_task', { tenant: 'double', task: batch_id }))?.children).toHaveLength(
        2,
      );
    });
  });

  describe('ingesting', () => {
    it('opens a version for its claim, keeps the parse result and resumes where it was', async () => {
      const { database } = opened();
      const document = await upload('resume', newDocument('a.txt', 'text'));
      const { token } = await claim(database, document.task_id);
      const work = { task: document.task_id, token, document_id: document.id, version: 1 };
      expect(await database.call('open_version', work)).toMatchObject({
        filename: 'a.txt',
        parsed_key: null,
        staged: 0,
      });
      const parsed = {
        ...work,
        parsed_key: `parsed/${randomUUID()}`,
        pages: 3,
        language: 'de',
        title: 'T',
        warnings: [{ code: 'w', detail: 'A warning.' }],
      };
      await database.call('declare_blobs', { tenant: 'resume', keys: [parsed.parsed_key], ttl_seconds: 60 });
      expect(await database.call('keep_parsed', parsed)).toEqual({ kept: true });
      await database.call('stage_chunks', {
        ...work,
        chunks: [chunk(0, 'zero'), chunk(1, 'one')],
        progress: 0.4,
      });
      expect(
        await database.call('stage_chunks', {
          ...work,
          chunks: [chunk(1, 'other'), chunk(3, 'three')],
          progress: 0.5,
        }),
      ).toEqual({
        staged: 3,
      });
      expect(
        await database.call('staged_ordinals', { tenant: 'resume', document_id: document.id, version: 1 }),
      ).toEqual([0, 1, 3]);
      expect(await database.call('open_version', work)).toMatchObject({
        parsed_key: parsed.parsed_key,
        language: 'de',
        title: 'T',
        staged: 3,
      });
      expect(await database.call('open_version', { ...work, token: token + 1 })).toBeNull();
      expect(await database.call('get_document', { tenant: 'resume', id: document.id })).toMatchObject({
        status: 'processing',
        pages: 3,
        warnings: [{ code: 'w', detail: 'A warning.' }],
      });
    });

    it('finishes a document of one batch at once, all or nothing', async () => {
      const { database } = opened();
      const document = await upload('finish', newDocument('a.txt', 'text'));
      const { token } = await claim(database, document.task_id);
      const work = { task: document.task_id, token, document_id: document.id, version: 1 };
      const key = `parsed/${randomUUID()}`;
      await database.call('open_version', { ...work, parsed_key: key, ttl_seconds: 60 });
      const finish = (chunks: StagedChunk[], by = token) =>
        database.call('finish_document', {
          ...work,
          token: by,
          parsed: { key, pages: 3, language: 'de', title: 'T', warnings: [], parser_version: 1 },
          chunks,
          result: {},
          stages: {},
        });
      const unchanged = { parsed_key: null, staged: 0 };
      // a gap in the chunks, and a worker that was overtaken
      await expect(finish([chunk(0, 'zero'), chunk(2, 'two')])).rejects.toThrow(/2 staged chunks/);
      expect(await database.call('open_version', work)).toMatchObject(unchanged);
      expect(await finish([chunk(0, 'zero')], token - 1)).toMatchObject({ published: false });
      expect(await database.call('open_version', work)).toMatchObject(unchanged);
      const chunks = [chunk(0, 'zero'), chunk(1, 'one')];
      expect(await finish(chunks)).toMatchObject({ published: true, notice: { status: 'succeeded' } });
      // its answer was lost on the way
      expect(await finish(chunks)).toMatchObject({ published: true, superseded: false });
      expect(await texts('finish', document.id)).toEqual(['zero', 'one']);
      expect(await database.call('get_document', { tenant: 'finish', id: document.id })).toMatchObject({
        status: 'ready',
        pages: 3,
        title: 'T',
      });
    });

    it('publishes only a version that is staged completely', async () => {
      const { database } = opened();
      const document = await upload('gap', newDocument('a.txt', 'text'));
      const { token } = await claim(database, document.task_id);
      const work = { task: document.task_id, token, document_id: document.id, version: 1 };
      await database.call('stage_chunks', {
        ...work,
        chunks: [chunk(0, 'zero'), chunk(2, 'two')],
        progress: 0.4,
      });
      const publish = (chunk_count: number) =>
        database.call('publish_document', { ...work, chunk_count, result: {}, stages: {} });
      for (const count of [1, 2, 3]) await expect(publish(count)).rejects.toThrow(/2 staged chunks/);
      await database.call('stage_chunks', { ...work, chunks: [chunk(1, 'one')], progress: 0.5 });
      expect(await publish(3)).toMatchObject({ published: true, notice: { status: 'succeeded' } });
      expect(await publish(3)).toMatchObject({ published: true, superseded: false });
      expect(await texts('gap', document.id)).toEqual(['zero', 'one', 'two']);
    });

    it('answers from the old version until the new one is ready, then only from the new one', async () => {
      const { database, sql } = opened();
      const old = newDocument('a.txt', 'old');
      const first = await upload('swap', old);
      await ingest(database, first.id, 1, first.task_id, ['old one', 'old two']);
      const second = await upload('swap', newDocument('a.txt', 'new'));
      expect(await database.call('get_document', { tenant: 'swap', id: first.id })).toMatchObject({
        status: 'queued',
        version: 2,
        ready_version: 1,
      });
      expect(await texts('swap', first.id)).toEqual(['old one', 'old two']);
      expect(await database.call('get_version', { tenant: 'swap', document_id: first.id })).toMatchObject({
        version: 1,
        blob_key: old.blob_key,
      });
      expect(await garbage()).not.toContain(old.blob_key);
      await ingest(database, first.id, 2, second.task_id, ['new']);
      expect(await texts('swap', first.id)).toEqual(['new']);
      expect(await database.call('get_document', { tenant: 'swap', id: first.id })).toMatchObject({
        status: 'ready',
        version: 2,
        ready_version: 2,
        chunk_count: 1,
      });
      expect(await garbage()).toContain(old.blob_key);
      expect(
        await sql('select count(*)::int as n from docent.chunk_lex where document_id = $1', [first.id]),
      ).toEqual([{ n: 1 }]);
    });

    it('drops staged chunks when a document fails, and starts again on a retry', async () => {
      const { database } = opened();
      const document = await upload('restart', newDocument('a.txt', 'text'));
      const { token } = await claim(database, document.task_id);
      const work = { task: document.task_id, token, document_id: document.id, version: 1 };
      await database.call('stage_chunks', { ...work, chunks: [chunk(0, 'zero')], progress: 0.4 });
      await database.call('fail_task', {
        task: document.task_id,
        token,
        failure,
        delay_seconds: null,
        stages: {},
      });
      expect(
        await database.call('staged_ordinals', { tenant: 'restart', document_id: document.id, version: 1 }),
      ).toEqual([]);
      expect(await database.call('retry_task', { tenant: 'restart', task: document.task_id })).toMatchObject({
        rings: [{ task: document.task_id }],
      });
      expect(await database.call('get_document', { tenant: 'restart', id: document.id })).toMatchObject({
        status: 'queued',
        error: null,
      });
      await ingest(database, document.id, 1, document.task_id, ['zero']);
      expect(await texts('restart', document.id)).toEqual(['zero']);
    });

    it('shows a cancelled document as failed', async () => {
      const { database } = opened();
      const document = await upload('cancelled', newDocument('a.txt', 'text'));
      await database.call('cancel_task', { tenant: 'cancelled', task: document.task_id });
      expect(await database.call('get_document', { tenant: 'cancelled', id: document.id })).toMatchObject({
        status: 'failed',
        error: { code: 'cancelled' },
      });
    });
  });

  describe('embeddings', () => {
    it('keep one space for each model, are reused for equal input within a tenant, and are deleted with their chunk', async () => {
      const { database } = opened();
      const model = randomUUID();
      const spaces = await Promise.all(
        [1, 2, 3].map(() => database.call('ensure_space', { provider: 'p', model, dimensions: 3 })),
      );
      expect(new Set(spaces.map(({ id }) => id)).size).toBe(1);
      const space = spaces[0]?.id ?? 0;
      const other = await database.call('ensure_space', { provider: 'p', model, dimensions: 2 });
      expect(other.state).toBe('building');
      expect((await database.call('list_spaces', {})).filter(({ state }) => state === 'active')).toHaveLength(
        1,
      );

      const document = await upload('vectors', newDocument('a.txt', 'text'));
      const { token } = await claim(database, document.task_id);
      const work = { task: document.task_id, token, document_id: document.id, version: 1 };
      const chunks = [
        chunk(0, 'zero', { embeddings: { [space]: unit(1, 0, 0), [other.id]: unit(1, 1) } }),
        chunk(1, 'one', { embeddings: { [space]: unit(1, 2, 2) } }),
      ];
      await database.call('stage_chunks', { ...work, chunks, progress: 0.4 });
      await expect(
        database.call('stage_chunks', {
          ...work,
          chunks: [chunk(2, 'two', { embeddings: { [space]: '[1,0]' } })],
          progress: 0.5,
        }),
      ).rejects.toThrow(/dimensions/);
      const hashes = [...chunks.map(({ input_hash }) => input_hash), 'unknown'];
      const reusable = await database.call('reusable_embeddings', { tenant: 'vectors', space, hashes });
      expect(
        new Map(
          reusable.map(({ hash, embedding }) => [
            hash,
            (JSON.parse(embedding) as number[]).map((n) => Math.round(n * 3)),
          ]),
        ),
      ).toEqual(
        new Map([
          [chunks[0]?.input_hash, [3, 0, 0]],
          [chunks[1]?.input_hash, [1, 2, 2]],
        ]),
      );
      expect(await database.call('reusable_embeddings', { tenant: 'other', space, hashes })).toEqual([]);
      const deleted = await database.call('delete_document', { tenant: 'vectors', id: document.id });
      expect(deleted?.receipt).toEqual({ documents: 1, chunks: 2, embeddings: 3, blobs: 1, summaries: 0 });
      expect(await database.call('reusable_embeddings', { tenant: 'vectors', space, hashes })).toEqual([]);
    });
  });

  describe('deleting', () => {
    it('fences the worker of a deleted document, reports what was deleted, and leaves no rows', async () => {
      const { database, sql } = opened();
      const file = newDocument('a.txt', 'text');
      const document = await upload('delete', file);
      const { token } = await claim(database, document.task_id);
      const work = { task: document.task_id, token, document_id: document.id, version: 1 };
      const parsed_key = `parsed/${randomUUID()}`;
      await database.call('keep_parsed', { ...work, parsed_key, warnings: [] });
      await database.call('stage_chunks', { ...work, chunks: [chunk(0, 'zero')], progress: 0.4 });
      const deleted = await database.call('delete_document', { tenant: 'delete', id: document.id });
      expect(deleted).toEqual({
        receipt: { documents: 1, chunks: 1, embeddings: 0, blobs: 2, summaries: 0 },
        cancelled: [expect.objectContaining({ task_id: document.task_id, status: 'cancelled' })],
      });
      expect(
        await database.call('stage_chunks', { ...work, chunks: [chunk(1, 'late')], progress: 0.5 }),
      ).toBeNull();
      expect(await database.call('keep_parsed', { ...work, parsed_key: 'late', warnings: [] })).toEqual({
        kept: false,
      });
      expect(
        await database.call('publish_document', { ...work, chunk_count: 1, result: {}, stages: {} }),
      ).toMatchObject({
        published: false,
      });
      expect(
        await database.call('fail_task', {
          task: document.task_id,
          token,
          failure,
          delay_seconds: 1,
          stages: {},
        }),
      ).toBeNull();
      expect(await garbage()).toEqual(expect.arrayContaining([file.blob_key, parsed_key]));
      expect(
        await sql('select (select count(*) from docent.chunks where document_id = $1)::int as chunks', [
          document.id,
        ]),
      ).toEqual([{ chunks: 0 }]);
      expect(await database.call('delete_document', { tenant: 'delete', id: document.id })).toBeNull();
    });

    it('counts summaries, and ignores documents that the principal may not see', async () => {
      const { database } = opened();
      const tenant = 'receipt';
      const id = await ingested(database, tenant, 'a.txt', ['one', 'two'], { document_set: 'hr' });
      const { tasks } = await database.call('create_tasks', {
        tenant,
        subject: 's',
        tasks: [{ id: randomUUID(), type: 'summarize', queue: 'summary', payload: {}, document_id: id }],
      });
      const task = tasks[0]?.id ?? '';
      const { token } = await claim(database, task);
      const summary = { task, token, document_id: id, version: 1, text: 'Short.', model: 'm' };
      expect(await database.call('save_summary', { ...summary, version: 2 })).toBeNull();
      expect(await database.call('save_summary', { ...summary, token: token + 1 })).toBeNull();
      expect(await database.call('save_summary', summary)).toMatchObject({
        filename: 'a.txt',
        document_set: 'hr',
        summary_text: 'Short.',
      });
      expect(await database.call('find_summary', { tenant, filename: 'a.txt' })).toMatchObject({
        summary_text: 'Short.',
        version: 1,
      });
      expect(await database.call('list_summaries', { tenant, sets: ['law'], limit: 10 })).toEqual([]);
      expect(await database.call('delete_document', { tenant, sets: ['law'], id })).toBeNull();
      expect(await database.call('delete_document', { tenant: 'other', id })).toBeNull();
      const deleted = await database.call('delete_document', { tenant, sets: ['hr'], id });
      expect(deleted?.receipt).toEqual({ documents: 1, chunks: 2, embeddings: 0, blobs: 1, summaries: 1 });
    });

    it('deletes a set in steps', async () => {
      const { database } = opened();
      const tenant = 'empty';
      for (const name of ['a.txt', 'b.txt', 'c.txt'])
        await ingested(database, tenant, name, [name], { document_set: 'old' });
      await ingested(database, tenant, 'a.txt', ['kept'], { document_set: 'new' });
      const step = () => database.call('delete_documents_of_set', { tenant, document_set: 'old', limit: 2 });
      expect(await step()).toMatchObject({ receipt: { documents: 2, chunks: 2, blobs: 2 }, remaining: 1 });
      expect(await step()).toMatchObject({ receipt: { documents: 1 }, remaining: 0 });
      expect(await database.call('list_document_sets', { tenant })).toEqual([
        { name: 'new', documents: 1, chunks: 1, bytes: 4 },
      ]);
    });
  });

  describe('listing', () => {
    it('pages by keyset and filters by set, state and part of the name', async () => {
      const { database } = opened();
      const tenant = 'list';
      const names = ['Report_2025.txt', 'report 100%.txt', 'Notes.txt', 'REPORTX2025.txt'];
      const made: string[] = [];
      for (const name of names)
        made.unshift(
          await ingested(database, tenant, name, [name], {
            document_set: name.startsWith('N') ? 'hr' : 'law',
          }),
        );
      const page = await database.call('list_documents', { tenant, limit: 2 });
      expect(page.map(({ id }) => id)).toEqual(made.slice(0, 2));
      await upload(tenant, newDocument('newer.txt', 'x'));
      const last = page.at(-1);
      const rest = await database.call('list_documents', {
        tenant,
        limit: 10,
        before_at: last?.created_at,
        before_id: last?.id,
      });
      expect(rest.map(({ id }) => id)).toEqual(made.slice(2));
      const found = async (more: { q?: string; status?: string; document_set?: string; sets?: string[] }) =>
        (await database.call('list_documents', { tenant, limit: 10, ...more }))
          .map(({ filename }) => filename)
          .sort();
      expect(await found({ q: 'report' })).toEqual(['REPORTX2025.txt', 'Report_2025.txt', 'report 100%.txt']);
      expect(await found({ q: 'report_2' })).toEqual(['Report_2025.txt']);
      expect(await found({ q: '0%' })).toEqual(['report 100%.txt']);
      expect(await found({ q: '\\' })).toEqual([]);
      expect(await found({ status: 'queued' })).toEqual(['newer.txt']);
      expect(await found({ document_set: 'hr' })).toEqual(['Notes.txt']);
      expect(await found({ sets: ['hr'], document_set: 'law' })).toEqual([]);
      expect(await found({ sets: [] })).toEqual([]);
      expect(
        await database.call('find_documents', { tenant, sets: ['hr'], filename: 'Notes.txt' }),
      ).toHaveLength(1);
      expect(await database.call('stats', { tenant })).toMatchObject({
        documents: { total: 5, ready: 4, queued: 1 },
        chunks: 4,
        document_sets: 3,
        last_hour: { ingest: { succeeded: 4, failed: 0 } },
      });
    });
  });

  it('holds its invariants while eight writers upload, ingest, replace and delete the same documents', async () => {
    const { database, sql } = opened();
    const tenant = 'storm';
    const writer = async (n: number): Promise<void> => {
      for (let round = 0; round < 6; round += 1) {
        const names = ['x.txt', 'y.txt', 'z.txt'].sort(() => Math.random() - 0.5);
        const { documents } = await createDocuments(
          database,
          tenant,
          names.map((name) => newDocument(name, `${name} ${n} ${round}`)),
        );
        for (const { id, version, task_id } of documents) {
          const row = await database.call('claim_task', { task: task_id, owner: `w${n}`, lease_seconds: 30 });
          if (!row) continue;
          const work = { task: task_id, token: row.token, document_id: id, version };
          await database.call('stage_chunks', {
            ...work,
            chunks: [chunk(0, `${n}`), chunk(1, `${round}`)],
            progress: 0.5,
          });
          if (Math.random() < 0.2) await database.call('delete_document', { tenant, id });
          await database.call('publish_document', { ...work, chunk_count: 2, result: {}, stages: {} });
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, n) => writer(n)));
    const broken = await sql(
      `select 'chunk of another version' as what from docent.chunks c join docent.documents d on d.id = c.document_id where d.tenant = $1 and c.version is distinct from d.ready_version
       union all select 'chunks missing' from docent.documents d where d.tenant = $1 and d.ready_version is not null
         and (select count(*) from docent.chunks c where c.document_id = d.id and c.version = d.ready_version) <> 2
       union all select 'unfinished task without its version' from docent.tasks t where t.tenant = $1 and t.type = 'ingest' and t.status in ('queued', 'running')
         and not exists (select from docent.document_versions v where v.task_id = t.id and v.status in ('queued', 'processing'))
       union all select 'unfinished version without its task' from docent.document_versions v where v.tenant = $1 and v.status in ('queued', 'processing')
         and not exists (select from docent.tasks t where t.id = v.task_id and t.status in ('queued', 'running'))
       union all select 'row whose blob is given up' from docent.document_versions v join docent.blob_garbage g on g.blob_key = v.blob_key
         where v.tenant = $1 and v.status <> 'superseded'
       union all select 'intent of a used blob' from docent.document_versions v join docent.blob_intents i on i.blob_key = v.blob_key where v.tenant = $1`,
      [tenant],
    );
    expect(broken).toEqual([]);
    const names = (await database.call('list_documents', { tenant, limit: 10 })).map(
      ({ filename }) => filename,
    );
    expect(new Set(names).size).toBe(names.length);
  }, 180_000);
});
