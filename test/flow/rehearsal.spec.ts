import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { analyze, buildLex } from '../../src/common/text/analyzer.js';
import { loadEnv } from '../../src/config/env.js';
import { Rehearsal } from '../../src/features/answers/rehearsal.js';
import { ActiveSpace } from '../../src/features/search/active-space.js';
import { CosineScales } from '../../src/features/search/cosine-scales.js';
import { IndexStore } from '../../src/features/search/index/index.store.js';
import { SearchIndex } from '../../src/features/search/index/search-index.js';
import { Reranking } from '../../src/features/search/reranking.js';
import { SearchService, type SearchOutcome } from '../../src/features/search/search.service.js';
import { SearchStore } from '../../src/features/search/search.store.js';
import { WindowRanking } from '../../src/features/search/window-ranking.js';
import type { Database } from '../../src/platform/database/database.js';
import { NoEmbedder } from '../../src/platform/embedding/none.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { WindowEncoder } from '../../src/platform/models/window-encoder.js';
import type { Reranker } from '../../src/platform/rerank/reranker.js';
import { openTestDatabase } from '../database.js';
import { eventually } from '../eventually.js';
import { chunk, claim, createDocuments, newDocument } from '../rows.js';

const tenant = 'rehearsal';
const reranker = (model: string | null): Reranker => ({
  model,
  rerank: () => Promise.reject(new Error('not asked')),
  close: () => Promise.resolve(),
});

/** Passages of which no two have the same words. */
const passages = (count: number): string[] =>
  Array.from({ length: count }, (_unused, number) =>
    Array.from({ length: 30 }, (_same, place) => `word${'abcdefghijklmnop'[place % 16]}${number % 40}`).join(
      ' ',
    ),
  );

describe('the first index of a process', () => {
  let database: Database;
  const indexes: SearchIndex[] = [];

  async function publish(set: string, contents: string[], space?: number): Promise<void> {
    const { documents } = await createDocuments(database, tenant, [
      newDocument(`${set}.md`, set, { document_set: set }),
    ]);
    const [document] = documents;
    if (!document) throw new Error('no document was made');
    const { token } = await claim(database, document.task_id);
    const work = { task: document.task_id, token, document_id: document.id, version: 1 };
    await database.call('open_version', work);
    const chunks = contents.map((content, ordinal) =>
      chunk(ordinal, content, {
        ...buildLex(analyze(content, 'en')),
        ...(space !== undefined && { embeddings: { [space]: `[1,${ordinal},2]` } }),
      }),
    );
    await database.call('stage_chunks', { ...work, chunks, progress: 1 });
    await database.call('publish_document', { ...work, chunk_count: chunks.length, result: {}, stages: {} });
  }

  let space: { id: number; dimensions: number };

  beforeAll(async () => {
    database = await openTestDatabase();
    await publish('small', passages(20));
    await publish('large', passages(240));
    const { id } = await database.call('ensure_space', { provider: 'openai', model: 'three', dimensions: 3 });
    space = { id, dimensions: 3 };
    await publish('with vectors', passages(240), id);
  }, 180_000);
  afterAll(() => database.close());
  afterEach(() => {
    for (const index of indexes.splice(0)) index.onModuleDestroy();
  });

  function serviceWith(model: string | null = null): SearchService {
    const env = loadEnv({});
    const store = new SearchStore(database);
    const index = new SearchIndex(new IndexStore(database), new Metrics(), env);
    indexes.push(index);
    const embedder = new NoEmbedder();
    return new SearchService(
      store,
      index,
      embedder,
      new ActiveSpace(store),
      new WindowRanking(new WindowEncoder(null), store, index),
      new Reranking(reranker(model)),
      new CosineScales(embedder),
      env,
    );
  }

  /** Has the index of a set built, as the questions of clients do. */
  async function build(set: string, vectors: typeof space | null = null): Promise<void> {
    const scope = { tenant, sets: null, document_set: set };
    await eventually(async () => expect(await indexes.at(-1)?.open(scope, vectors)).not.toBeNull());
  }

  /** What the first twenty questions found. */
  async function rehearse(set: string, vectors: typeof space | null): Promise<SearchOutcome[]> {
    const service = serviceWith();
    const outcomes: SearchOutcome[] = [];
    const { search } = service;
    jest.spyOn(service, 'search').mockImplementation(async (query, options) => {
      const outcome = await search.call(service, query, options);
      if (options.index) outcomes.push(outcome);
      return outcome;
    });
    const rehearsal = new Rehearsal(service);
    rehearsal.onModuleInit();
    await build(set, vectors);
    await eventually(() => expect(outcomes.length).toBeGreaterThanOrEqual(20), 60_000);
    rehearsal.onModuleDestroy();
    return outcomes.slice(0, 20);
  }

  it('is asked questions of its own texts, and every one of them finds something', async () => {
    const outcomes = await rehearse('large', null);
    expect(outcomes.filter(({ hits }) => hits.length === 0)).toEqual([]);
    expect(new Set(outcomes.map(({ mode_used }) => mode_used))).toEqual(new Set(['keyword']));
  }, 120_000);

  it('is asked with vectors too where it has some, and no model is', async () => {
    const outcomes = await rehearse('with vectors', space);
    expect(outcomes.filter(({ hits }) => hits.length === 0)).toEqual([]);
    expect(outcomes.filter(({ mode_used }) => mode_used === 'hybrid')).toHaveLength(10);
  }, 120_000);

  it('is the first that is not small, and no later one', async () => {
    const told: (string | null)[] = [];
    serviceWith().whenFirstIndexed((_index, { document_set }) => told.push(document_set));
    await build('small');
    await build('large');
    indexes.at(-1)?.clear();
    await build('large');
    expect(told).toEqual(['large']);
  });

  it('is left alone where each search would ask a rerank model', async () => {
    const told: unknown[] = [];
    serviceWith('orders passages').whenFirstIndexed((index) => told.push(index));
    await build('large');
    expect(told).toEqual([]);
  });
});
