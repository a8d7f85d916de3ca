import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { eachDatabase } from '../database-drivers.js';
import { chunk, createDocuments, newDocument } from '../rows.js';

eachDatabase((opened) => {
  const texts = async (tenant: string, id: string): Promise<string[]> =>
    (
      await opened().database.call('list_chunks', { tenant, document_id: id, after_ordinal: -1, limit: 200 })
    ).map(({ content }) => content);

  describe('ingesting several documents with one call', () => {
    it('claims documents with their versions, and finishes several with one call', async () => {
      const { database, sql } = opened();
      const names = ['one', 'two', 'late', 'gap', 'again', 'swept', 'reread'];
      const files = names.map((name) => newDocument(`${name}.txt`, name));
      await createDocuments(database, 'together', files);
      const keys = files.map(() => `parsed/${randomUUID()}`);
      const { claimed } = await database.call('claim_tasks', {
        tasks: files.map(({ task_id }) => task_id),
        owner: 'worker',
        lease_seconds: 30,
        parsed_keys: keys,
        blob_seconds: 60,
      });
      const work = files.map(({ id, task_id, filename }, place) => {
        const row = claimed.find((one) => one.id === task_id);
        expect(row?.opened).toMatchObject({ document_id: id, version: 1, filename, staged: 0 });
        const parsed = {
          key: keys[place],
          pages: 2,
          language: 'en',
          title: 'T',
          warnings: [],
          parser_version: 3,
        };
        const chunks = [chunk(0, `${filename} zero`), chunk(1, `${filename} one`)];
        const claimOfOne = { task: task_id, token: row?.token ?? 0, document_id: id, version: 1 };
        return { ...claimOfOne, parsed, chunks, result: { chunks: 2 }, stages: { parse: 7 } };
      });
      const [, , late, gap, again, swept, reread] = work;
      if (!late || !gap || !again || !swept || !reread) throw new Error('nothing was made');
      late.token -= 1;
      gap.chunks = [chunk(0, 'zero'), chunk(2, 'two')];
      await database.call('keep_parsed', { ...again, ...again.parsed, parsed_key: again.parsed.key ?? '' });

      // announced too long ago, and read once before by a worker that was lost
      await database.call('discard_blobs', { tenant: 'together', keys: [swept.parsed.key ?? ''] });
      const former = `parsed/${randomUUID()}`;
      await database.call('declare_blobs', { tenant: 'together', keys: [former], ttl_seconds: 60 });
      await database.call('keep_parsed', { ...reread, ...reread.parsed, parsed_key: former });

      const { published, rings } = await database.call('finish_documents', { documents: work });
      expect(published.sort()).toEqual(
        files
          .slice(0, 2)
          .map(({ task_id }) => task_id)
          .sort(),
      );
      expect(rings).toEqual([]);
      // what was left out is as it was
      for (const { document_id, task } of [late, gap, again, swept, reread]) {
        expect(await texts('together', document_id)).toEqual([]);
        expect(await database.call('get_task', { tenant: 'together', task })).toMatchObject({
          status: 'running',
        });
      }
      expect(await database.call('finish_document', late)).toMatchObject({ published: false });
      await expect(database.call('finish_document', gap)).rejects.toThrow(/2 staged chunks/);
      expect(await database.call('finish_document', again)).toMatchObject({ published: true });
      await expect(database.call('finish_document', swept)).rejects.toMatchObject({
        code: 'storage_unavailable',
      });
      expect(await database.call('finish_document', reread)).toMatchObject({ published: true });
      for (const { id, task_id, filename } of files.slice(0, 2)) {
        expect(await texts('together', id)).toEqual([`${filename} zero`, `${filename} one`]);
        expect(await database.call('get_document', { tenant: 'together', id })).toMatchObject({
          status: 'ready',
          ready_version: 1,
          chunk_count: 2,
          pages: 2,
          language: 'en',
        });
        expect(await database.call('get_task', { tenant: 'together', task: task_id })).toMatchObject({
          status: 'succeeded',
          progress: 1,
          stages: { parse: 7 },
          result: { chunks: 2 },
        });
      }
      // repeated after its answer was lost: each by itself says that it is done
      expect(await database.call('finish_documents', { documents: work })).toMatchObject({ published: [] });
      expect(await database.call('finish_document', work[0] ?? late)).toMatchObject({ published: true });
      const sums = await sql(
        `select sum(chunks)::integer as chunks, sum(size)::integer as size from docent.lexicon_deltas where tenant = $1`,
        ['together'],
      );
      expect(sums).toEqual([{ chunks: 8, size: expect.any(Number) }]);
    });

    it('takes several documents away from the statistics as it added them', async () => {
      const { database, sql } = opened();
      const files = ['a', 'b'].map((name) => newDocument(`${name}.txt`, name));
      await createDocuments(database, 'sums', files);
      const { claimed } = await database.call('claim_tasks', {
        tasks: files.map(({ task_id }) => task_id),
        owner: 'worker',
        lease_seconds: 30,
        parsed_keys: files.map(({ id }) => `parsed/${id}`),
        blob_seconds: 60,
      });
      const documents = claimed.map(({ id, token, opened: version }) => ({
        task: id,
        token,
        document_id: version?.document_id,
        version: 1,
        parsed: { key: `parsed/${version?.document_id}`, language: 'en' },
        chunks: [chunk(0, 'one'), chunk(1, 'one')],
        result: {},
        stages: {},
      }));
      expect((await database.call('finish_documents', { documents })).published).toHaveLength(2);
      const terms = () =>
        sql(
          `select key as term, sum(value::integer)::integer as df from docent.lexicon_deltas d, jsonb_each_text(d.terms)
           where d.tenant = $1 group by key`,
          ['sums'],
        );
      expect(await terms()).toEqual([{ term: 'one', df: 4 }]);
      for (const { id } of files) await database.call('delete_document', { tenant: 'sums', id });
      expect(await terms()).toEqual([{ term: 'one', df: 0 }]);
    });
  });
});
