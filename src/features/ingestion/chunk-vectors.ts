import { createHash } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import { embeddingInput } from '../../common/text/embedding-input.js';
import type { Database } from '../../platform/database/database.js';
import type { EmbeddingSpace } from '../../platform/database/functions.js';
import type { Embedder, SpaceIdentity } from '../../platform/embedding/embedder.js';
import { vectorLiteral } from '../../platform/embedding/vector-literal.js';
import type { Chunk } from '../parsing/parsed-document.js';
import { plain } from './parsed-texts.js';
import type { VersionStore } from './version-store.js';

/** Vectors by space and by the hash of the embedded text, as literals. */
export type Vectors = ReadonlyMap<number, ReadonlyMap<string, string>>;

const makeInput = (chunk: Chunk): string => plain(embeddingInput(chunk));
/** The hash of exactly the text that is embedded for a chunk. */
export const inputHash = (chunk: Chunk): string =>
  createHash('sha256').update(makeInput(chunk)).digest('hex');

const same = (a: SpaceIdentity, b: SpaceIdentity): boolean =>
  a.model === b.model && a.dimensions === b.dimensions;

/** Embeds chunks for every space in use: the active one, and those that are being built. */
export class ChunkVectors {
  private readonly logger = new Logger(ChunkVectors.name);

  constructor(
    private readonly database: Database,
    private readonly versions: VersionStore,
    private readonly embedder: Embedder,
  ) {}

  /** The spaces that new chunks belong to; none without a model. The first space is made here. */
  async spaces(): Promise<EmbeddingSpace[]> {
    const { identity } = this.embedder;
    if (!identity) return [];
    const all = (await this.database.call('list_spaces', {})).filter(
      ({ provider }) => provider === identity.provider,
    );
    const configured =
      all.find((space) => same(space, identity)) ??
      (await this.database.call('ensure_space', { ...identity }));
    return [...all.filter(({ id }) => id !== configured.id), configured].filter(
      ({ state }) => state !== 'retired',
    );
  }

  /**
   * @throws errors of the embedder; a space of another model is skipped if the server no longer has that
   * model
   */
  async embedForSpaces(
    batch: readonly Chunk[],
    spaces: readonly EmbeddingSpace[],
    tenant: string,
    signal: AbortSignal,
  ): Promise<Vectors> {
    const inputs = new Map(batch.map((chunk) => [inputHash(chunk), makeInput(chunk)]));
    const vectors = new Map<number, Map<string, string>>();
    for (const space of spaces) {
      try {
        vectors.set(space.id, await this.inSpace(space, inputs, tenant, signal));
      } catch (error) {
        const gone = error instanceof Problem && error.code === 'upstream_rejected';
        if (!gone || (this.embedder.identity && same(space, this.embedder.identity))) throw error;
        this.logger.warn({
          msg: 'the server refuses the model of another space; that space now lacks these chunks',
          space: space.id,
        });
      }
    }
    return vectors;
  }

  /** Reuses the tenant's vectors of equal texts and makes new ones for the rest. */
  private async inSpace(
    space: EmbeddingSpace,
    inputs: Map<string, string>,
    tenant: string,
    signal: AbortSignal,
  ): Promise<Map<string, string>> {
    const byHash = await this.versions.reusable(tenant, space.id, [...inputs.keys()]);
    const fresh = [...inputs].filter(([hash]) => !byHash.has(hash));
    if (fresh.length === 0) return byHash;
    const texts = fresh.map(([, input]) => input);
    const { provider, model, dimensions } = space;
    const vectors = await this.embedder.embed(texts, signal, { provider, model, dimensions });
    for (const [index, [hash]] of fresh.entries()) {
      const vector = vectors[index];
      if (!vector)
        throw new Problem('upstream_invalid', 'The embedding model answered with too few vectors.');
      byHash.set(hash, vectorLiteral(vector));
    }
    return byHash;
  }
}
