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

  it('gives back what it was given', () => {
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

describe('words that may be misspelt', () => {
  const index = new SetIndex('default', null);
  const words = ['kundig', 'frist'];
  index.add({ ...facts(1), language: 'de' }, [{ ...row(1, 0), words: tsvector(words), length: 2 }]);
  const view = new IndexView([index], null);
  const weigh = (text: string) => {
    const question = readQuestion(text);
    return view.weigh(queryTerms(question, view.languages), question);
  };

  it('are not those that the documents know by the stem of their own language', () => {
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
    const products = vectors.products(query, count);
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
});
