import { type DynamicModule, Module } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { Metrics } from '../metrics/metrics.js';
import { TokenMeter } from '../usage/token-meter.js';
import { ChatModel } from './llm.js';

async function openChatModel(env: Env, metrics: Metrics, meter: TokenMeter): Promise<ChatModel> {
  if (env.LLM_DRIVER === 'offline') return new (await import('./offline.js')).OfflineChatModel();
  return new (await import('./openai.js')).OpenAiChatModel(env, { metrics, meter });
}

@Module({})
export class LlmModule {
  /** Needs Metrics and TokenMeter from the global platform module. */
  static register(env: Env): DynamicModule {
    const useFactory = (metrics: Metrics, meter: TokenMeter) => openChatModel(env, metrics, meter);
    return {
      module: LlmModule,
      providers: [{ provide: ChatModel, useFactory, inject: [Metrics, TokenMeter] }],
      exports: [ChatModel],
    };
  }
}
