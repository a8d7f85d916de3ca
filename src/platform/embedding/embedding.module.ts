import { type DynamicModule, Module } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { Cache } from '../cache/cache.js';
import { Metrics } from '../metrics/metrics.js';
import { TokenMeter } from '../usage/token-meter.js';
import { Embedder } from './embedder.js';

async function openEmbedder(env: Env, metrics: Metrics, cache: Cache, meter: TokenMeter): Promise<Embedder> {
  if (env.EMBEDDING_DRIVER === 'none') return new (await import('./none.js')).NoEmbedder();
  const { OpenAiEmbedder } = await import('./openai.js');
  return new OpenAiEmbedder(env, { metrics, meter, shared: env.REDIS_URL ? cache : undefined });
}

@Module({})
export class EmbeddingModule {
  /** Needs Metrics, Cache and TokenMeter from the global platform module. */
  static for(env: Env): DynamicModule {
    const useFactory = (metrics: Metrics, cache: Cache, meter: TokenMeter) =>
      openEmbedder(env, metrics, cache, meter);
    return {
      module: EmbeddingModule,
      providers: [{ provide: Embedder, useFactory, inject: [Metrics, Cache, TokenMeter] }],
      exports: [Embedder],
    };
  }
}
