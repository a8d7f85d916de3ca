import { beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { analyzerVersion } from '../../src/common/text/analyzer-version.js';
import { analyze, indexedText, buildLex } from '../../src/common/text/analyzer.js';
import { queryTerms, readQuestion } from '../../src/features/search/query.js';
import { planQuery } from '../../src/features/search/query-plan.js';
import { SearchStore, type SearchScope } from '../../src/features/search/search.store.js';
import type { FoundChunk } from '../../src/platform/database/functions.js';
import { eachDatabase } from '../database-drivers.js';
import { chunk, claim, createDocuments, newDocument } from '../rows.js';

interface Source {
  filename: string;
  passages: string[];
}

const words = 'leave notice travel expense laptop pension holiday parking badge canteen'.split(' ');
const wordAt = (place: number): string => words[place % words.length] ?? '';

/** Many equally good passages, copies among them, of which no list of a hundred holds all. */
const corpus: Source[] = Array.from({ length: 60 }, (_, document) => ({
  filename: `rule-${String(document).padStart(2, '0')}.md`,
  passages: Array.from(
    { length: 4 },
    (_, part) =>
      `The ${wordAt(document)} rule and the ${wordAt(document + part)} rule hold for ` +
      (part === 3 ? 'everybody.' : `office ${document % 7}${' and its guests'.repeat(document % 5)}.`),
  ),
}));
const questions = [
  'rule',
  'which rule holds for everybody?',
  'leave rule of office 3',
  'travel expense guests',
  'the canteeen rule',
  'parkin badge',
];

eachDatabase((opened) => {
  const store = () => new SearchStore(opened().database);
  const makeScope = (tenant: string): SearchScope => ({ tenant, sets: null, document_set: null });
  let space = 0;

  async function publish(tenant: string, { filename, passages }: Source, analyzer = analyzerVersion) {
    const { database } = opened();
    const { documents } = await createDocuments(database, tenant, [newDocument(filename, randomUUID())]);
    const [document] = documents;
    if (!document) throw new Error('no document was made');
    const { token } = await claim(database, document.task_id);
    const work = { task: document.task_id, token, document_id: document.id, version: document.version };
    await database.call('open_version', work);
    const parsed = { pages: null, language: 'en', title: null, warnings: [] };
    await database.call('keep_parsed', { ...work, parsed_key: `parsed/${document.id}`, ...parsed });
    const chunks = passages.map((content, ordinal) => {
      const lex = buildLex(analyze(indexedText({ filename, title: null, heading: null, content }), 'en'));
      const embeddings = { [space]: `[${[1, ordinal % 2, 0].join()}]` };
      return chunk(ordinal, content, { ...lex, analyzer, embeddings });
    });
    await database.call('stage_chunks', { ...work, chunks, progress: 0.5 });
    await database.call('publish_document', { ...work, chunk_count: chunks.length, result: {}, stages: {} });
    return document.id;
  }

  const fold = () =>
    opened().database.call('sweep', {
      max_losses: 3,
      retention_seconds: 3600,
      garbage_limit: 0,
      ring_limit: 0,
    });
  const listed = (found: FoundChunk[]) =>
    found.map(({ filename, ordinal, keyword }) => `${filename}#${ordinal} ${keyword}`).sort();

  async function candidates(tenant: string): Promise<string[][]> {
    const vector = { space, values: [1, 0, 0] };
    const lists: string[][] = [];
    for (const text of questions) {
      const question = readQuestion(text);
      const plan = planQuery(question, await store().weigh(makeScope(tenant), queryTerms(question)));
      for (const limit of [10, 100]) {
        lists.push(listed(await store().byKeyword(makeScope(tenant), plan, limit)));
        lists.push(listed(await store().byBoth(makeScope(tenant), plan, vector, limit)));
      }
    }
    lists.push(listed(await store().byVector(makeScope(tenant), vector, 50)));
    return lists;
  }

  describe('the same documents', () => {
    beforeAll(async () => {
      const identity = { provider: 'tiny', model: 'three-numbers', dimensions: 3 };
      ({ id: space } = await opened().database.call('ensure_space', identity));
      for (const source of corpus) await publish('forwards', source);
      await fold();
      // the other way round, half of it folded, half still waiting
      for (const [place, source] of corpus.toReversed().entries()) {
        if (place === 30) await fold();
        await publish('backwards', source);
      }
    }, 120_000);

    it('give the same candidates, whatever the order of their upload', async () => {
      const [one, other] = [await candidates('forwards'), await candidates('backwards')];
      expect(one.every((list) => list.length > 0)).toBe(true);
      expect(other).toEqual(one);
    });
  });

  describe('keyword rows of an older analysis', () => {
    it('are written again with their statistics, and only for published documents', async () => {
      const { database, sql } = opened();
      await publish('fresh', { filename: 'tea.md', passages: ['Tea is served at noon.'] });
      const id = await publish('old', { filename: 'tea.md', passages: ['Tea is served at noon.'] }, 1);
      await sql(
        `update docent.chunk_lex set length = 99, fts = $$'gone':1 'tea':2$$ where document_id = '${id}'`,
        [],
      );
      await sql(
        `insert into docent.lexicon_deltas (tenant, document_set, language, chunks, length, size, terms)
         select 'old', 'default', 'en', 0, 99 - length, 3, '{"gone": 1, "serv": -1, "noon": -1}'
         from docent.chunk_lex where tenant = 'fresh'`,
        [],
      );
      const mine = async () =>
        (await database.call('outdated_documents', { analyzer: analyzerVersion, limit: 100 })).filter(
          ({ tenant }) => tenant === 'old',
        );
      const [outdated] = await mine();
      expect(outdated).toMatchObject({ document_id: id, filename: 'tea.md', language: 'en' });
      const [row] = await database.call('list_chunks', {
        tenant: 'old',
        sets: null,
        document_id: id,
        after_ordinal: -1,
        limit: 10,
      });
      const lex = buildLex(
        analyze(
          indexedText({ filename: 'tea.md', title: null, heading: null, content: row?.content ?? '' }),
          'en',
        ),
      );
      const again = () =>
        database.call('reindex_chunks', {
          document_id: id,
          version: 1,
          analyzer: analyzerVersion,
          chunks: [{ id: row?.id, ...lex }],
        });
      expect(await again()).toEqual({ reindexed: 1 });
      expect(await again()).toEqual({ reindexed: 0 });
      expect(await mine()).toEqual([]);
      await fold();
      const books = async (tenant: string) => [
        await sql(`select term, df from docent.lexicon where tenant = '${tenant}' order by term`, []),
        { ...(await database.call('corpus_stats', makeScope(tenant))), revision: 0 },
      ];
      expect(await books('old')).toEqual(await books('fresh'));
    });
  });
});
