import type { FoundChunk } from '../../../platform/database/functions.js';
import type { Candidate } from '../candidate.js';
import { recallHash } from '../deduplicate.js';
import type { HashPlace } from '../utf8-text.js';
import { ByteArena, RecordReader, type Place } from './arena.js';
import { idBytes, sourceOfRow, type ChunkSource } from './chunk-source.js';
import { Column, uint32s } from './columns.js';
import { AskedWeights } from './asked-weights.js';
import { collectChunks } from './keyword-leg.js';
import { maxChunks } from './posting-cursor.js';
import { computeImpact, Postings } from './postings.js';
import type { DocumentFacts, IndexedChunkRow, IndexedSpace } from './rows.js';
import { maxDimensions, Vectors } from './vectors.js';
import {
  countPlaces,
  countTerms,
  findPlaces,
  readNumbers,
  readWords,
  writeWords,
  type AskedTerms,
} from './word-record.js';
import type { Term, TermPlaces } from './words.js';

/** Bytes of an entry in the table of documents beside its texts: objects, and its place in the maps. */
const documentOverhead = 600;

interface IndexedDocument extends DocumentFacts {
  /** The first of its chunks, which follow each other. */
  first: number;
  chunks: number;
  length: number;
  bytes: number;
}

/** Sums of a language, for BM25. */
export interface LanguageSums {
  chunks: number;
  length: number;
}

/**
 * The published chunks of one document set of one tenant: words,
 * places and texts. Not safe against use after an error in `add`.
 */
export class SetIndex {
  private readonly postings = new Postings();
  private readonly records = new ByteArena();
  private readonly documents: (IndexedDocument | null)[] = [];
  /** By document: 1 while it is there. */
  private readonly present = new Column((length) => new Uint8Array(length));
  private readonly places = new Map<string, number>();
  private readonly documentsOfChunks = uint32s();
  private readonly ordinals = uint32s();
  private readonly lengths = uint32s();
  private readonly texts = uint32s();
  private readonly words = uint32s();
  private readonly fingerprints = new Column((length) => new BigInt64Array(length));
  private readonly norms = new Column((length) => new Float64Array(length));
  /** Hashes of the texts, to find copies: a question compares few chunks that one before it has compared. */
  private readonly hashes = new Column((length) => new Float64Array(length));
  private documentBytes = 0;
  private dead = 0;
  /** Those that are there, from one search without a filter to the next. */
  private everyChunk: Uint32Array | null = null;
  /** Chunks so far, those of removed documents included. */
  chunks = 0;
  readonly languages = new Map<string, LanguageSums>();

  readonly vectors: Vectors | null;

  /** @param space whose vectors it has too; null for words alone */
  constructor(
    readonly name: string,
    readonly space: IndexedSpace | null,
  ) {
    this.vectors =
      space && space.dimensions <= maxDimensions ? new Vectors(space.id, space.dimensions) : null;
  }

  get bytes(): number {
    const columns = [this.documentsOfChunks, this.ordinals, this.lengths, this.texts, this.words];
    return (
      columns.reduce((sum, { bytes }) => sum + bytes, 0) +
      this.fingerprints.bytes +
      this.norms.bytes +
      this.hashes.bytes +
      this.postings.bytes +
      this.records.bytes +
      (this.vectors?.bytes ?? 0) +
      (this.everyChunk?.byteLength ?? 0) +
      this.documentBytes
    );
  }

  /** Average bytes of a chunk, without its vector. */
  get bytesOfChunk(): number {
    return (this.bytes - (this.vectors?.bytes ?? 0)) / Math.max(1, this.chunks);
  }

  get living(): number {
    return this.chunks - this.dead;
  }

  /** True when so much of it is of removed documents that a copy without them is worth its time. */
  get isWorn(): boolean {
    return this.dead > 1000 && this.dead > this.living / 2;
  }

  /** Puts a document into the index in the place of any version that it has. */
  add(facts: DocumentFacts, rows: IndexedChunkRow[]): void {
    this.addDocument(facts, rows.map(sourceOfRow));
  }

  remove(id: string): void {
    const place = this.places.get(id);
    const document = place === undefined ? null : this.documents[place];
    if (place === undefined || !document) return;
    this.everyChunk = null;
    this.places.delete(id);
    this.documents[place] = null;
    this.present.values[place] = 0;
    this.documentBytes -= document.bytes;
    this.dead += document.chunks;
    this.count(document.language, -document.chunks, -document.length);
    for (let chunk = document.first; chunk < document.first + document.chunks; chunk++)
      for (const term of readNumbers(this.placeWords(chunk))) this.postings.bury(term);
  }

  /** A copy without what was removed. Gives way to other work after each document. */
  async compacted(pause: () => Promise<void>): Promise<SetIndex> {
    const copy = new SetIndex(this.name, this.space);
    for (const document of this.documents) {
      if (!document) continue;
      const sources = Array.from({ length: document.chunks }, (_, index) =>
        this.getSource(document.first + index),
      );
      copy.addDocument(document, sources);
      await pause();
    }
    return copy;
  }

  /** Chunks that hold the term. */
  frequency({ hash, check }: Term): number {
    const term = this.postings.find(hash, check);
    return term < 0 ? 0 : this.postings.frequency(term);
  }

  /** The question's terms that the set has. @param weights above 0, in ascending order of their hashes */
  askTerms(weights: { term: Term; weight: number }[]): AskedWeights {
    return new AskedWeights(
      weights.map(({ term, weight }) => ({ number: this.postings.find(term.hash, term.check), weight })),
    );
  }

  /**
   * Those chunks that can be among the `take` with the best scores, with others, in ascending order.
   * @param least chunks with a lower score do not matter
   * @param documents by document: 1 where it may be found; null for all that are there
   */
  collect(
    asked: AskedWeights,
    documents: Uint8Array | null,
    { take, least }: { take: number; least: number },
  ): Uint32Array {
    const present = documents ?? (this.dead > 0 ? this.present.values : null);
    const eligible = present && { owners: this.owners, documents: present };
    return collectChunks(this.postings, asked.terms, this.chunks, { eligible, take, least });
  }

  /**
   * The inner product of the chunk's stored impacts with the question's weights, as the database computes it:
   * in single precision, in the order of the terms' hashes.
   */
  score(chunk: number, asked: AskedWeights): number {
    const { numbers, byHash, counts } = asked;
    countTerms(this.placeWords(chunk), numbers, counts);
    const norm = this.norms.values[chunk] ?? 0;
    let score = 0;
    for (const { place, weight } of byHash) {
      const count = counts[place] as number;
      if (count > 0) score = Math.fround(score + Math.fround(weight * computeImpact(count, norm)));
    }
    return score;
  }

  /** @param documents by document: 1 where it may be found; null for all that are there @returns not to be changed */
  chunksOf(documents: Uint8Array | null): Uint32Array {
    if (documents === null) return (this.everyChunk ??= this.listChunks(null));
    return this.listChunks(documents);
  }

  private listChunks(documents: Uint8Array | null): Uint32Array {
    const allowed = documents ?? this.present.values;
    const chunks = new Uint32Array(this.chunks);
    let count = 0;
    for (const [place, document] of this.documents.entries()) {
      if (!document || allowed[place] !== 1) continue;
      for (let index = 0; index < document.chunks; index++) chunks[count++] = document.first + index;
    }
    return chunks.subarray(0, count);
  }

  /** By document: 1 where it is there. */
  get documentsPresent(): Uint8Array {
    return this.present.values;
  }

  /** By document: 1 where it is there and `allowed`. */
  allowedDocuments(allowed: ReadonlySet<string>): Uint8Array {
    const chosen = new Uint8Array(this.documents.length);
    for (const id of allowed) {
      const place = this.places.get(id);
      if (place !== undefined) chosen[place] = 1;
    }
    return chosen;
  }

  /** By chunk: the place of its document in `allowedDocuments`. */
  get owners(): Uint32Array {
    return this.documentsOfChunks.values;
  }

  getDocument(chunk: number): number {
    return this.documentsOfChunks.values[chunk] ?? 0;
  }

  getFilename(chunk: number): string {
    return this.documents[this.getDocument(chunk)]?.filename ?? '';
  }

  getOrdinal(chunk: number): number {
    return this.ordinals.values[chunk] ?? 0;
  }

  getFingerprint(chunk: number): bigint {
    return this.fingerprints.values[chunk] ?? 0n;
  }

  /** The numbers that these terms have here, for `passage`. */
  numberTerms(terms: ReadonlyMap<string, Term>): AskedTerms {
    const known = [...terms]
      .map(([text, { hash, check }]) => ({ text, number: this.postings.find(hash, check) }))
      .filter(({ number }) => number >= 0)
      .sort((left, right) => left.number - right.number);
    return { numbers: known.map(({ number }) => number), texts: known.map(({ text }) => text) };
  }

  /**
   * The chunk as a search in the database finds it.
   * @param scores of both legs, null where a leg was not asked
   * or the chunk has no vector @param asked from `numberTerms`
   */
  passage(
    chunk: number,
    { keyword, vector }: Pick<FoundChunk, 'keyword' | 'vector'>,
    asked: AskedTerms,
  ): Candidate {
    const document = this.documents[this.getDocument(chunk)];
    if (!document) throw new RangeError('a passage of a removed document was asked for');
    const { id, version, filename, title, language, media_type, metadata, created_at } = document;
    const reader = new RecordReader(this.records.at(this.texts.values[chunk] ?? 0));
    return {
      id: formatUuid(reader.raw(idBytes)),
      document_id: id,
      version,
      ordinal: this.getOrdinal(chunk),
      page: orNull(reader.number()),
      page_end: orNull(reader.number()),
      heading: reader.text(),
      text: reader.textView(this.hashPlace(chunk)),
      filename,
      document_set: this.name,
      media_type,
      language,
      title,
      metadata,
      created_at,
      length: this.lengths.values[chunk] ?? 0,
      matched: findPlaces(this.placeWords(chunk), asked),
      keyword: sixPlaces(keyword),
      vector: sixPlaces(vector),
    };
  }

  private addDocument(facts: DocumentFacts, sources: ChunkSource[]): void {
    if (this.chunks + sources.length > maxChunks)
      throw new RangeError('a set has too many chunks for an index');
    this.remove(facts.id);
    const { id, version, filename, title, language, media_type, metadata, created_at } = facts;
    const length = sources.reduce((sum, source) => sum + source.length, 0);
    const bytes =
      documentOverhead + 2 * (filename.length + (title?.length ?? 0) + 2 * JSON.stringify(metadata).length);
    const place = this.documents.length;
    this.everyChunk = null;
    this.documents.push({
      id,
      version,
      filename,
      title,
      language,
      media_type,
      metadata,
      created_at,
      first: this.chunks,
      chunks: sources.length,
      length,
      bytes,
    });
    this.places.set(id, place);
    this.present.ensure(place + 1)[place] = 1;
    this.documentBytes += bytes;
    this.count(language, sources.length, length);
    for (const source of sources) this.addChunk(place, source);
  }

  private addChunk(owner: number, source: ChunkSource): void {
    const { ordinal, length, fingerprint, norm, text, terms } = source;
    const chunk = this.chunks++;
    this.documentsOfChunks.ensure(this.chunks)[chunk] = owner;
    this.ordinals.ensure(this.chunks)[chunk] = ordinal;
    this.lengths.ensure(this.chunks)[chunk] = length;
    this.fingerprints.ensure(this.chunks)[chunk] = fingerprint;
    this.norms.ensure(this.chunks)[chunk] = norm;
    this.texts.ensure(this.chunks)[chunk] = this.records.append(text);
    recallHash(this.openText(chunk).textView(this.hashPlace(chunk)));
    this.words.ensure(this.chunks)[chunk] = this.records.append(this.wordRecord(chunk, terms, norm));
    if (this.vectors) source.putVector(chunk, this.vectors);
  }

  /** Adds the postings of a chunk and gives its own list of terms: each with its places. */
  private wordRecord(chunk: number, terms: TermPlaces[], norm: number): Uint8Array {
    const numbered = terms
      .map(({ hash, check, places }) => ({ term: this.postings.findOrAdd(hash, check), places }))
      .sort((left, right) => left.term - right.term);
    for (const { term, places } of numbered)
      this.postings.append(term, chunk, computeImpact(countPlaces(places.length), norm));
    return writeWords(numbered);
  }

  private getSource(chunk: number): ChunkSource {
    const place = this.records.at(this.texts.values[chunk] ?? 0);
    const reader = this.openText(chunk);
    reader.skipText();
    return {
      ordinal: this.getOrdinal(chunk),
      length: this.lengths.values[chunk] ?? 0,
      fingerprint: this.getFingerprint(chunk),
      norm: this.norms.values[chunk] ?? 0,
      text: place.page.subarray(place.offset, reader.offset),
      terms: this.getTerms(chunk),
      putVector: (place, vectors) => {
        if (this.vectors?.has(chunk)) vectors.copy(place, this.vectors, chunk);
      },
    };
  }

  private getTerms(chunk: number): TermPlaces[] {
    return Array.from(readWords(this.placeWords(chunk)), ({ term, places }) => ({
      hash: this.postings.getHash(term),
      check: this.postings.getCheck(term),
      places,
    }));
  }

  /** The record of a chunk's text, at the text. */
  private openText(chunk: number): RecordReader {
    const reader = new RecordReader(this.records.at(this.texts.values[chunk] ?? 0));
    reader.raw(idBytes);
    reader.skip(2);
    reader.skipText();
    return reader;
  }

  private hashPlace(chunk: number): HashPlace {
    return { values: this.hashes.ensure(this.chunks), at: chunk };
  }

  private placeWords(chunk: number): Place {
    return this.records.at(this.words.values[chunk] ?? 0);
  }

  private count(language: string | null, chunks: number, length: number): void {
    const sums = this.languages.get(language ?? '') ?? { chunks: 0, length: 0 };
    this.languages.set(language ?? '', { chunks: sums.chunks + chunks, length: sums.length + length });
  }
}

const sixPlaces = (score: number | null): number | null =>
  score === null ? null : Math.round(score * 1e6) / 1e6;
const orNull = (page: number): number | null => (page === 0 ? null : page - 1);

function formatUuid(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
