import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Problem } from '../../src/common/errors.js';
import { loadEnv } from '../../src/config/env.js';
import { CosineScales } from '../../src/features/search/cosine-scales.js';
import { ActiveSpace } from '../../src/features/search/active-space.js';
import { Reranking } from '../../src/features/search/reranking.js';
import { SearchService, type SearchMode } from '../../src/features/search/search.service.js';
import { IndexStore } from '../../src/features/search/index/index.store.js';
import { SearchIndex } from '../../src/features/search/index/search-index.js';
import { WindowRanking } from '../../src/features/search/window-ranking.js';
import { WindowEncoder } from '../../src/platform/models/window-encoder.js';
import { SearchStore } from '../../src/features/search/search.store.js';
import type { Database } from '../../src/platform/database/database.js';
import { Embedder, type SpaceIdentity } from '../../src/platform/embedding/embedder.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { Reranker, type Ranked } from '../../src/platform/rerank/reranker.js';
import { analyze, indexedText, buildLex } from '../../src/common/text/analyzer.js';
import { openTestDatabase } from '../database.js';
import { chunk, claim, createDocuments, newDocument } from '../rows.js';

const meanings: Record<string, number[]> = {
  holiday: [0.8, 0.6, 0],
  leave: [1, 0, 0],
  printer: [0, 1, 0],
  fee: [0, 0, 1],
};
const makeMeaning = (text: string): number[] =>
  Object.entries(meanings).find(([word]) => text.toLowerCase().includes(word))?.[1] ?? [0, 0, 1];

/** A model of three dimensions that knows four words. */
class TinyEmbedder extends Embedder {
  failure: Problem | null = null;

  constructor(readonly identity: SpaceIdentity | null) {
    super();
  }

  embed(texts: string[]): Promise<number[][]> {
    return Promise.resolve(texts.map(makeMeaning));
  }

  embedQuery(text: string): Promise<number[]> {
    return this.failure ? Promise.reject(this.failure) : Promise.resolve(makeMeaning(text));
  }

  ping = () => Promise.resolve();
  close = () => Promise.resolve();
}

class ScriptedReranker extends Reranker {
  constructor(
    readonly model: string | null,
    private readonly script: (documents: string[]) => Promise<Ranked[]>,
  ) {
    super();
  }

  rerank(_: string, documents: string[]): Promise<Ranked[]> {
    return this.script(documents);
  }

  close = () => Promise.resolve();
}

const identity = { provider: 'tiny', model: 'four-words', dimensions: 3 };
const texts = [
  'Annual leave is 25 days.',
  'The printers stand in the cellar.',
  'The parking fee is 3 euros.',
  'annual LEAVE is 25 days!',
];
/** The first text or its copy: which of the two stands first is chance. */
const leave = /^annual leave is 25 days/i;
const silent = new ScriptedReranker(null, () => Promise.reject(new Error('not asked')));

describe('SearchService', () => {
  let database: Database;

  beforeAll(async () => {
    database = await openTestDatabase();
    const { id: space } = await database.call('ensure_space', identity);
    for (const [index, content] of texts.entries()) {
      const { documents } = await createDocuments(database, 'flow', [newDocument(`${index}.md`, content)]);
      const [document] = documents;
      if (!document) throw new Error('no document was made');
      const { token } = await claim(database, document.task_id);
      const work = { task: document.task_id, token, document_id: document.id, version: 1 };
      await database.call('open_version', work);
      const lex = buildLex(
        analyze(indexedText({ filename: `${index}.md`, title: null, heading: null, content }), 'en'),
      );
      await database.call('stage_chunks', {
        ...work,
        chunks: [chunk(0, content, { ...lex, embeddings: { [space]: `[${makeMeaning(content).join()}]` } })],
        progress: 1,
      });
      await database.call('publish_document', { ...work, chunk_count: 1, result: {}, stages: {} });
    }
  }, 180_000);
  afterAll(() => database.close());

  function serviceWith(embedder = new TinyEmbedder(identity), reranker: Reranker = silent): SearchService {
    const store = new SearchStore(database);
    const index = new SearchIndex(new IndexStore(database), new Metrics(), loadEnv({}));
    return new SearchService(
      store,
      index,
      embedder,
      new ActiveSpace(store),
      new WindowRanking(new WindowEncoder(null), store, index),
      new Reranking(reranker),
      new CosineScales(embedder),
      loadEnv({}),
    );
  }
  const ask = (service: SearchService, query: string, mode: SearchMode = 'hybrid', limit = 10) =>
    service.search(query, { scope: { tenant: 'flow', sets: null, document_set: null }, mode, limit });
  const contents = ({ hits }: { hits: { content: string }[] }) => hits.map(({ content }) => content);

  it('finds by meaning a passage that shares no word with the question', async () => {
    const found = await ask(serviceWith(), 'holiday', 'vector');
    expect(found.mode_used).toBe('vector');
    expect(contents(found)[0]).toMatch(leave);
    expect(found.hits[0]?.score).toBeCloseTo(0.8);
    expect(contents(await ask(serviceWith(), 'holiday', 'keyword'))).toEqual([]);
    expect(contents(await ask(serviceWith(), 'holiday', 'hybrid'))[0]).toMatch(leave);
  });

  it('combines the scores of both legs in a hybrid search', async () => {
    const { hits, mode_used, took_ms } = await ask(serviceWith(), 'annual leave');
    expect(mode_used).toBe('hybrid');
    expect(hits[0]).toMatchObject({
      content: expect.stringMatching(leave),
      score: 1,
      rank: 1,
      document_set: 'default',
    });
    expect(Object.values(took_ms).every((ms) => ms >= 0)).toBe(true);
  });

  it('ranks copies after everything else', async () => {
    const found = contents(await ask(serviceWith(), 'annual leave parking'));
    expect(found.at(-1)).toMatch(leave);
    expect(found.filter((content) => leave.test(content))).toHaveLength(2);
    expect(found.slice(0, 2)).toContain(texts[2]);
  });

  it('searches by keyword alone without a model, and refuses mode vector', async () => {
    const service = serviceWith(new TinyEmbedder(null));
    const found = await ask(service, 'annual leave');
    expect(found.mode_used).toBe('keyword');
    expect(found.hits[0]?.score).toBe(1);
    await expect(ask(service, 'annual leave', 'vector')).rejects.toMatchObject({
      code: 'embedding_unavailable',
    });
  });

  it('falls back to keywords when the model server fails, but not in mode vector', async () => {
    const embedder = new TinyEmbedder(identity);
    embedder.failure = new Problem('upstream_timeout');
    expect((await ask(serviceWith(embedder), 'annual leave')).mode_used).toBe('keyword');
    await expect(ask(serviceWith(embedder), 'annual leave', 'vector')).rejects.toMatchObject({
      code: 'upstream_timeout',
    });
  });

  it('never compares with vectors of another provider', async () => {
    const service = serviceWith(new TinyEmbedder({ ...identity, provider: 'other' }));
    expect((await ask(service, 'annual leave')).mode_used).toBe('keyword');
    await expect(ask(service, 'annual leave', 'vector')).rejects.toMatchObject({
      code: 'embedding_unavailable',
    });
  });

  it('uses the order of a rerank model, and its own order when the model fails', async () => {
    const backwards = new ScriptedReranker('r', (documents) =>
      Promise.resolve(
        documents
          .map((_, index) => ({ index, score: index }))
          .reverse()
          .slice(0, 2),
      ),
    );
    const plain = contents(await ask(serviceWith(), 'annual leave printers'));
    const reranked = contents(
      await ask(serviceWith(new TinyEmbedder(identity), backwards), 'annual leave printers'),
    );
    expect(reranked).toEqual([...plain.slice(-2).reverse(), ...plain.slice(0, -2)]);
    const failing = new ScriptedReranker('r', () => Promise.reject(new Problem('upstream_timeout')));
    expect(
      contents(await ask(serviceWith(new TinyEmbedder(identity), failing), 'annual leave printers')),
    ).toEqual(plain);
  });

  it('gives no more hits than asked for, and none for a question without words', async () => {
    expect((await ask(serviceWith(), 'annual leave', 'hybrid', 1)).hits).toHaveLength(1);
    expect((await ask(serviceWith(new TinyEmbedder(null)), '?!', 'keyword')).hits).toEqual([]);
  });

  it('distinguishes answerable from unanswerable questions', async () => {
    const service = serviceWith(new TinyEmbedder(null));
    for (const [question, answered] of [
      ['How many days of annual leave are there?', true],
      ['How much is the parking fee?', true],
      ['What is the capital of Mongolia?', false],
      ['Who won the football match in 1966?', false],
    ] as const) {
      const { supported } = await ask(service, question);
      expect([question, supported]).toEqual([question, answered]);
    }
  });
});
