import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { findCandidates } from './candidates.js';
import { queryTerms, readQuestion } from '../query.js';
import { IndexView } from './index-view.js';
import type { DocumentFacts, IndexedChunkRow } from './rows.js';
import { SetIndex } from './set-index.js';
import { Vectors } from './vectors.js';
import { makeTerm } from './words.js';

const space = { id: 3, dimensions: 12 };

/** As Postgres sends a tsvector. */
function tsvector(words: string[]): Buffer {
  const places = new Map<string, number[]>();
  for (const [index, word] of words.entries()) places.set(word, [...(places.get(word) ?? []), index + 1]);
  const count = Buffer.alloc(4);
  count.writeInt32BE(places.size);
  const entries = [...places].map(([word, at]) => {
    const numbers = Buffer.alloc(2 + 2 * at.length);
    numbers.writeUInt16BE(at.length);
    for (const [index, place] of at.entries()) numbers.writeUInt16BE(place, 2 + 2 * index);
    return Buffer.concat([Buffer.from(`${word}\0`), numbers]);
  });
  return Buffer.concat([count, ...entries]);
}

/** As pgvector sends it. */
function vectorBytes(values: number[]): Buffer {
  const bytes = Buffer.alloc(4 + 4 * values.length);
  bytes.writeUInt16BE(values.length);
  for (const [index, value] of values.entries()) bytes.writeFloatBE(value, 4 + 4 * index);
  return bytes;
}

const unit = (seed: number): number[] => {
  const values = Array.from({ length: space.dimensions }, (_, index) => Math.sin(seed * 7.3 + index * 1.7));
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
};

const facts = (number: number): DocumentFacts => ({
  id: randomUUID(),
  version: 1,
  filename: `${number}.md`,
  title: null,
  language: number % 2 === 0 ? 'en' : 'de',
  media_type: 'text/markdown',
  metadata: { number },
  created_at: '2026-01-01T00:00:00.000Z',
});

const row = (number: number, ordinal: number): IndexedChunkRow => {
  const words = ['rule', `w${number % 50}`, ordinal % 3 === 0 ? 'badge' : 'leave', 'rule'];
  return {
    id: randomUUID(),
    ordinal,
    heading: ordinal === 0 ? 'Überschrift' : null,
    page: ordinal + 1,
    page_end: null,
    length: words.length,
    fingerprint: BigInt(number * 1000 + ordinal) - 5_000_000_000_000_000_000n,
    content: `${words.join(' ')} – ${'x'.repeat(number % 40)}`,
    words: tsvector(words),
    vector: number % 7 === 0 ? null : vectorBytes(unit(number * 10 + ordinal)),
  };
};

function filled(documents: number): { index: SetIndex; all: DocumentFacts[] } {
  const index = new SetIndex('default', space);
  const all = Array.from({ length: documents }, (_, number) => facts(number));
  for (const [number, each] of all.entries())
    index.add(
      each,
      Array.from({ length: 6 }, (_, ordinal) => row(number, ordinal)),
    );
  return { index, all };
}

const search = (index: SetIndex) =>
  findCandidates(
    [index],
    {
      words: {
        weights: new Map([
          ['badge', 2],
          ['w7', 3],
          ['rule', 0.5],
        ]),
        terms: ['badge', 'w7', 'rule'],
      },
      vector: unit(77),
    },
    null,
    50,
  ).map(({ text, ...candidate }) => ({ ...candidate, content: text.toString() }));

describe('the index of a set', () => {
  it('finds the same after it was compacted', async () => {
    const { index, all } = filled(800);
    for (const each of all.slice(0, 400)) index.remove(each.id);
    expect(index.isWorn).toBe(true);
    const before = search(index);
    const compact = await index.compacted(async () => undefined);
    expect(search(compact)).toEqual(before);
    expect(before.length).toBeGreaterThan(50);
    expect(compact.chunks).toBe(2400);
    expect(compact.bytes).toBeLessThan(index.bytes);
    expect(compact.languages).toEqual(index.languages);
    for (const term of ['rule', 'w7', 'badge'])
      expect(compact.frequency(makeTerm(term))).toBe(index.frequency(makeTerm(term)));
  });

  it('returns the vectors and words that were put in', () => {
    const index = new SetIndex('default', space);
    const [document, chunk] = [facts(1), row(1, 0)];
    index.add(document, [chunk]);
    const [found] = findCandidates(
      [index],
      { words: { weights: new Map([['badge', 1]]), terms: ['badge', 'rule'] }, vector: null },
      null,
      10,
    );
    const { words: _words, vector: _vector, fingerprint: _fingerprint, content, ...stored } = chunk;
    const { id, ...shared } = document;
    expect(found).toMatchObject({
      ...stored,
      ...shared,
      document_id: id,
      document_set: 'default',
      vector: null,
    });
    expect(found?.text.toString()).toBe(content);
    expect(found?.matched).toEqual({ badge: [3], rule: [1, 4] });
  });

  it('replaces a version, and forgets a document', () => {
    const { index, all } = filled(3);
    const [first] = all;
    if (!first) throw new Error('no document');
    index.add({ ...first, version: 2 }, [row(90, 0)]);
    expect(index.living).toBe(13);
    expect(
      search(index)
        .filter(({ document_id: id }) => id === first.id)
        .map(({ version }) => version),
    ).toEqual([2]);
    index.remove(first.id);
    index.remove(first.id);
    expect(index.living).toBe(12);
    expect(index.frequency(makeTerm('rule'))).toBe(12);
  });
});

/** The same numbers in every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
}

describe('the best chunks for the words of a question', () => {
  const random = randomFrom(5);
  const vocabulary = 400;
  /** The n-th word is a n-th as frequent as the first. */
  const word = () => `w${Math.floor(vocabulary ** random())}`;
  const chunkOf = (ordinal: number): IndexedChunkRow => {
    const words = Array.from({ length: 2 + Math.floor(random() * 30) }, word);
    const fingerprint = BigInt(Math.floor(random() * 9000));
    return { ...row(1, ordinal), words: tsvector(words), length: words.length, fingerprint, vector: null };
  };
  const fill = (name: string, documents: number) => {
    const index = new SetIndex(name, null);
    const all = Array.from({ length: documents }, (_, number) => facts(number));
    for (const each of all)
      index.add(
        each,
        Array.from({ length: 40 }, (_, ordinal) => chunkOf(ordinal)),
      );
    return { index, all };
  };
  const [large, small] = [fill('large', 250), fill('small', 8)];
  const sets = [large.index, small.index];
  const removed = large.all.slice(100, 130).map(({ id }) => id);
  for (const id of removed) large.index.remove(id);
  const kept = [...large.all.filter(({ id }) => !removed.includes(id)), ...small.all];

  /** All scores, each computed by itself, the greatest first. */
  const scoreEach = (weights: ReadonlyMap<string, number>, allowed: ReadonlySet<string> | null): number[] => {
    const hashed = [...weights]
      .map(([term, weight]) => ({ term: makeTerm(term), weight }))
      .sort((left, right) => left.term.hash - right.term.hash);
    return sets
      .flatMap((set) => {
        const asked = set.askTerms(hashed);
        const documents = allowed ? set.allowedDocuments(allowed) : set.documentsPresent;
        return Array.from({ length: set.chunks }, (_, chunk) => ({ chunk, set }))
          .filter(({ chunk }) => documents[set.getDocument(chunk)] === 1)
          .map(({ chunk }) => set.score(chunk, asked));
      })
      .filter((score) => score > 0)
      .sort((left, right) => right - left);
  };

  it.each([
    ['all documents', null],
    ['half of them', new Set(kept.filter((_, place) => place % 2 === 0).map(({ id }) => id))],
    ['two of them', new Set([large.all[40]?.id ?? '', small.all[3]?.id ?? ''])],
    ['none', new Set<string>()],
  ])('are the same as when every score is computed, among %s', (_name, allowed) => {
    for (let asked = 0; asked < 60; asked++) {
      const terms = Array.from({ length: 1 + (asked % 9) }, word);
      const weights = new Map(terms.map((term) => [term, Number((0.1 + random() * 9).toPrecision(6))]));
      const all = scoreEach(weights, allowed);
      for (const limit of [1, 10, 100]) {
        const found = findCandidates(sets, { words: { weights, terms }, vector: null }, allowed, limit);
        expect(found).toHaveLength(Math.min(limit, all.length));
        // copies go behind the others, which lets lower ones in
        const best = new Set(all.map((score) => Math.round(score * 1e6) / 1e6));
        const scores = found.map(({ keyword }) => keyword ?? NaN);
        expect(scores.every((score) => best.has(score))).toBe(true);
        expect(scores[0]).toBe(all.length === 0 ? undefined : Math.round((all[0] ?? 0) * 1e6) / 1e6);
      }
      const asWeights = sets.map((set) =>
        set.askTerms(
          [...weights]
            .map(([term, weight]) => ({ term: makeTerm(term), weight }))
            .sort((left, right) => left.term.hash - right.term.hash),
        ),
      );
      for (const take of [1, 7, 128]) {
        const collected = sets.flatMap((set, place) => {
          const asked = asWeights[place];
          if (!asked) return [];
          const documents = allowed && set.allowedDocuments(allowed);
          return Array.from(set.collect(asked, documents, { take, least: 0 }), (chunk) =>
            set.score(chunk, asked),
          );
        });
        expect(collected.sort((left, right) => right - left).slice(0, take)).toEqual(all.slice(0, take));
      }
    }
  });

  it('are found without looking at most chunks', () => {
    const terms = [
      { term: makeTerm('w300'), weight: 6 },
      { term: makeTerm('w1'), weight: 0.1 },
    ].sort((left, right) => left.term.hash - right.term.hash);
    const asked = large.index.askTerms(terms);
    const collected = large.index.collect(asked, null, { take: 10, least: 0 });
    expect(large.index.frequency(makeTerm('w1'))).toBeGreaterThan(4000);
    expect(collected.length).toBeLessThan(100);
  });
});

describe('words that may be misspelt', () => {
  const index = new SetIndex('default', null);
  const words = ['kundig', 'frist'];
  index.add({ ...facts(1), language: 'de' }, [{ ...row(1, 0), words: tsvector(words), length: 2 }]);
  const view = new IndexView([index], null);
  const weigh = (text: string) => {
    const question = readQuestion(text);
    return view.weigh(queryTerms(question, view.languages), question);
  };

  it('are not words that the documents contain by the stem of their own language', () => {
    const known = [{ term: 'kundig', source: 'kundig', df: 1, similarity: 1 }];
    expect(readQuestion('What do the Kündigungen say?').language).toBe('en');
    expect(weigh('What do the Kündigungen say?')?.terms).toEqual(known);
    expect(weigh('the Kündigungen')?.terms).toEqual(known);
  });

  it('are searched in the database', () => {
    expect(weigh('the Kündigugen')).toBeNull();
  });
});

it('compares many vectors as exactly as few', () => {
  const vectors = new Vectors(1, space.dimensions);
  const put = (from: number, to: number) => {
    for (let chunk = from; chunk < to; chunk++)
      if (chunk % 5 > 0) vectors.put(chunk, Float32Array.from(unit(chunk)));
  };
  const query = unit(13).map((value) => value * 2);
  const check = (count: number) => {
    const products = vectors.products(
      query,
      Uint32Array.from({ length: count }, (_, chunk) => chunk),
    );
    for (let chunk = 0; chunk < count; chunk++) {
      const exact = unit(chunk).reduce((sum, value, index) => sum + value * (query[index] ?? 0), 0);
      if (chunk % 5 === 0) expect(products[chunk]).toBe(-2);
      else expect(Math.abs((products[chunk] ?? NaN) - exact)).toBeLessThan(2e-4);
    }
  };
  put(0, 100);
  check(100);
  // beyond this the WebAssembly function compares them, in several blocks
  put(100, 9000);
  check(9000);
  const all = Uint32Array.from({ length: 9000 }, (_, chunk) => chunk);
  const products = [...vectors.products(query, all)];
  const best = [...all.keys()]
    .sort((left, right) => (products[right] ?? 0) - (products[left] ?? 0))
    .slice(0, 50);
  const collected = new Set(vectors.collect(query, all, { take: 50, least: -2 }));
  expect(best.filter((chunk) => !collected.has(chunk))).toEqual([]);
  expect(collected.size).toBeLessThan(1000);
  const least = products[best[9] ?? 0] ?? 0;
  expect(vectors.collect(query, all, { take: 50, least }).length).toBeLessThan(collected.size);
});
