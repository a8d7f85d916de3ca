import { type DynamicModule, Module } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { LocalModels } from './local-models.js';
import { openModelFolder } from './model-folder.js';
import type { EmbedderFolder } from './protocol.js';
import { WindowEncoder } from './window-encoder.js';

function embedderFolder(env: Env): EmbedderFolder | null {
  if (env.EMBEDDING_DRIVER !== 'local') return null;
  const { directory, queryPrefix, passagePrefix } = openModelFolder(env.EMBEDDING_MODEL_DIR);
  return {
    directory,
    queryPrefix: env.EMBEDDING_QUERY_PREFIX ?? queryPrefix,
    passagePrefix: env.EMBEDDING_PASSAGE_PREFIX ?? passagePrefix,
  };
}

/** The models of this machine, where a driver uses some. */
export class OptionalLocalModels {
  constructor(readonly models: LocalModels | null) {}

  async close(): Promise<void> {
    await this.models?.close();
  }
}

/** The windows of chunks are embedded beside the chunks; a remote embedder goes without them. */
const makesWindows = (env: Env): boolean =>
  env.MATCHER_DRIVER === 'local' && env.EMBEDDING_DRIVER === 'local';
/** Workers need the matcher only for windows. */
const loadsMatcher = (env: Env): boolean =>
  makesWindows(env) || (env.MATCHER_DRIVER === 'local' && env.MODE !== 'worker');

function openWindowEncoder(env: Env, models: LocalModels | null): WindowEncoder {
  if (!models || !makesWindows(env)) return new WindowEncoder(null);
  const { name, fingerprint } = openModelFolder(env.MATCHER_MODEL_DIR);
  return new WindowEncoder({ models, name: `${name}@${fingerprint}`, languages: env.MATCHER_LANGUAGES });
}

/** Null where no driver runs its model on this machine. */
function openLocalModels(env: Env): LocalModels | null {
  const embedder = embedderFolder(env);
  // Workers answer no questions.
  const reader = env.READER_DRIVER === 'local' && env.MODE !== 'worker' ? env.READER_MODEL_DIR : null;
  const matcher = loadsMatcher(env) ? env.MATCHER_MODEL_DIR : null;
  const reranker = env.RERANK_DRIVER === 'local' ? (env.RERANK_MODEL_DIR ?? null) : null;
  if (!embedder && !reader && !matcher && !reranker) return null;
  return new LocalModels({
    models: {
      embedder,
      reader: reader && openModelFolder(reader).directory,
      matcher: matcher && openModelFolder(matcher).directory,
      reranker,
      threads: 1,
    },
    memoryMb: env.MODELS_MEMORY_MB,
    parallel: env.MODELS_PARALLEL,
    idleMs: env.MODELS_IDLE_SECONDS * 1000,
  });
}

@Module({})
export class ModelsModule {
  static register(env: Env): DynamicModule {
    const useFactory = () => new OptionalLocalModels(openLocalModels(env));
    return {
      module: ModelsModule,
      providers: [
        { provide: OptionalLocalModels, useFactory },
        {
          provide: WindowEncoder,
          useFactory: ({ models }: OptionalLocalModels) => openWindowEncoder(env, models),
          inject: [OptionalLocalModels],
        },
      ],
      exports: [OptionalLocalModels, WindowEncoder],
    };
  }
}
