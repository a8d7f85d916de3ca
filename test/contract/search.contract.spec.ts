import { beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  analyze,
  joinAlternatives,
  indexedText,
  buildLex,
  saturation,
} from '../../src/common/text/analyzer.js';
import type { Database } from '../../src/platform/database/database.js';
import type { FoundChunk } from '../../src/platform/database/functions.js';
import { normalizeFilter, type Filter } from '../../src/features/search/filter.js';
import { queryTerms, readQuestion } from '../../src/features/search/query.js';
import { keywordScore, planQuery, type QueryPlan } from '../../src/features/search/query-plan.js';
import { SearchStore, type SearchScope } from '../../src/features/search/search.store.js';
import { eachDatabase, type OpenDatabase } from '../database-drivers.js';
import { eventually } from '../eventually.js';
import { chunk, claim, createDocuments, newDocument } from '../rows.js';

interface Passage {
  content: string;
  page?: number;
  page_end?: number;
  embedding?: number[];
}
interface Source {
  filename: string;
  document_set?: string;
  language?: string | null;
  metadata?: Record<string, unknown>;
  passages: (string | Passage)[];
}

const corpus: Source[] = [
  {
    filename: 'leave.md',
    language: 'en',
    metadata: { owner: "o'neil", year: 2024, tags: ['hr', 'leave'], draft: false },
    passages: [
      { content: 'Annual leave is 25 days a year for everybody.', page: 1 },
      { content: 'Parental leave is twelve weeks, and leave can be split.', page: 2, page_end: 3 },
    ],
  },
  {
    filename: 'urlaub.md',
    language: 'de',
    metadata: { owner: 'meier', year: 2026 },
    passages: [
      'Die Häuser der Mitarbeiter sind im Urlaub geschlossen.',
      'Der Urlaub beträgt 25 Tage im Jahr.',
    ],
  },
  {
    filename: 'turbines.md',
    document_set: 'engines',
    language: 'en',
    passages: ['Turbulence in the boundary layer of a turbine blade.'],
  },
  { filename: 'zh.md', language: 'zh', passages: ['员工每年有二十五天的年假。', '打印机在地下室。'] },
];

/** Okapi BM25 as in the books, over analysed texts. */
function bm25(texts: string[][], question: string[]): number[] {
  const average = texts.reduce((sum, text) => sum + text.length, 0) / texts.length;
  return texts.map((text) =>
    question.reduce((sum, term) => {
      const df = texts.filter((other) => other.includes(term)).length;
      const idf = Math.log(1 + (texts.length - df + 0.5) / (df + 0.5));
      return sum + idf * saturation(text.filter((other) => other === term).length, text.length, average);
    }, 0),
  );
}

async function indexScans(sql: OpenDatabase['sql']): Promise<number> {
  await sql('select pg_stat_force_next_flush()', []);
  const [row] = await sql(
    `select coalesce(sum(idx_scan), 0)::integer as scans from pg_stat_user_indexes where indexrelname like 'emb_%_graph'`,
    [],
  );
  return Number(row?.['scans']);
}

eachDatabase((opened) => {
  const store = () => new SearchStore(opened().database);
  const everything = (tenant: string): SearchScope => ({ tenant, sets: null, document_set: null });

  async function publish(
    database: Database,
    tenant: string,
    source: Source,
    space?: number,
  ): Promise<string> {
    const { documents } = await createDocuments(database, tenant, [
      newDocument(source.filename, randomUUID(), {
        document_set: source.document_set ?? 'default',
        metadata: source.metadata ?? null,
      }),
    ]);
    const [document] = documents;
    if (!document) throw new Error('no document was made');
    const { token } = await claim(database, document.task_id);
    const work = { task: document.task_id, token, document_id: document.id, version: document.version };
    await database.call('open_version', work);
    const parsed = { pages: null, language: source.language ?? null, title: null, warnings: [] };
    await database.call('keep_parsed', { ...work, parsed_key: `parsed/${document.id}`, ...parsed });
    const chunks = source.passages.map((passage, ordinal) => {
      const { content, page, page_end, embedding } =
        typeof passage === 'string' ? ({ content: passage } as Passage) : passage;
      const analysis = analyze(
        indexedText({ filename: '', title: null, heading: null, content }),
        source.language ?? null,
      );
      const vectors =
        embedding && space !== undefined ? { embeddings: { [space]: `[${embedding.join()}]` } } : {};
      return chunk(ordinal, content, {
        page: page ?? null,
        page_end: page_end ?? null,
        ...buildLex(analysis),
        ...vectors,
      });
    });
    await database.call('stage_chunks', { ...work, chunks, progress: 0.5 });
    await database.call('publish_document', { ...work, chunk_count: chunks.length, result: {}, stages: {} });
    return document.id;
  }

  const planQuestion = async (scope: SearchScope, question: string): Promise<QueryPlan> => {
    const read = readQuestion(question);
    return planQuery(read, await store().weigh(scope, queryTerms(read)));
  };
  const search = async (scope: SearchScope, question: string, limit = 100): Promise<FoundChunk[]> =>
    store().byKeyword(scope, await planQuestion(scope, question), limit);
  const contents = (found: FoundChunk[]): string[] => found.map(({ content }) => content);
  const fold = (database: Database) =>
    database.call('sweep', { max_losses: 3, retention_seconds: 3600, garbage_limit: 0, ring_limit: 0 });

  describe('the keyword leg', () => {
    beforeAll(async () => {
      for (const source of corpus) await publish(opened().database, 'words', source);
      await publish(opened().database, 'strangers', {
        filename: 'leave.md',
        language: 'en',
        passages: ['Leave the building by the stairs.'],
      });
    });

    it('is true BM25 over what is in scope', async () => {
      const scope = { ...everything('words'), document_set: 'default' };
      const source = corpus.filter(({ document_set }) => document_set === undefined);
      const texts = source.flatMap(({ passages, language }) =>
        passages.map(
          (passage) =>
            analyze(typeof passage === 'string' ? passage : passage.content, language ?? null).terms,
        ),
      );
      const plan = await planQuestion(scope, 'annual leave days');
      const found = await store().byKeyword(scope, plan, 100);
      const expected = bm25(texts, analyze('annual leave days', 'en').terms)
        .filter((score) => score > 0)
        .sort((a, b) => b - a);
      const scores = found.map((each) => keywordScore(plan, each));
      expect(scores).toHaveLength(expected.length);
      scores.forEach((score, index) => expect(score).toBeCloseTo(expected[index] ?? Number.NaN, 6));
    });

    it('gives the same before and after the sweep has folded the deltas', async () => {
      const before = await planQuestion(everything('words'), 'annual leave days');
      await fold(opened().database);
      expect(await fold(opened().database)).toMatchObject({ folded: 0, unfolded_words: 0 });
      const after = await planQuestion(everything('words'), 'annual leave days');
      expect(after.stats).toEqual(before.stats);
      expect(after.query).toBe(before.query);
    });

    it('finds words by the stem of the language that a document is in', async () => {
      expect(contents(await search(everything('words'), 'Haus'))).toEqual([
        'Die Häuser der Mitarbeiter sind im Urlaub geschlossen.',
      ]);
      expect(contents(await search(everything('words'), 'turbines'))).toEqual([
        'Turbulence in the boundary layer of a turbine blade.',
      ]);
      expect(contents(await search(everything('words'), '年假有几天？'))[0]).toBe(
        '员工每年有二十五天的年假。',
      );
    });

    it('tells where in a chunk each word stands', async () => {
      const [first] = await search(everything('words'), 'parental leave');
      expect(first).toMatchObject({
        filename: 'leave.md',
        page: 2,
        page_end: 3,
        matched: { parent: [1], leav: [2, 5] },
      });
    });

    it('uses a similar word for an unknown one', async () => {
      expect(contents(await search(everything('words'), 'turbullence'))).toEqual([
        'Turbulence in the boundary layer of a turbine blade.',
      ]);
      expect(await search(everything('words'), 'xylophone')).toEqual([]);
    });

    it('prefers the nearest spelling to one that shares more parts', async () => {
      expect((await planQuestion(everything('words'), 'turbnie')).terms).toEqual(['turbin']);
    });

    it('splits an unknown compound, and finds a word within compounds', async () => {
      const leave: Source = {
        filename: 'antrag.md',
        language: 'de',
        passages: [
          'Der Antrag auf Urlaub wird von der Leitung genehmigt.',
          'Sonderreisekosten werden erstattet.',
        ],
      };
      await publish(opened().database, 'compounds', leave);
      expect(
        contents(await search(everything('compounds'), 'Wer genehmigt den Urlaubsantrag?'))[0],
      ).toContain('Antrag auf Urlaub');
      expect(contents(await search(everything('compounds'), 'Was gilt für Reisekosten?'))).toEqual([
        'Sonderreisekosten werden erstattet.',
      ]);
      await fold(opened().database);
      expect(contents(await search(everything('compounds'), 'Was gilt für Reisekosten?'))).toEqual([
        'Sonderreisekosten werden erstattet.',
      ]);
    });

    it('finds the same passages with the prefilter of large corpora', async () => {
      const plan = await planQuestion(everything('words'), 'leave turbine');
      const narrowed = { ...plan, prefilter: joinAlternatives(plan.terms) };
      const [whole, filtered] = [
        await store().byKeyword(everything('words'), plan, 100),
        await store().byKeyword(everything('words'), narrowed, 100),
      ];
      expect(contents(filtered)).toEqual(contents(whole));
      expect(whole.length).toBeGreaterThan(2);
    });

    it('never leaves the tenant, the principal’s sets or the asked set', async () => {
      expect(contents(await search(everything('strangers'), 'leave'))).toEqual([
        'Leave the building by the stairs.',
      ]);
      expect(await search({ ...everything('words'), sets: ['engines'] }, 'leave')).toEqual([]);
      expect(await search({ ...everything('words'), sets: [] }, 'leave')).toEqual([]);
      expect(
        await search({ ...everything('words'), sets: ['default'], document_set: 'engines' }, 'turbine'),
      ).toEqual([]);
      expect(
        await search({ ...everything('words'), sets: ['engines'], document_set: 'engines' }, 'turbine'),
      ).toHaveLength(1);
    });

    it('suggests no spelling from sets that are out of scope', async () => {
      expect(
        (await planQuestion({ ...everything('words'), sets: ['default'] }, 'turbullence')).terms,
      ).toEqual([]);
    });
  });

  describe('filters', () => {
    const ids: Record<string, string> = {};
    beforeAll(async () => {
      for (const source of corpus) ids[source.filename] = await publish(opened().database, 'filters', source);
    });
    const filtered = async (filter: Filter): Promise<string[]> => {
      const found = await search(
        { ...everything('filters'), filter: normalizeFilter(filter) },
        'leave Urlaub turbine 年假',
      );
      return [...new Set(found.map(({ filename, ordinal }) => `${filename}#${ordinal}`))].sort();
    };
    const leave = ['leave.md#0', 'leave.md#1'];
    const urlaub = ['urlaub.md#0', 'urlaub.md#1'];

    it.each<[Filter, string[]]>([
      [{ filename: 'leave.md' }, leave],
      [{ filename: { in: ['leave.md', 'zh.md'] } }, [...leave, 'zh.md#0']],
      [{ filename: { in: [] } }, []],
      [{ filename: { ne: 'leave.md' }, document_set: { ne: 'engines' } }, [...urlaub, 'zh.md#0']],
      [{ document_set: 'engines' }, ['turbines.md#0']],
      [{ language: { gt: 'de', lt: 'zh' }, document_set: 'default' }, leave],
      [{ media_type: 'text/plain', language: 'de' }, urlaub],
      [{ created_at: { gt: '2000-01-01' }, filename: 'leave.md' }, leave],
      [{ created_at: { lt: '2000-01-01T00:00:00Z' } }, []],
      [{ page: 2 }, ['leave.md#1']],
      [{ page: 3 }, ['leave.md#1']],
      [{ page: { lte: 2 } }, leave],
      [{ page: { gt: 2 } }, ['leave.md#1']],
      [{ page: { exists: false } }, ['turbines.md#0', ...urlaub, 'zh.md#0']],
      [{ page: null, document_set: 'engines' }, ['turbines.md#0']],
      [{ not: { page: { gte: 1 } }, language: 'de' }, urlaub],
      [{ or: [{ page: 2 }, { language: 'zh' }] }, ['leave.md#1', 'zh.md#0']],
      [{ not: { or: [{ language: 'en' }, { language: 'zh' }] } }, urlaub],
      [{ 'metadata.owner': "o'neil" }, leave],
      [{ 'metadata.year': { gte: 2025 } }, urlaub],
      [{ 'metadata.year': { gte: 2024, lt: 2025 } }, leave],
      [{ 'metadata.year': { gt: '2000' } }, []],
      [{ 'metadata.owner': { gt: 'n' } }, leave],
      [{ 'metadata.tags': 'hr' }, leave],
      [{ 'metadata.draft': false }, leave],
      [{ 'metadata.draft': { exists: false }, language: 'de' }, urlaub],
      [{ 'metadata.gone': null, language: 'de' }, urlaub],
      [{ 'metadata.owner': { ne: 'meier' }, document_set: 'default' }, [...leave, 'zh.md#0']],
      [{ "metadata.x') or true --": "'; drop table docent.chunks; --" }, []],
      [{ 'metadata.owner': { in: ["\\'", '%L', '$1', "o'neil"] } }, leave],
    ])('%j', async (filter, expected) => {
      expect(await filtered(filter)).toEqual(expected);
    });

    it('finds by document id, in either case', async () => {
      expect(await filtered({ document_id: ids['leave.md']?.toUpperCase() })).toEqual(leave);
    });

    it('is refused when it does not fit the grammar, even past the service', async () => {
      for (const filter of [{ "page = 1 or 'x'": 1 }, { page: { like: 1 } }, { 'd.tenant': 'words' }]) {
        await expect(search({ ...everything('filters'), filter }, 'leave')).rejects.toThrow();
      }
    });
  });

  describe('the chunks around a hit', () => {
    const passages = Array.from({ length: 6 }, (_, place) => `Passage ${place} of leave.`);

    it('are those of its own document, each once, as far as asked', async () => {
      await publish(opened().database, 'around', { filename: 'a.md', language: 'en', passages });
      await publish(opened().database, 'around', {
        filename: 'b.md',
        document_set: 'other',
        language: 'en',
        passages,
      });
      const found = await search({ ...everything('around'), document_set: 'default' }, 'passage leave');
      const ids = found.filter(({ ordinal }) => ordinal === 0 || ordinal === 2).map(({ id }) => id);
      const around = async (scope: SearchScope, reach: number) =>
        (await store().around(scope, ids, reach)).map(({ ordinal }) => ordinal);
      expect(await around(everything('around'), 1)).toEqual([0, 1, 2, 3]);
      expect(await around(everything('around'), 3)).toEqual([0, 1, 2, 3, 4, 5]);
      expect(await around(everything('strangers'), 1)).toEqual([]);
      expect(await around({ ...everything('around'), sets: ['other'] }, 1)).toEqual([]);
    });

    it('are not given once another version is published', async () => {
      await publish(opened().database, 'moved', { filename: 'a.md', language: 'en', passages });
      const ids = (await search(everything('moved'), 'passage')).map(({ id }) => id);
      await publish(opened().database, 'moved', {
        filename: 'a.md',
        language: 'en',
        passages: passages.slice(0, 2),
      });
      expect(await store().around(everything('moved'), ids, 3)).toEqual([]);
    });
  });

  describe('what changes', () => {
    it('shows a new version instead of the old one, and nothing of a deleted document', async () => {
      const { database } = opened();
      const scope = everything('changes');
      const stats = async () => database.call('corpus_stats', scope);
      await publish(database, 'changes', {
        filename: 'a.md',
        language: 'en',
        passages: ['Leave is 25 days.', 'Lunch is at noon.'],
      });
      const first = await stats();
      expect(first).toMatchObject({ chunks: 2, languages: [{ language: 'en', chunks: 2 }] });
      const id = await publish(database, 'changes', {
        filename: 'a.md',
        language: 'en',
        passages: ['Leave is 30 days.'],
      });
      expect(contents(await search(scope, 'leave'))).toEqual(['Leave is 30 days.']);
      expect(await search(scope, 'lunch')).toEqual([]);
      const second = await stats();
      expect(second.chunks).toBe(1);
      expect(second.revision).toBeGreaterThan(first.revision);
      await fold(database);
      await database.call('delete_document', { tenant: 'changes', id });
      expect(await search(scope, 'leave')).toEqual([]);
      expect((await planQuestion(scope, 'leave')).terms).toEqual([]);
      await fold(database);
      const last = await stats();
      expect(last).toMatchObject({ chunks: 0, average_length: 0, languages: [] });
      expect(last.revision).toBeGreaterThan(second.revision);
    });

    it('does not let two hundred copies of a sentence hide the rest', async () => {
      const passages = Array.from({ length: 200 }, () => 'Leave, leave, leave: annual leave!');
      await publish(opened().database, 'copies', { filename: 'spam.md', language: 'en', passages });
      await publish(opened().database, 'copies', {
        filename: 'a.md',
        language: 'en',
        passages: ['A long text that speaks of annual leave only once.'],
      });
      const found = await search(everything('copies'), 'annual leave', 10);
      expect(found).toHaveLength(10);
      expect(found.slice(0, 2).map(({ filename }) => filename)).toEqual(['spam.md', 'a.md']);
    });
  });

  describe('the vector leg', () => {
    const unit = (...numbers: number[]): number[] => numbers.map((number) => number / Math.hypot(...numbers));
    let space = 0;
    beforeAll(async () => {
      const { database } = opened();
      ({ id: space } = await database.call('ensure_space', {
        provider: 'test',
        model: `m${randomUUID()}`,
        dimensions: 3,
      }));
      await publish(
        database,
        'vectors',
        {
          filename: 'a.md',
          language: 'en',
          metadata: { side: 'left' },
          passages: [
            { content: 'Annual leave.', embedding: unit(1, 0, 0), page: 1 },
            { content: 'Printers.', embedding: unit(0, 1, 0), page: 2 },
            { content: 'Not embedded yet: holidays.', page: 3 },
          ],
        },
        space,
      );
      await publish(
        database,
        'others',
        { filename: 'b.md', passages: [{ content: 'Annual leave.', embedding: unit(1, 0, 0) }] },
        space,
      );
    });

    it('orders by cosine, within tenant and filter', async () => {
      const vector = { space, values: unit(1, 0.5, 0) };
      const found = await store().byVector(everything('vectors'), vector, 10);
      expect(found.map(({ content, vector: cosine }) => [content, Number(cosine?.toFixed(3))])).toEqual([
        ['Annual leave.', 0.894],
        ['Printers.', 0.447],
      ]);
      const narrowed = await store().byVector(
        { ...everything('vectors'), filter: { page: 2, 'metadata.side': 'left' } },
        vector,
        10,
      );
      expect(contents(narrowed)).toEqual(['Printers.']);
      expect(
        await store().byVector(
          { ...everything('vectors'), filter: { 'metadata.side': 'right' } },
          vector,
          10,
        ),
      ).toEqual([]);
    });

    it('treats a filter value that looks like SQL of the search as a plain value', async () => {
      const { database } = opened();
      const side = 'docent.chunk_lex l';
      await publish(
        database,
        'vectors-sql',
        {
          filename: 'sql.md',
          metadata: { side },
          passages: [{ content: 'Toner.', embedding: unit(1, 0, 0) }],
        },
        space,
      );
      const scope = { ...everything('vectors-sql'), filter: { 'metadata.side': side } };
      const found = await store().byVector(scope, { space, values: unit(1, 0, 0) }, 10);
      expect(contents(found)).toEqual(['Toner.']);
    });

    it('finds the twelve passages that a filter allows through an index of vectors, although they are far from the query', async () => {
      const { database, sql } = opened();
      const around = (turn: number) => unit(Math.cos(turn), Math.sin(turn), 0.1);
      const passages = Array.from({ length: 1500 }, (_, place) => ({
        content: `Near ${place}.`,
        embedding: around(place / 1000),
      }));
      const far = Array.from({ length: 12 }, (_, place) => ({
        content: `Far ${place}.`,
        embedding: around(3 + place / 100),
      }));
      await publish(database, 'graph', { filename: 'near.md', passages }, space);
      await publish(
        database,
        'graph',
        { filename: 'far.md', metadata: { side: 'far' }, passages: far },
        space,
      );
      // what the planner and the leg itself would choose with many more chunks
      const large = async (limit: number, plan: string) => {
        await sql(
          `create or replace function docent.scan_limit() returns bigint language sql immutable as 'select ${limit}::bigint'`,
          [],
        );
        for (const each of ['enable_seqscan', 'enable_sort', 'enable_bitmapscan'])
          await sql(
            `alter function docent.vector_leg(text, text[], text, jsonb, integer, text, integer) ${plan.replace('?', each)}`,
            [],
          );
      };
      await sql(database.indexes.statement({ id: space, dimensions: 3 }), []);
      expect(await database.call('space_index', { space })).toMatchObject({
        state: 'ready',
        progress: null,
        bytes: expect.any(Number),
      });
      const before = await indexScans(sql);
      try {
        await large(0, 'set ? = off');
        const found = await store().byVector(
          { ...everything('graph'), filter: { 'metadata.side': 'far' } },
          { space, values: around(0) },
          20,
        );
        expect(contents(found).sort()).toEqual(far.map(({ content }) => content).sort());
        // a session reports its counts at most once a second, and when it is idle only after ten
        await eventually(async () => expect(await indexScans(sql)).toBeGreaterThan(before), 30_000);
      } finally {
        await large(20_000, 'reset ?');
        await sql(`drop index docent.emb_${space}_graph`, []);
      }
    });

    it('joins both legs and gives both scores, wherever a chunk was found', async () => {
      const scope = everything('vectors');
      const plan = await planQuestion(scope, 'holidays leave');
      const found = await store().byBoth(scope, plan, { space, values: unit(0, 1, 0) }, 10);
      const of = (content: string) => found.find((each) => each.content === content);
      expect(contents(found).sort()).toEqual(['Annual leave.', 'Not embedded yet: holidays.', 'Printers.']);
      expect(of('Printers.')).toMatchObject({ keyword: 0, vector: 1, matched: {} });
      expect(of('Annual leave.')).toMatchObject({ vector: 0, matched: { leav: [2] } });
      expect(of('Not embedded yet: holidays.')).toMatchObject({ vector: null, matched: { holiday: [3] } });
    });
  });
});
