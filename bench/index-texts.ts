import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyze, buildLex } from '../src/common/text/analyzer.js';
import type { IndexedChunkRow } from '../src/features/search/index/rows.js';
import { ZipfText } from './zipf-text.mjs';

/** Passages and questions of one kind, without end and the same in every run. */
export interface Texts {
  passage(): string;
  question(): string;
}

const wordsOfPassage = 170;

/** Made-up words as frequent as those of a language, and questions of six of them. */
export function madeUpTexts(): Texts {
  const text = new ZipfText();
  return {
    passage: () => text.passage(wordsOfPassage),
    question: () => `what is the ${text.passage(6)}?`,
  };
}

const readLines = (path: string): { title?: string; text: string }[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { title?: string; text: string });

/**
 * Passages of random sentences of judged collections, and their questions.
 * Each word is in as large a share of the passages as it is in the collections.
 */
export function collectedTexts(folder: string, collections: string[]): Texts {
  const random = new ZipfText();
  const files = collections.map((name) => join(folder, name)).filter((path) => existsSync(path));
  const sentences = files
    .flatMap((path) => readLines(join(path, 'docs.jsonl')))
    .flatMap(({ title, text }) => [title ?? '', ...text.split(/(?<=[.?!])\s+/u)])
    .filter((sentence) => sentence.length > 20 && sentence.length < 600);
  const questions = files.flatMap((path) => readLines(join(path, 'queries.jsonl'))).map(({ text }) => text);
  let asked = 0;
  const passage = (): string => {
    let made = random.pick(sentences);
    while (made.length < 900) made += ` ${random.pick(sentences)}`;
    return made;
  };
  return { passage, question: () => questions[(asked++ * 7919) % questions.length] ?? '' };
}

/** As Postgres sends a tsvector. */
function tsvectorBytes(places: Map<string, number[]>): Buffer {
  const parts: Buffer[] = [Buffer.alloc(4)];
  parts[0]?.writeInt32BE(places.size);
  for (const [term, at] of places) {
    const numbers = Buffer.alloc(2 + 2 * at.length);
    numbers.writeUInt16BE(at.length);
    for (const [index, place] of at.entries()) numbers.writeUInt16BE(place, 2 + 2 * index);
    parts.push(Buffer.from(`${term}\0`), numbers);
  }
  return Buffer.concat(parts);
}

function readPlaces(fts: string): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [, term = '', at = ''] of fts.matchAll(/'((?:[^']|'')*)':([\d,]+)/g))
    places.set(
      term.replaceAll("''", "'"),
      [...new Set(at.split(',').map(Number))].sort((left, right) => left - right),
    );
  return places;
}

let made = 0;

/** A chunk as the index reads it from the database. */
export function makeRow(content: string, ordinal: number, vector: Buffer | null): IndexedChunkRow {
  const { fts, length } = buildLex(analyze(content, 'en'));
  made++;
  return {
    id: `00000000-0000-4000-8000-${made.toString(16).padStart(12, '0')}`,
    ordinal,
    heading: null,
    page: null,
    page_end: null,
    length,
    fingerprint: BigInt(made),
    content,
    words: tsvectorBytes(readPlaces(fts)),
    vector,
  };
}
