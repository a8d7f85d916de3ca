import { type DynamicModule, Module } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { Cache } from '../cache/cache.js';
import { Metrics } from '../metrics/metrics.js';
import type { LocalModels } from '../models/local-models.js';
import { OptionalLocalModels } from '../models/models.module.js';
import { TokenMeter } from '../usage/token-meter.js';
import { Embedder } from './embedder.js';

async function openEmbedder(env: Env, parts: EmbedderParts): Promise<Embedder> {
  const { metrics, cache, meter, models } = parts;
  const shared = env.REDIS_URL ? cache : undefined;
  if (env.EMBEDDING_DRIVER === 'local' && models) {
    const { LocalEmbedder } = await import('./local.js');
    return new LocalEmbedder(env, { models, metrics, shared });
  }
  if (env.EMBEDDING_DRIVER !== 'openai') return new (await import('./none.js')).NoEmbedder();
  const { OpenAiEmbedder } = await import('./openai.js');
  return new OpenAiEmbedder(env, { metrics, meter, shared });
}

interface EmbedderParts {
  metrics: Metrics;
  cache: Cache;
  meter: TokenMeter;
  models: LocalModels | null;
}

@Module({})
export class EmbeddingModule {
  /** Needs Metrics, Cache, TokenMeter and OptionalLocalModels from the global platform module. */
  static register(env: Env): DynamicModule {
    const useFactory = (metrics: Metrics, cache: Cache, meter: TokenMeter, { models }: OptionalLocalModels) =>
      openEmbedder(env, { metrics, cache, meter, models });
    return {
      module: EmbeddingModule,
      providers: [
        { provide: Embedder, useFactory, inject: [Metrics, Cache, TokenMeter, OptionalLocalModels] },
      ],
      exports: [Embedder],
    };
  }
}
