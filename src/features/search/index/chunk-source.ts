import { lengthNorm, computeUsualLength } from '../../../common/text/analyzer.js';
import { RecordWriter } from './arena.js';
import type { IndexedChunkRow } from './rows.js';
import { readVector, type Vectors } from './vectors.js';
import { readTsvector, type TermPlaces } from './words.js';

/** Bytes of a chunk's id, with which its text record begins. */
export const idBytes = 16;

/** The source of a chunk: a row, or the same chunk in an index that is compacted. */
export interface ChunkSource {
  ordinal: number;
  length: number;
  fingerprint: bigint;
  norm: number;
  text: Uint8Array;
  terms: TermPlaces[];
  /** Puts the vector, where there is one, at a chunk of the index. */
  putVector(chunk: number, vectors: Vectors): void;
}

const writer = new RecordWriter();

export function sourceOfRow(row: IndexedChunkRow): ChunkSource {
  const { terms, grams } = readTsvector(row.words);
  writer
    .start()
    .raw(Buffer.from(row.id.replaceAll('-', ''), 'hex'))
    .number(orZero(row.page))
    .number(orZero(row.page_end))
    .text(row.heading)
    .text(row.content);
  return {
    ordinal: row.ordinal,
    length: row.length,
    fingerprint: row.fingerprint,
    norm: lengthNorm(row.length, computeUsualLength(row.length, grams)),
    text: Buffer.from(writer.record),
    terms,
    putVector: (chunk, vectors) => {
      const vector = row.vector && readVector(row.vector, vectors.dimensions);
      if (vector) vectors.put(chunk, vector);
    },
  };
}

const orZero = (page: number | null): number => (page === null ? 0 : page + 1);
