import { Injectable } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import { embeddingInput } from '../../common/text/embedding-input.js';
import { Env } from '../../config/env.js';
import type { EmbeddingSpace, MissingChunk, MissingChunks } from '../../platform/database/functions.js';
import { cutWindows } from '../../common/text/windows.js';
import { Embedder } from '../../platform/embedding/embedder.js';
import { packWindow } from '../../platform/embedding/window-vectors.js';
import { WindowEncoder } from '../../platform/models/window-encoder.js';
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
    private readonly encoder: WindowEncoder,
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
      const windows_by = this.encoder.identity;
      const found: MissingChunks = await work.stage('index', () =>
        this.store.missing(work.claim, id, { windows_by, after, limit }),
      );
      last = found.last === null && after === null;
      after = found.last;
      done.copied += found.copied;
      if (found.chunks.length > 0) done.embedded += await this.fill(space, windows_by, found.chunks, work);
      work.progress((done.embedded + done.copied) / Math.max(all, done.embedded + done.copied, 1));
    }
    const { chunks, missing } = await this.store.progress(id);
    return { space: id, ...done, chunks, missing };
  }

  /** Equal inputs of a tenant are embedded once. */
  private async fill(
    space: EmbeddingSpace,
    windows_by: string | null,
    chunks: MissingChunk[],
    work: Work,
  ): Promise<number> {
    const distinct = [
      ...Map.groupBy(
        chunks,
        ({ tenant, input_hash, embedded }) => `${tenant}\n${input_hash}\n${embedded}`,
      ).values(),
    ];
    const { provider, model, dimensions } = space;
    const firsts = distinct.flatMap(([first]) => first ?? []);
    const inputs = firsts.filter(({ embedded }) => !embedded).map(embeddingInput);
    const [vectors, windows] = await work.stage('embed', () =>
      Promise.all([
        inputs.length > 0
          ? this.embedder.embed(inputs, work.signal, { provider, model, dimensions })
          : Promise.resolve([]),
        windows_by === null ? firsts.map(() => null) : this.makeWindows(firsts, work),
      ]),
    );
    let made = 0;
    const shared = distinct.map((equal, at): SharedVector => {
      const embedding = firsts[at]?.embedded ? null : (vectors[made++] ?? []);
      return { ids: equal.map(({ id }) => id), embedding, windows: windows[at] ?? null };
    });
    return work.stage('index', () => this.store.store(work.claim, space.id, windows_by, shared));
  }

  /** The windows of each chunk, null where the matcher does not know the language. */
  private async makeWindows(chunks: MissingChunk[], work: Work): Promise<(Buffer | null)[]> {
    const cut = chunks.map((chunk) =>
      this.encoder.knows(chunk.language) ? cutWindows(chunk, chunk.language) : [],
    );
    const vectors = await this.encoder.encodeWindows(cut.flat(), work.signal);
    let from = 0;
    return cut.map(({ length }) => {
      const own = vectors.slice(from, (from += length));
      return length === 0 ? null : Buffer.concat(own.map(packWindow));
    });
  }
}
