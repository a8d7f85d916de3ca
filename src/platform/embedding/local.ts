import { Problem } from '../../common/errors.js';
import { currentContext } from '../../common/request-context.js';
import { estimateTokens } from '../../common/tokens.js';
import type { Env } from '../../config/env.js';
import type { Cache } from '../cache/cache.js';
import type { Metrics } from '../metrics/metrics.js';
import type { LocalModels } from '../models/local-models.js';
import { type ModelFolder, openModelFolder } from '../models/model-folder.js';
import { Deadline } from '../upstream/deadline.js';
import { splitBatches } from './batches.js';
import { unitVector } from './check.js';
import { Embedder, type SpaceIdentity } from './embedder.js';
import { QueryCache } from './query-cache.js';

/** Small batches: a question waits for at most one. */
const maxBatchTexts = 8;
const maxBatchTokens = 512;
const queryMs = 3000;

interface LocalEmbedderOptions {
  models: LocalModels;
  metrics: Metrics;
  shared?: Cache;
}

/** Embeddings from a model folder, computed in the model process of this machine. */
export class LocalEmbedder extends Embedder {
  override readonly embedsLater = true;
  private readonly folder: ModelFolder;
  private readonly configured: SpaceIdentity;
  private readonly queries: QueryCache;

  constructor(
    env: Pick<Env, 'EMBEDDING_MODEL_DIR' | 'EMBEDDING_CACHE_ENTRIES' | 'CACHE_MAX_BYTES'>,
    private readonly options: LocalEmbedderOptions,
  ) {
    super();
    this.folder = openModelFolder(env.EMBEDDING_MODEL_DIR);
    const { name, fingerprint, dimensions } = this.folder;
    this.configured = { provider: 'local', model: `${name}@${fingerprint}`, dimensions };
    this.queries = new QueryCache({
      entries: env.EMBEDDING_CACHE_ENTRIES,
      maxBytes: env.CACHE_MAX_BYTES,
      shared: options.shared,
      metrics: options.metrics,
    });
  }

  /** Null once the model has turned out to be unusable: search then goes on by words. */
  get identity(): SpaceIdentity | null {
    return this.options.models.isUnusable ? null : this.configured;
  }

  async embed(texts: string[], signal?: AbortSignal, space?: SpaceIdentity): Promise<number[][]> {
    this.refuseOther(space);
    const vectors = await Promise.all(
      splitBatches(texts, maxBatchTexts, maxBatchTokens).map(async (batch) => {
        const job = { type: 'embed' as const, texts: batch.texts, role: 'passage' as const };
        const answer = await this.options.models.ask(job, 'bulk', signal);
        this.count(batch.tokens);
        return answer.map((vector) => this.checked(vector));
      }),
    );
    return vectors.flat();
  }

  embedQuery(text: string, signal?: AbortSignal, space?: SpaceIdentity): Promise<number[]> {
    this.refuseOther(space);
    const scope = `${currentContext()?.tenant ?? 'default'}:${this.configured.model}`;
    return this.queries.vector(scope, text, signal, async (flight) => {
      await this.options.models.awaken(flight);
      const deadline = new Deadline(queryMs, flight);
      try {
        const job = { type: 'embed' as const, texts: [text], role: 'query' as const };
        const [vector] = await this.options.models.ask(job, 'urgent', deadline.signal);
        this.count(estimateTokens(text));
        return this.checked(vector);
      } finally {
        deadline.clear();
      }
    });
  }

  async ping(): Promise<void> {
    const { problem } = this.options.models;
    if (problem) throw problem;
  }

  async close(): Promise<void> {}

  private checked(vector: Float32Array | undefined): number[] {
    return unitVector(vector && Array.from(vector), this.configured.dimensions);
  }

  private count(tokens: number): void {
    this.options.metrics.embeddingRequests.inc({ status: 'ok' });
    this.options.metrics.llmTokens.inc({ kind: 'embedding' }, tokens);
  }

  /** This machine holds one embedding model: vectors of another folder cannot be made. */
  private refuseOther(space: SpaceIdentity | undefined): void {
    if (space && (space.model !== this.configured.model || space.dimensions !== this.configured.dimensions))
      throw new Problem('upstream_rejected', `The local model is ${this.configured.model}.`);
  }
}
