import { Injectable } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import { Database } from '../../platform/database/database.js';
import type {
  EmbeddingSpace,
  MissingChunks,
  SpaceIndex,
  SpaceProgress,
} from '../../platform/database/functions.js';
import type { SpaceIdentity } from '../../platform/embedding/embedder.js';
import type { Claim } from '../../platform/queue/work.js';
import { vectorLiteral } from '../../platform/embedding/vector-literal.js';

const gone = (): Problem =>
  new Problem('superseded', 'The space was dropped, or another worker is building it.');
const unknown = (): Problem => new Problem('not_found', 'Embedding space not found.');

/** One vector for all chunks with the same input. */
export interface SharedVector {
  ids: string[];
  embedding: number[];
}

/** Embedding spaces and their missing vectors. They belong to the whole installation, not to a tenant. */
@Injectable()
export class SpaceStore {
  constructor(private readonly database: Database) {}

  list(): Promise<EmbeddingSpace[]> {
    return this.database.call('list_spaces', {});
  }

  /** @throws not_found */
  async get(id: number): Promise<EmbeddingSpace> {
    const space = (await this.list()).find((one) => one.id === id);
    if (!space) throw unknown();
    return space;
  }

  /** @param id null for a space that is not there yet @throws not_found */
  async progress(id: number | null): Promise<SpaceProgress> {
    const progress = await this.database.call('space_progress', { space: id });
    if (!progress) throw unknown();
    return progress;
  }

  /** @throws not_found */
  async index(id: number): Promise<SpaceIndex> {
    const index = await this.database.call('space_index', { space: id });
    if (!index) throw unknown();
    return index;
  }

  /** Makes the space of a model, or takes a retired one up again. */
  prepare({ provider, model, dimensions }: SpaceIdentity): Promise<EmbeddingSpace> {
    return this.database.call('prepare_space', { provider, model, dimensions });
  }

  /** @throws superseded */
  async missing(claim: Claim, space: number, after: string | null, limit: number): Promise<MissingChunks> {
    const found = await this.database.call('next_missing_chunks', { ...claim, space, after, limit });
    if (!found) throw gone();
    return found;
  }

  /** @returns vectors stored @throws superseded */
  async store(claim: Claim, space: number, embeddings: SharedVector[]): Promise<number> {
    const literals = embeddings.map(({ ids, embedding }) => ({ ids, embedding: vectorLiteral(embedding) }));
    const answer = await this.database.call('store_embeddings', { ...claim, space, embeddings: literals });
    if (!answer) throw gone();
    return answer.stored;
  }

  /** @throws not_found, conflict while chunks are missing */
  async activate(id: number): Promise<EmbeddingSpace> {
    const answer = await this.database.call('activate_space', { space: id });
    if (!answer) throw unknown();
    if (!answer.activated)
      throw new Problem('conflict', `The space lacks ${answer.missing} chunks. Build it first.`);
    return answer.space;
  }

  /** @throws not_found, conflict for the active one */
  async drop(id: number): Promise<void> {
    const answer = await this.database.call('drop_space', { space: id });
    if (!answer) throw unknown();
    if (!answer.dropped) throw new Problem('conflict', 'This space is active. Activate another one first.');
  }
}
