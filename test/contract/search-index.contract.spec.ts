import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { analyze, indexedText, buildLex } from '../../src/common/text/analyzer.js';
import { loadEnv } from '../../src/config/env.js';
import { normalizeFilter, type Filter } from '../../src/features/search/filter.js';
import type { Candidate } from '../../src/features/search/candidate.js';
import { IndexStore } from '../../src/features/search/index/index.store.js';
import type { IndexView } from '../../src/features/search/index/index-view.js';
import type { IndexedSpace } from '../../src/features/search/index/rows.js';
import { SearchIndex } from '../../src/features/search/index/search-index.js';
import { queryTerms, readQuestion } from '../../src/features/search/query.js';
import { planQuery } from '../../src/features/search/query-plan.js';
import { SearchStore, type SearchScope } from '../../src/features/search/search.store.js';
import type { Database } from '../../src/platform/database/database.js';
import type { FoundChunk } from '../../src/platform/database/functions.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { eachDatabase } from '../database-drivers.js';
import { eventually } from '../eventually.js';
import { chunk, claim, createDocuments, createTask, newDocument } from '../rows.js';

interface Source {
  filename: string;
  set: string;
  language: string | null;
  metadata: Record<string, unknown>;
  passages: string[];
}

function vectorFrom(random: (below: number) => number): number[] {
  const values = Array.from({ length: dimensions }, () => random(2001) - 1000);
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}

/** The same numbers in every run (Mulberry32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const vocabulary: Record<string, string[]> = {
  en: 'leave notice travel expense laptop pension holiday parking badge canteen running runs office rule ZX-4831-RAG 2025-04-11 constructor 10kg'.split(
    ' ',
  ),
  de: 'Urlaub Reise Häuser Mitarbeiter Bürokratie Straße Kündigung Frist Urlaubsantrag E-0042 fünf geschlossen'.split(
    ' ',
  ),
  zh: ['员工', '年假', '打印机', '地下室', '二十五天', '合同', '，'],
};
const dimensions = 24;
const questions = [
  'rule',
  'what is the notice for parental leave?',
  'leave rule of office 10 kg',
  'Wie lange ist die Frist der Kündigung?',
  'ZX 4831 RAG',
  'error E42 in the canteen',
  '员工年假合同',
  'Urlaub holiday 打印机',
  'on 11 April 2025 the constructor of the pension',
  'the laptopp badge',
  'what do the Kündigungen of the Häuser say?',
];

/** Questions that together ask for every word of the documents. */
const allWords = Object.entries(vocabulary).map(([language, words]) =>
  words.join(language === 'zh' ? '' : ' '),
);

eachDatabase((opened) => {
  let space: IndexedSpace = { id: 0, dimensions };
  beforeAll(async () => {
    const made = await opened().database.call('ensure_space', {
      provider: 'test',
      model: 'random',
      dimensions,
    });
    space = { id: made.id, dimensions };
  });
  const everything = (tenant: string): SearchScope => ({ tenant, sets: null, document_set: null });
  const indexes: SearchIndex[] = [];
  const newIndex = (settings: Record<string, string> = {}): SearchIndex => {
    const index = new SearchIndex(new IndexStore(opened().database), new Metrics(), loadEnv(settings));
    indexes.push(index);
    return index;
  };
  afterEach(() => {
    for (const index of indexes.splice(0)) index.onModuleDestroy();
  });

  function sourceFrom(random: (below: number) => number, number: number): Source {
    const language = ['en', 'en', 'de', 'zh'][random(4)] ?? 'en';
    const words = vocabulary[language] ?? [];
    const passage = () =>
      Array.from({ length: 3 + random(25) }, () => words[random(words.length)]).join(
        language === 'zh' ? '' : ' ',
      );
    const passages = Array.from({ length: 1 + random(6) }, passage);
    // copies within a document and among documents
    if (random(3) === 0) passages.push('The rule of the office holds for everybody.');
    return {
      filename: `${['rule', 'Ärger', '😀', '\uffee'][random(4)]}-${number}.md`,
      set: ['default', 'engines', 'hr'][random(3)] ?? 'default',
      language: random(5) === 0 ? null : language,
      metadata: { year: 2020 + random(4), tags: [`t${random(3)}`], draft: random(2) === 0 },
      passages,
    };
  }

  const numbers = randomFrom(11);

  async function publish(
    tenant: string,
    { filename, set, language, metadata, passages }: Source,
    { embedded = true } = {},
  ): Promise<string> {
    const { database } = opened();
    const { documents } = await createDocuments(database, tenant, [
      newDocument(filename, randomUUID(), { document_set: set, metadata }),
    ]);
    const [document] = documents;
    if (!document) throw new Error('no document was made');
    const { token } = await claim(database, document.task_id);
    const work = { task: document.task_id, token, document_id: document.id, version: document.version };
    await database.call('open_version', work);
    const parsed = { pages: null, language, title: 'All rules', warnings: [] };
    await database.call('keep_parsed', { ...work, parsed_key: `parsed/${randomUUID()}`, ...parsed });
    const chunks = passages.map((content, ordinal) => {
      const heading = ordinal % 2 === 0 ? `Part ${ordinal}` : null;
      const text = indexedText({ filename, title: 'All rules', heading, content });
      // one chunk in six waits for its vector
      const embeddings =
        !embedded || numbers(6) === 0 ? {} : { [space.id]: `[${vectorFrom(numbers).join()}]` };
      return chunk(ordinal, content, {
        heading,
        page: ordinal + 1,
        ...buildLex(analyze(text, language)),
        embeddings,
      });
    });
    await database.call('stage_chunks', { ...work, chunks, progress: 0.5 });
    await database.call('publish_document', { ...work, chunk_count: chunks.length, result: {}, stages: {} });
    return document.id;
  }

  const fold = (database: Database) =>
    database.call('sweep', { max_losses: 3, retention_seconds: 3600, garbage_limit: 0, ring_limit: 0 });

  async function readView(index: SearchIndex, scope: SearchScope): Promise<IndexView> {
    let view: IndexView | null = null;
    await eventually(async () => {
      view = await index.open(scope, space);
      expect(view?.hasVectors(space.id)).toBe(true);
    });
    return view as unknown as IndexView;
  }

  /** Both ways, of each question: what the index gives, and the database. */
  async function compare(
    index: SearchIndex,
    given: SearchScope,
    { limits = [100], asked = questions }: { limits?: number[]; asked?: string[] } = {},
  ): Promise<number> {
    const store = new SearchStore(opened().database);
    const scope = { ...given, filter: normalizeFilter(given.filter) };
    let found = 0;
    for (const text of asked) {
      const view = await readView(index, scope);
      const vector = { space: space.id, values: vectorFrom(numbers) };
      const question = readQuestion(text);
      const terms = queryTerms(question);
      const { revision: _revision, ...weighed } = await store.weigh(scope, terms);
      const own = view.weigh(terms);
      if (own) expect(sortedTerms(own)).toEqual(sortedTerms(weighed));
      const plan = planQuery(question, weighed);
      const fewer = view.weigh(queryTerms(question, view.languages), question);
      if (fewer) expect([...planQuery(question, fewer).weights]).toEqual([...plan.weights]);
      for (const limit of limits) {
        const expected = plan.terms.length === 0 ? [] : await store.byKeyword(scope, plan, limit);
        const actual = plan.terms.length === 0 ? [] : view.candidates(plan, null, limit);
        expect(actual.map(toRow).map(withoutScore)).toEqual(expected.map(withoutScore));
        for (const [place, { keyword }] of expected.entries()) expectNear(actual[place]?.keyword, keyword);
        found += expected.length;
        const both = await store.byBoth(scope, plan, vector, limit);
        expectSame(view.candidates(plan, vector.values, limit).map(toRow), both);
        expectSame(
          view.candidates(null, vector.values, limit).map(toRow),
          await store.byVector(scope, vector, limit),
        );
      }
    }
    return found;
  }
  /** Sums of single precision: compilers differ in the last digit. */
  function expectNear(actual: number | null | undefined, expected: number | null): void {
    const difference = Math.abs((actual ?? NaN) - (expected ?? NaN));
    expect(difference).toBeLessThan(1e-6 * Math.max(5, expected ?? 0));
  }

  /** The order of both legs together says nothing. */
  function expectSame(actual: FoundChunk[], expected: FoundChunk[]): void {
    const byId = (left: FoundChunk, right: FoundChunk) => (left.id < right.id ? -1 : 1);
    const [own, given] = [actual.toSorted(byId), expected.toSorted(byId)];
    expect(own.map(({ id, matched }) => [id, matched])).toEqual(
      given.map(({ id, matched }) => [id, matched]),
    );
    for (const [place, { keyword, vector }] of given.entries()) {
      if (keyword === null) expect(own[place]?.keyword).toBeNull();
      else expectNear(own[place]?.keyword, keyword);
      if (vector === null) expect(own[place]?.vector).toBeNull();
      else expect(Math.abs((own[place]?.vector ?? NaN) - vector)).toBeLessThan(1e-4);
    }
  }
  const toRow = ({ text, ...candidate }: Candidate): FoundChunk => ({
    ...candidate,
    content: text.toString(),
  });
  const withoutScore = ({ keyword: _keyword, ...rest }: FoundChunk) => rest;
  const sortedTerms = <T extends { terms: { term: string }[] }>(weighed: T) => ({
    ...weighed,
    terms: weighed.terms.sort((left, right) => (left.term < right.term ? -1 : 1)),
  });

  describe('the index beside the rows', () => {
    const ids: string[] = [];
    const random = randomFrom(7);
    const sources = Array.from({ length: 60 }, (_, number) => sourceFrom(random, number));
    beforeAll(async () => {
      for (const source of sources) ids.push(await publish('many', source));
      await publish('strangers', {
        filename: 'a.md',
        set: 'hr',
        language: 'en',
        metadata: {},
        passages: ['leave rule'],
      });
    }, 120_000);

    it('finds the same chunks in the same order as the database', async () => {
      expect(await compare(newIndex(), everything('many'), { limits: [10, 100] })).toBeGreaterThan(500);
    }, 60_000);

    it.each<[string, Partial<SearchScope>]>([
      ['one set', { document_set: 'hr' }],
      ['the sets of a principal', { sets: ['hr', 'engines'] }],
      ['no set', { sets: [] }],
      ['a filter on metadata', { filter: { 'metadata.year': { gte: 2022 } } }],
      [
        'a filter on language and set',
        { filter: { or: [{ language: 'de' }, { not: { document_set: 'hr' } }] } as Filter },
      ],
      ['a filter that leaves nothing', { filter: { filename: 'none.md' } }],
    ])('finds the same within %s', async (_name, scope) => {
      await compare(newIndex(), { ...everything('many'), ...scope }, { asked: allWords });
    });

    it('leaves filters on pages to the database', async () => {
      const index = newIndex();
      await readView(index, everything('many'));
      expect(await index.open({ ...everything('many'), filter: { page: 1 } }, null)).toBeNull();
    });

    it('applies every change that a search can see', async () => {
      const index = newIndex();
      const { database } = opened();
      await compare(index, everything('many'));
      const at = (place: number) => ids[place] ?? '';
      const changes: [string, () => Promise<unknown>][] = [
        ['publish', () => publish('many', sourceFrom(random, 1000))],
        [
          'replace',
          () => publish('many', { ...(sources[3] as Source), passages: ['A badge rule', 'travel leave'] }),
        ],
        ['delete', () => database.call('delete_document', { tenant: 'many', sets: null, id: at(5) })],
        [
          'move',
          () =>
            database.call('update_document', {
              tenant: 'many',
              sets: null,
              id: at(7),
              metadata: null,
              document_set: 'moved',
            }),
        ],
        [
          'metadata',
          () =>
            database.call('update_document', {
              tenant: 'many',
              sets: null,
              id: at(9),
              metadata: { year: 2031 },
              document_set: null,
            }),
        ],
        ['fold', () => fold(database)],
        ['publish after a fold', () => publish('many', sourceFrom(random, 1001))],
        [
          'delete a set',
          () =>
            database.call('delete_documents_of_set', {
              tenant: 'many',
              document_set: 'engines',
              limit: 100,
              accepted_before: null,
            }),
        ],
      ];
      for (const [name, change] of changes) {
        await change();
        try {
          await compare(index, everything('many'), { asked: allWords });
          const filter: Filter = { 'metadata.year': { gte: 2022 } };
          await compare(index, { ...everything('many'), filter }, { asked: allWords.slice(0, 1) });
        } catch (error) {
          throw new Error(`after ${name}: ${(error as Error).message}`);
        }
      }
    }, 120_000);

    it('never shows what another tenant has', async () => {
      const view = await readView(newIndex(), everything('strangers'));
      const question = readQuestion('leave rule');
      const plan = planQuery(question, view.weigh(queryTerms(question)) ?? fail('every word is known'));
      expect(view.candidates(plan, null, 100)).toHaveLength(1);
    });
  });

  it('finds what was published by the next question, and nothing that was deleted before it', async () => {
    const index = newIndex();
    const passages = ['A rule about the badge.'];
    const source = { set: 'default', language: 'en', metadata: {}, passages };
    await publish('fresh', { ...source, filename: 'first.md' });
    await readView(index, everything('fresh'));
    for (let round = 0; round < 20; round++) {
      const id = await publish('fresh', { ...source, filename: `next-${round}.md` });
      expect(await filenames(index, 'fresh')).toContain(`next-${round}.md`);
      await opened().database.call('delete_document', { tenant: 'fresh', sets: null, id });
      expect(await filenames(index, 'fresh')).not.toContain(`next-${round}.md`);
    }
  }, 60_000);

  it('finds by vectors that came after the words', async () => {
    const { database } = opened();
    const index = newIndex();
    const scope = everything('later');
    const passages = ['badge rule', 'leave rule', 'travel rule'];
    const source = { filename: 'a.md', set: 'default', language: 'en', metadata: {}, passages };
    await publish('later', source, { embedded: false });
    const query = vectorFrom(numbers);
    expect((await readView(index, scope)).candidates(null, query, 100)).toEqual([]);
    const task = await createTask(database, 'later');
    const { token } = await claim(database, task);
    const work = { task, token, space: space.id, windows_by: null };
    const missing = await database.call('next_missing_chunks', { ...work, after: null, limit: 1000 });
    const ids = (missing?.chunks ?? []).map(({ id }) => id);
    await database.call('store_embeddings', {
      ...work,
      embeddings: [{ ids, embedding: `[${query.join()}]` }],
    });
    const found = (await readView(index, scope)).candidates(null, query, 100);
    expect(found.map(({ vector }) => vector?.toFixed(3))).toEqual(['1.000', '1.000', '1.000']);
  });

  it('answers from the rows whenever the index is dropped, also under load', async () => {
    const index = newIndex();
    for (let number = 0; number < 5; number++)
      await publish('load', {
        filename: `${number}.md`,
        set: `set-${number % 2}`,
        language: 'en',
        metadata: {},
        passages: ['badge rule'],
      });
    let answered = 0;
    const searching = Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let round = 0; round < 25; round++) {
          expect(await filenames(index, 'load')).toHaveLength(5);
          answered++;
          if (round % 5 === 0) index.clear();
        }
      }),
    );
    await searching;
    expect(answered).toBe(100);
  }, 60_000);

  it('leaves to the database what does not fit into its memory', async () => {
    await publish('large', {
      filename: 'a.md',
      set: 'a',
      language: 'en',
      metadata: {},
      passages: ['badge rule'],
    });
    const off = newIndex({ SEARCH_INDEX_MB: '0' });
    for (let round = 0; round < 4; round++) expect(await off.open(everything('large'), null)).toBeNull();
    const passages = Array.from({ length: 600 }, (_, place) => `rule ${place} of the badge`);
    await publish('large', { filename: 'b.md', set: 'b', language: 'en', metadata: {}, passages });
    const small = newIndex({ SEARCH_INDEX_MB: '1' });
    await readView(small, { ...everything('large'), document_set: 'a' });
    for (let round = 0; round < 4; round++)
      expect(await small.open({ ...everything('large'), document_set: 'b' }, null)).toBeNull();
    expect(await small.open({ ...everything('large'), document_set: 'a' }, null)).not.toBeNull();
  }, 60_000);

  it('takes the memory of kept windows for an index that needs it', async () => {
    const passages = Array.from({ length: 560 }, (_, place) => `rule ${place} of the badge`);
    await publish('roomy', { filename: 'a.md', set: 'a', language: 'en', metadata: {}, passages });
    const index = newIndex({ SEARCH_INDEX_MB: '1' });
    index.windows.use('one');
    const windows = Buffer.alloc(1000, 1);
    index.windows.keep(
      'one',
      Array.from({ length: 300 }, (_, place) => [String(place), windows] as const),
    );
    const before = index.windows.bytes;
    expect(before).toBeGreaterThan(200_000);
    await readView(index, everything('roomy'));
    expect(index.windows.bytes).toBeLessThan(before);
  }, 60_000);

  /** As the search service asks: the index when it is ready, else the database. */
  async function filenames(index: SearchIndex, tenant: string): Promise<string[]> {
    const store = new SearchStore(opened().database);
    const scope = everything(tenant);
    const question = readQuestion('badge rule');
    const view = await index.open(scope, null);
    const plan = planQuery(
      question,
      view?.weigh(queryTerms(question)) ?? (await store.weigh(scope, queryTerms(question))),
    );
    const found = view?.candidates(plan, null, 100) ?? (await store.byKeyword(scope, plan, 100));
    return found.map(({ filename }) => filename);
  }
});

function fail(reason: string): never {
  throw new Error(reason);
}
