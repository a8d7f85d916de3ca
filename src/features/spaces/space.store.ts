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

/** The vectors of all chunks with the same input. */
export interface SharedVector {
  ids: string[];
  /** Null where the chunks have it already. */
  embedding: number[] | null;
  /** The vectors of their windows as bytes; null where there are none. */
  windows: Buffer | null;
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

  /** @param page.windows_by names the model of the windows; null when none are made @throws superseded */
  async missing(
    claim: Claim,
    space: number,
    page: { windows_by: string | null; after: string | null; limit: number },
  ): Promise<MissingChunks> {
    const found = await this.database.call('next_missing_chunks', { ...claim, space, ...page });
    if (!found) throw gone();
    return found;
  }

  /** @returns vectors stored @throws superseded */
  async store(
    claim: Claim,
    space: number,
    windows_by: string | null,
    vectors: SharedVector[],
  ): Promise<number> {
    const embeddings = vectors.map(({ ids, embedding, windows }) => ({
      ids,
      embedding: embedding && vectorLiteral(embedding),
      windows: windows && windows.toString('base64'),
    }));
    const answer = await this.database.call('store_embeddings', { ...claim, space, windows_by, embeddings });
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
