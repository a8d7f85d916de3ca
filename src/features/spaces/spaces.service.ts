import { Injectable } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import type { EmbeddingSpace, SpaceIndex, SpaceProgress } from '../../platform/database/functions.js';
import { VectorIndexes } from '../../platform/database/vector-indexes.js';
import { Embedder, type SpaceIdentity } from '../../platform/embedding/embedder.js';
import { type TaskOwner, TaskProducer } from '../../platform/queue/task-producer.js';
import { SpaceStore } from './space.store.js';

export interface ListedSpace extends EmbeddingSpace, SpaceProgress {
  /** True for the space of the configured model. */
  configured: boolean;
  /** The graph of its vectors, and the statement that makes it. */
  index: SpaceIndex & { sql: string };
}

export interface PlannedBuild {
  model: string;
  dimensions: number;
  /** Chunks and tokens to embed. */
  estimate: SpaceProgress;
}

/**
 * Changes the embedding model without a gap: build the new space beside the active one, activate it, and back
 * if wanted.
 */
@Injectable()
export class SpacesService {
  constructor(
    private readonly store: SpaceStore,
    private readonly embedder: Embedder,
    private readonly indexes: VectorIndexes,
    private readonly tasks: TaskProducer,
  ) {}

  async list(): Promise<ListedSpace[]> {
    const { identity } = this.embedder;
    const spaces = await this.store.list();
    return Promise.all(
      spaces.map(async (space) => ({
        ...space,
        ...(await this.store.progress(space.id)),
        index: { ...(await this.store.index(space.id)), sql: this.indexes.statement(space) },
        configured:
          space.provider === identity?.provider &&
          space.model === identity.model &&
          space.dimensions === identity.dimensions,
      })),
    );
  }

  /** Estimates the cost of a build; makes and sends nothing. @throws embedding_unavailable */
  async plan(wanted: Partial<SpaceIdentity>): Promise<PlannedBuild> {
    const { provider, model, dimensions } = this.makeIdentity(wanted);
    const spaces = await this.store.list();
    const known = spaces.find(
      (space) => space.provider === provider && space.model === model && space.dimensions === dimensions,
    );
    return { model, dimensions, estimate: await this.store.progress(known?.id ?? null) };
  }

  /**
   * Tries the model with one text, makes its space and starts filling it; a space that is being filled is not
   * started again.
   * @throws embedding_unavailable, upstream_invalid for a model of other dimensions, and other errors of the
   * embedder
   */
  async build(
    owner: TaskOwner,
    wanted: Partial<SpaceIdentity>,
  ): Promise<{ space: EmbeddingSpace; task_id: string; estimate: SpaceProgress }> {
    const identity = this.makeIdentity(wanted);
    await this.embedder.embedQuery('trial', undefined, identity);
    const space = await this.store.prepare(identity);
    const [task_id, estimate] = await Promise.all([
      this.tasks.create('build_space', { space: space.id }, owner),
      this.store.progress(space.id),
    ]);
    return { space, task_id, estimate };
  }

  /**
   * Searches use the space from now on (every process within two
   * seconds). @throws not_found, conflict while chunks are missing
   */
  async activate(owner: TaskOwner, id: number): Promise<{ space: EmbeddingSpace; task_id: string }> {
    const space = await this.store.activate(id);
    // a worker that did not know the space may have published a document without it just now
    return { space, task_id: await this.tasks.create('build_space', { space: id }, owner) };
  }

  /** Makes the graph of its vectors, also while it is too small to need one. @throws not_found */
  async index(owner: TaskOwner, id: number): Promise<string> {
    await this.store.get(id);
    return this.tasks.create('index_space', { space: id }, owner);
  }

  /** @throws not_found, conflict for the active one */
  drop(id: number): Promise<void> {
    return this.store.drop(id);
  }

  private makeIdentity({ model, dimensions }: Partial<SpaceIdentity>): SpaceIdentity {
    const { identity } = this.embedder;
    if (!identity) throw new Problem('embedding_unavailable');
    return {
      provider: identity.provider,
      model: model ?? identity.model,
      dimensions: dimensions ?? identity.dimensions,
    };
  }
}
