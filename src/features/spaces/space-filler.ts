import { Injectable } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import { embeddingInput } from '../../common/text/embedding-input.js';
import { Env } from '../../config/env.js';
import type { EmbeddingSpace, MissingChunks } from '../../platform/database/functions.js';
import { Embedder } from '../../platform/embedding/embedder.js';
import type { JobResult } from '../../platform/queue/jobs.js';
import type { Work } from '../../platform/queue/work.js';
import { type SharedVector, SpaceStore } from './space.store.js';

/** Chunks of a batch where a slow model embeds: each batch is a checkpoint that searches profit from. */
const maxLaterBatch = 32;

/**
 * Adds the missing vectors of a space batch by batch; the stored vectors are the checkpoint. A last pass adds
 * those of chunks that were published meanwhile.
 */
@Injectable()
export class SpaceFiller {
  constructor(
    private readonly store: SpaceStore,
    private readonly embedder: Embedder,
    private readonly env: Env,
  ) {}

  /** @throws embedding_unavailable, superseded, and errors of the embedder */
  async fillUp(id: number, work: Work): Promise<JobResult<'build_space'>> {
    const space = await this.store.get(id);
    if (space.provider !== this.embedder.identity?.provider) throw new Problem('embedding_unavailable');
    const { missing: all } = await this.store.progress(id);
    const done = { embedded: 0, copied: 0 };
    const { EMBEDDING_BATCH_MAX } = this.env;
    const limit = this.embedder.embedsLater
      ? Math.min(maxLaterBatch, EMBEDDING_BATCH_MAX)
      : EMBEDDING_BATCH_MAX;
    for (let after: string | null = null, last = false; !last;) {
      work.signal.throwIfAborted();
      const found: MissingChunks = await work.stage('index', () =>
        this.store.missing(work.claim, id, after, limit),
      );
      last = found.last === null && after === null;
      after = found.last;
      done.copied += found.copied;
      if (found.chunks.length > 0) done.embedded += await this.fill(space, found.chunks, work);
      work.progress((done.embedded + done.copied) / Math.max(all, done.embedded + done.copied, 1));
    }
    const { chunks, missing } = await this.store.progress(id);
    return { space: id, ...done, chunks, missing };
  }

  /** Equal inputs of a tenant are embedded once. */
  private async fill(space: EmbeddingSpace, chunks: MissingChunks['chunks'], work: Work): Promise<number> {
    const inputs = new Map<string, { text: string; ids: string[] }>();
    for (const chunk of chunks) {
      const key = `${chunk.tenant}\n${chunk.input_hash}`;
      const input = inputs.get(key) ?? { text: embeddingInput(chunk), ids: [] };
      input.ids.push(chunk.id);
      inputs.set(key, input);
    }
    const distinct = [...inputs.values()];
    const { provider, model, dimensions } = space;
    const texts = distinct.map(({ text }) => text);
    const vectors = await work.stage('embed', () =>
      this.embedder.embed(texts, work.signal, { provider, model, dimensions }),
    );
    const shared = distinct.map(({ ids }, at): SharedVector => ({ ids, embedding: vectors[at] ?? [] }));
    return work.stage('index', () => this.store.store(work.claim, space.id, shared));
  }
}
