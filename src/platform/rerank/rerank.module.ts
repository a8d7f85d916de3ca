import { type DynamicModule, Module } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { Metrics } from '../metrics/metrics.js';
import { Reranker } from './reranker.js';

async function openReranker(env: Env, metrics: Metrics): Promise<Reranker> {
  if (!env.RERANK_URL) return new (await import('./none.js')).NoReranker();
  return new (await import('./http.js')).HttpReranker(env.RERANK_URL, env, { metrics });
}

@Module({})
export class RerankModule {
  /** Needs Metrics from the global platform module. */
  static for(env: Env): DynamicModule {
    const useFactory = (metrics: Metrics) => openReranker(env, metrics);
    return {
      module: RerankModule,
      providers: [{ provide: Reranker, useFactory, inject: [Metrics] }],
      exports: [Reranker],
    };
  }
}
