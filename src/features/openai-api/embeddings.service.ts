import { Injectable } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import { estimateTokens } from '../../common/tokens.js';
import { fieldProblem } from '../../common/validate.js';
import { Embedder } from '../../platform/embedding/embedder.js';
import type { EmbeddingsRequest, EmbeddingsResponse } from './embeddings.dto.js';

/** Gives other programs the vectors of the model that searches use. */
@Injectable()
export class EmbeddingsService {
  constructor(private readonly embedder: Embedder) {}

  /** @throws embedding_unavailable, model_not_found, validation_failed, upstream_unavailable */
  async embed(request: EmbeddingsRequest, signal: AbortSignal): Promise<EmbeddingsResponse> {
    const { identity } = this.embedder;
    if (!identity) throw new Problem('embedding_unavailable');
    if (request.model !== 'docent' && request.model !== identity.model) {
      throw new Problem('model_not_found', `The embedding model here is ${identity.model}.`);
    }
    if (request.dimensions && request.dimensions !== identity.dimensions) {
      throw fieldProblem('dimensions', `must be ${identity.dimensions}, those of the model`);
    }
    const vectors =
      request.input_type === 'query'
        ? await Promise.all(request.input.map((text) => this.embedder.embedQuery(text, signal)))
        : await this.embedder.embed(request.input, signal);
    const tokens = request.input.reduce((sum, text) => sum + estimateTokens(text), 0);
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
}

function encode(vector: number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [place, value] of vector.entries()) bytes.writeFloatLE(value, place * 4);
  return bytes.toString('base64');
}
