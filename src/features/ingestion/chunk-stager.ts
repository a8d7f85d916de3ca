import { setImmediate } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { availableMemory } from '../../common/memory.js';
import { uuidv7 } from '../../common/ids.js';
import { analyze, indexedText, buildLex } from '../../common/text/analyzer.js';
import { Env } from '../../config/env.js';
import { Database } from '../../platform/database/database.js';
import type { EmbeddingSpace, StagedChunk } from '../../platform/database/functions.js';
import { Embedder } from '../../platform/embedding/embedder.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import type { Work } from '../../platform/queue/work.js';
import type { Chunk } from '../parsing/parsed-document.js';
import { batches } from './batches.js';
import { ChunkVectors, inputHash, type Vectors } from './chunk-vectors.js';
import { parsedShare, plain } from './parsed-texts.js';
import { type VersionClaim, VersionStore } from './version-store.js';

const megabyte = 1024 * 1024;
/** Longest time that analysing may keep the event loop to itself. */
const stretchMs = 10;

/** Values that all chunks of one document share. */
export interface Passages {
  filename: string;
  title: string | null;
  language: string | null;
  chunks: readonly Chunk[];
  /** True when an earlier run has staged some of the chunks. */
  isResumed: boolean;
}

/**
 * Embeds, analyses and stages chunks batch by batch. Chunks that are staged already are neither embedded nor
 * sent again.
 */
@Injectable()
export class ChunkStager {
  private readonly vectors: ChunkVectors;

  constructor(
    private readonly env: Env,
    database: Database,
    private readonly versions: VersionStore,
    private readonly embedder: Embedder,
    private readonly metrics: Metrics,
  ) {
    this.vectors = new ChunkVectors(database, versions, embedder);
  }

  /**
   * The rows of a document that is staged and published at once: one batch, whose vectors come later or
   * never. Null for any other document.
   */
  async rowsAtOnce(passages: Passages, work: Work): Promise<StagedChunk[] | null> {
    if (passages.isResumed || (await this.spaces()).length > 0) return null;
    const [batch, ...others] = this.splitBatches(passages.chunks);
    if (!batch || others.length > 0) return null;
    return work.stage('index', () => this.findRows(batch, passages, new Map()));
  }

  /** @throws superseded, and errors of the embedder */
  async stage(passages: Passages, claim: VersionClaim, work: Work): Promise<void> {
    const { chunks } = passages;
    const staged = passages.isResumed
      ? await this.versions.stagedOrdinals(work.task.tenant, claim)
      : new Set<number>();
    const missing = chunks.filter((chunk) => !staged.has(chunk.ordinal));
    const spaces = await this.spaces();
    let done = chunks.length - missing.length;
    work.progress(progressAt(done, chunks.length));
    for (const batch of this.splitBatches(missing)) {
      const vectors = await this.embed(batch, spaces, work);
      done += batch.length;
      const progress = progressAt(done, chunks.length);
      await work.stage('index', async () => {
        const rows = await this.findRows(batch, passages, vectors);
        await this.versions.stage(claim, rows, progress);
      });
      work.progress(progress);
      this.metrics.chunksStored.inc(batch.length);
      work.signal.throwIfAborted();
    }
  }

  private async spaces(): Promise<readonly EmbeddingSpace[]> {
    return this.embedder.embedsLater ? [] : this.vectors.spaces();
  }

  private splitBatches(chunks: readonly Chunk[]): Generator<Chunk[]> {
    return batches(chunks, {
      min: this.env.EMBEDDING_BATCH_MIN,
      max: this.env.EMBEDDING_BATCH_MAX,
      floor: this.env.MEMORY_FLOOR_MB * megabyte,
      dimensions: this.embedder.identity?.dimensions ?? 0,
      available: availableMemory,
    });
  }

  private embed(batch: readonly Chunk[], spaces: readonly EmbeddingSpace[], work: Work): Promise<Vectors> {
    if (spaces.length === 0) return Promise.resolve(new Map());
    return work.stage('embed', () =>
      this.vectors.embedForSpaces(batch, spaces, work.task.tenant, work.signal),
    );
  }

  private async findRows(
    batch: readonly Chunk[],
    passages: Passages,
    vectors: Vectors,
  ): Promise<StagedChunk[]> {
    const rows: StagedChunk[] = [];
    let since = performance.now();
    for (const chunk of batch) {
      rows.push(toRow(chunk, passages, vectors));
      if (performance.now() - since < stretchMs) continue;
      // Other requests are answered in between.
      await setImmediate();
      since = performance.now();
    }
    return rows;
  }
}

const progressAt = (done: number, all: number): number =>
  parsedShare + ((1 - parsedShare) * done) / Math.max(all, 1);

function toRow(chunk: Chunk, { filename, title, language }: Passages, vectors: Vectors): StagedChunk {
  const { ordinal, page, pageEnd, start, end } = chunk;
  // A cut may have gone through a character's surrogates.
  const content = plain(chunk.content);
  const heading = chunk.heading && plain(chunk.heading);
  const hash = inputHash(chunk);
  const embeddings = [...vectors].flatMap(([space, byHash]): [number, string][] => {
    const vector = byHash.get(hash);
    return vector ? [[space, vector]] : [];
  });
  return {
    id: uuidv7(),
    ordinal,
    content,
    heading,
    page,
    page_end: pageEnd,
    start,
    end,
    input_hash: hash,
    ...buildLex(analyze(indexedText({ filename, title, heading, content }), language)),
    place: chunk.place,
    ...(embeddings.length > 0 && { embeddings: Object.fromEntries(embeddings) }),
  };
}
