import { Injectable } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import { mapBounded } from '../../common/map-bounded.js';
import { estimateTokens } from '../../common/tokens.js';
import { fieldProblem } from '../../common/validate.js';
import { Env } from '../../config/env.js';
import { splitBatches } from '../../platform/embedding/batches.js';
import { Embedder } from '../../platform/embedding/embedder.js';
import { TokenMeter } from '../../platform/usage/token-meter.js';
import type { EmbeddingsRequest, EmbeddingsResponse } from './embeddings.dto.js';
import { Turns } from './turns.js';

/** A part of a request that goes to the model at once: documents of others are embedded between two parts. */
const maxPartTexts = 64;
const maxPartTokens = 4096;
const maxQueriesAtOnce = 8;

/** Gives other programs the vectors of the model that searches use. */
@Injectable()
export class EmbeddingsService {
  private readonly turns = new Turns();

  constructor(
    private readonly env: Env,
    private readonly embedder: Embedder,
    private readonly meter: TokenMeter,
  ) {}

  /**
   * The requests of a tenant take turns, so that however many it sends, its texts take one place at the model.
   * @throws embedding_unavailable, model_not_found, validation_failed, quota_exceeded, upstream_unavailable
   */
  async embed(request: EmbeddingsRequest, tenant: string, signal: AbortSignal): Promise<EmbeddingsResponse> {
    const { identity } = this.embedder;
    if (!identity) throw new Problem('embedding_unavailable');
    if (request.model !== 'docent' && request.model !== identity.model) {
      throw new Problem('model_not_found', `The embedding model here is ${identity.model}.`);
    }
    if (request.dimensions && request.dimensions !== identity.dimensions) {
      throw fieldProblem('dimensions', `must be ${identity.dimensions}, those of the model`);
    }
    const vectors: number[][] = [];
    let tokens = 0;
    for (const part of splitBatches(request.input, maxPartTexts, maxPartTokens)) {
      const made = await this.turns.take(tenant, signal, () => this.embedPart(part.texts, request, signal));
      vectors.push(...made);
      tokens += part.texts.reduce((sum, text) => sum + estimateTokens(text), 0);
    }
    return {
      object: 'list',
      data: vectors.map((vector, index) => ({
        object: 'embedding',
        index,
        embedding: request.encoding_format === 'base64' ? encode(vector) : vector,
      })),
      model: identity.model,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    };
  }

  private async embedPart(
    texts: string[],
    { input_type }: EmbeddingsRequest,
    signal: AbortSignal,
  ): Promise<number[][]> {
    if (this.env.EMBEDDING_DRIVER === 'openai') await this.meter.assertLeft();
    if (input_type === 'passage') return this.embedder.embed(texts, signal);
    return mapBounded(texts, maxQueriesAtOnce, signal, (text, _place, either) =>
      this.embedder.embedQuery(text, either),
    );
  }
}

function encode(vector: number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [place, value] of vector.entries()) bytes.writeFloatLE(value, place * 4);
  return bytes.toString('base64');
}
