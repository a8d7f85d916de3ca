import { type DynamicModule, Module } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { Metrics } from '../metrics/metrics.js';
import type { LocalModels } from '../models/local-models.js';
import { OptionalLocalModels } from '../models/models.module.js';
import { Reranker } from './reranker.js';

async function openReranker(env: Env, metrics: Metrics, models: LocalModels | null): Promise<Reranker> {
  if (env.RERANK_DRIVER === 'local' && env.RERANK_MODEL_DIR && models)
    return new (await import('./local.js')).LocalReranker(env.RERANK_MODEL_DIR, env, models);
  if (env.RERANK_DRIVER === 'none' || !env.RERANK_URL) return new (await import('./none.js')).NoReranker();
  return new (await import('./http.js')).HttpReranker(env.RERANK_URL, env, { metrics });
}

@Module({})
export class RerankModule {
  /** Needs Metrics and OptionalLocalModels from the global platform module. */
  static register(env: Env): DynamicModule {
    const useFactory = (metrics: Metrics, { models }: OptionalLocalModels) =>
      openReranker(env, metrics, models);
    return {
      module: RerankModule,
      providers: [{ provide: Reranker, useFactory, inject: [Metrics, OptionalLocalModels] }],
      exports: [Reranker],
    };
  }
}
