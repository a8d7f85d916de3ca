import { setTimeout as pause } from 'node:timers/promises';
import { Problem } from '../../common/errors.js';
import { currentContext } from '../../common/request-context.js';
import { estimateTokens } from '../../common/tokens.js';
import type { Env } from '../../config/env.js';
import { publicModelServer } from '../../config/model-settings.js';
import type { Cache } from '../cache/cache.js';
import type { Metrics } from '../metrics/metrics.js';
import type { TokenMeter } from '../usage/token-meter.js';
import { ContextOverflow, upstreamWords } from '../upstream/failures.js';
import { type Bounds, ModelServer } from '../upstream/model-server.js';
import { splitBatches, halves, weightedMean } from './batches.js';
import { tokensSpent, unitVector, checkVectors } from './check.js';
import { Embedder, type SpaceIdentity } from './embedder.js';
import { Pacing } from './pacing.js';
import { QueryCache } from './query-cache.js';

const maxBatchTexts = 128;
const maxBatchTokens = 100_000;
/** A batch that took too long is split into this many parts. */
const slowerBy = 8;
const noTimeLimit = 2 ** 31 - 1;
/** Shorter texts are not split further: their length is not the problem. */
const minSplitLength = 200;

export type EmbeddingSettings = Pick<
  Env,
  | 'OPENAI_API_KEY'
  | 'OPENAI_API_BASE'
  | 'OPENAI_EMBEDDING_MODEL'
  | 'OPENAI_EMBEDDING_DIMENSIONS'
  | 'EMBEDDING_REQUESTS_PER_MINUTE'
  | 'EMBEDDING_TOKENS_PER_MINUTE'
  | 'EMBEDDING_BATCH_MAX'
  | 'EMBEDDING_CACHE_ENTRIES'
  | 'CACHE_MAX_BYTES'
  | 'LLM_TIMEOUT_SECONDS'
>;

/** The time limits of a call, and the space that it embeds for. */
interface Call extends Bounds {
  space: SpaceIdentity;
}

export interface EmbedderOptions {
  metrics: Metrics;
  meter?: TokenMeter;
  /** The second level of the query cache, if processes share one. */
  shared?: Cache;
  /** Maximum milliseconds for the vector of a query, retries included. */
  queryMs?: number;
  /** Maximum milliseconds for one batch of an ingestion, including the wait for a busy or absent server. */
  bulkMs?: number;
  backoffMs?: number;
  halfOpenMs?: number;
}

/** Pause between two tries of a model that gave no vector that can be used: each is a call that may cost. */
const tryAgainMs = 30_000;
/** How long a ping waits for the outcome of a try. */
const proofMs = 500;

/**
 * Embeddings from any server with the OpenAI protocol. Batches wait during rate limits and short outages (two
 * minutes); a query waits at most three seconds. A text that is too long for the model is embedded in halves,
 * whose vectors are averaged.
 */
export class OpenAiEmbedder extends Embedder {
  readonly identity: SpaceIdentity;
  private readonly base: string;
  private readonly server: ModelServer;
  private readonly pacing: Pacing;
  private readonly queries: QueryCache;
  /** Texts per batch that a slow server has managed in time; grows again with every successful batch. */
  private slowBatch = maxBatchTexts;
  /** True when the configured model has given a vector that can be used. */
  private isProven = false;
  private proof: { at: number; outcome: Promise<void> } | undefined;
  /** Models whose server does not know the parameter `dimensions`. */
  private readonly fixedDimensions = new Set<string>();

  constructor(
    private readonly env: EmbeddingSettings,
    private readonly options: EmbedderOptions,
  ) {
    super();
    const { metrics, backoffMs, halfOpenMs } = options;
    this.identity = {
      provider: 'openai',
      model: env.OPENAI_EMBEDDING_MODEL,
      dimensions: env.OPENAI_EMBEDDING_DIMENSIONS,
    };
    this.base = (env.OPENAI_API_BASE ?? publicModelServer).replace(/\/+$/, '');
    this.pacing = new Pacing(env.EMBEDDING_REQUESTS_PER_MINUTE, env.EMBEDDING_TOKENS_PER_MINUTE);
    const onAttempt = (failure: Problem | null): void => this.noteAttempt(failure);
    this.server = new ModelServer({
      name: 'embedding',
      apiKey: env.OPENAI_API_KEY,
      metrics,
      onAttempt,
      backoffMs,
      halfOpenMs,
    });
    this.queries = new QueryCache({
      entries: env.EMBEDDING_CACHE_ENTRIES,
      maxBytes: env.CACHE_MAX_BYTES,
      shared: options.shared,
      metrics,
    });
  }

  async embed(
    texts: string[],
    signal?: AbortSignal,
    space: SpaceIdentity = this.identity,
  ): Promise<number[][]> {
    const vectors: number[][] = [];
    const { bulkMs = 120_000 } = this.options;
    // ends with the signal and with `close`, also while it waits for its turn
    const whole = this.server.deadline(noTimeLimit, signal);
    const call: Call = {
      space,
      totalMs: bulkMs,
      attemptMs: this.env.LLM_TIMEOUT_SECONDS * 1000,
      patient: true,
      signal: whole.signal,
    };
    try {
      const most = Math.min(maxBatchTexts, this.env.EMBEDDING_BATCH_MAX, this.slowBatch);
      for (const batch of splitBatches(texts, most, maxBatchTokens)) {
        vectors.push(...(await this.embedBatch(batch.texts, call)));
      }
    } finally {
      this.server.release(whole);
    }
    return vectors;
  }

  embedQuery(text: string, signal?: AbortSignal, space: SpaceIdentity = this.identity): Promise<number[]> {
    const scope = `${currentContext()?.tenant ?? 'default'}:${space.model}:${space.dimensions}`;
    return this.queries.vector(scope, text, signal, async (flight) => {
      await this.options.meter?.assertLeft();
      const [vector] = await this.embedBatch([text], {
        space,
        totalMs: this.options.queryMs ?? 3_000,
        signal: flight,
      });
      return vector ?? [];
    });
  }

  async ping(): Promise<void> {
    await this.server.ping(`${this.base}/models`);
    // a model that is being loaded takes its time, and is not wrong for that
    await Promise.race([this.prove(), pause(proofMs, undefined, { ref: false })]);
  }

  override prove(): Promise<void> {
    if (this.isProven) return Promise.resolve();
    if (!this.proof || performance.now() - this.proof.at > tryAgainMs)
      this.proof = { at: performance.now(), outcome: this.tryModel() };
    return this.proof.outcome;
  }

  /** A failure that may pass is left to the requests that need a vector. */
  private async tryModel(): Promise<void> {
    const { queryMs = 3_000 } = this.options;
    try {
      await this.embedBatch(['docent'], { space: this.identity, totalMs: queryMs });
    } catch (error) {
      if (error instanceof Problem && error.code === 'upstream_invalid') throw error;
    }
  }

  async close(): Promise<void> {
    this.server.close();
  }

  /**
   * Sends a batch in smaller ones if it is refused as too long, or if a slow server did not manage it in
   * time. A single text that is too long gets the mean of its halves.
   */
  private async embedBatch(texts: string[], call: Call): Promise<number[][]> {
    try {
      const vectors = await this.request(texts, call);
      this.slowBatch = Math.min(maxBatchTexts, this.slowBatch + 1);
      return vectors;
    } catch (error) {
      const [only] = texts;
      const isSlow = isTimeout(error) && call.patient === true && !call.signal?.aborted && texts.length > 1;
      if (isSlow) this.slowBatch = Math.ceil(texts.length / slowerBy);
      if (!isSlow && !(error instanceof ContextOverflow)) throw error;
      if (only === undefined) throw error;
      if (texts.length === 1 && only.length < minSplitLength) throw error;
      if (texts.length === 1) return [await this.embedInHalves(only, call)];
      return this.embedInParts(texts, isSlow ? this.slowBatch : Math.ceil(texts.length / 2), call);
    }
  }

  private async embedInParts(texts: string[], size: number, call: Call): Promise<number[][]> {
    const vectors: number[][] = [];
    for (let from = 0; from < texts.length; from += size)
      vectors.push(...(await this.embedBatch(texts.slice(from, from + size), call)));
    return vectors;
  }

  private async embedInHalves(text: string, call: Call): Promise<number[]> {
    const [left, right] = halves(text);
    const [first = [], second = []] = [
      ...(await this.embedBatch([left], call)),
      ...(await this.embedBatch([right], call)),
    ];
    return unitVector(weightedMean(first, left.length, second, right.length), call.space.dimensions);
  }

  private async request(texts: string[], call: Call): Promise<number[][]> {
    const estimate = texts.reduce((sum, text) => sum + estimateTokens(text), 0);
    await this.takeTurn(estimate, call);
    const { model, dimensions } = call.space;
    const withDimensions = !this.fixedDimensions.has(model);
    const body = { model, input: texts, encoding_format: 'float', ...(withDimensions && { dimensions }) };
    try {
      return await this.server.request(`${this.base}/embeddings`, body, call, (answer) => {
        const vectors = checkVectors(answer, texts.length, dimensions);
        this.isProven ||= call.space === this.identity;
        const tokens = tokensSpent(answer, estimate);
        this.options.metrics.llmTokens.inc({ kind: 'embedding' }, tokens);
        this.options.meter?.count(tokens);
        return vectors;
      });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const refused =
        error.code === 'upstream_rejected' && /dimension|matryoshka/i.test(upstreamWords(error));
      if (!refused || !withDimensions) throw error;
      this.fixedDimensions.add(model);
      return this.request(texts, call);
    }
  }

  private noteAttempt(failure: Problem | null): void {
    this.options.metrics.embeddingRequests.inc({ status: failure?.code ?? 'ok' });
    if (failure) this.pacing.charge(0);
    if (failure?.code === 'upstream_rate_limited' && failure.retryAfter) this.pacing.hold(failure.retryAfter);
  }

  /**
   * Batches wait for their turn. A query is counted but does not wait, unless the server asked for a pause.
   */
  private async takeTurn(tokens: number, { patient, totalMs, signal }: Call): Promise<void> {
    if (patient) return this.pacing.turn(tokens, signal);
    const retryAfter = Math.ceil(this.pacing.heldFor);
    if (retryAfter * 1000 > totalMs) throw new Problem('upstream_rate_limited', undefined, { retryAfter });
    this.pacing.charge(tokens);
  }
}

const isTimeout = (error: unknown): boolean => error instanceof Problem && error.code === 'upstream_timeout';
