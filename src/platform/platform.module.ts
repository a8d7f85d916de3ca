import { Global, Logger, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { Env } from '../config/env.js';
import { BlobModule } from './blob/blob.module.js';
import { BlobStore } from './blob/blob-store.js';
import { Cache } from './cache/cache.js';
import { CacheModule } from './cache/cache.module.js';
import { Database } from './database/database.js';
import { DatabaseModule } from './database/database.module.js';
import type { HostPool } from './database/host-pool.js';
import { Embedder } from './embedding/embedder.js';
import { EmbeddingModule } from './embedding/embedding.module.js';
import { EventBus } from './events/event-bus.js';
import { EventsModule } from './events/events.module.js';
import { ChatModel } from './llm/llm.js';
import { LimitsModule } from './limits/limits.module.js';
import { RateStorage } from './limits/rate-storage.js';
import { LlmModule } from './llm/llm.module.js';
import { ModelsModule, OptionalLocalModels } from './models/models.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { JobQueue } from './queue/job-queue.js';
import { Presence } from './presence/presence.js';
import { PresenceModule } from './presence/presence.module.js';
import { QueueModule } from './queue/queue.module.js';
import { ReaderModule } from './reader/reader.module.js';
import { RerankModule } from './rerank/rerank.module.js';
import { Tracing } from './tracing/tracing.js';
import { TracingModule } from './tracing/tracing.module.js';
import { ActivityMeter } from './usage/activity-meter.js';
import { TokenMeter } from './usage/token-meter.js';
import { UsageModule } from './usage/usage.module.js';

/**
 * Every port, bound once to the driver that the configuration names. `forRoot`
 * is called once, in boot: a dynamic module made twice makes two pools.
 */
@Global()
@Module({})
export class PlatformModule implements OnApplicationShutdown {
  private readonly logger = new Logger(PlatformModule.name);

  constructor(
    private readonly queue: JobQueue,
    private readonly events: EventBus,
    private readonly presence: Presence,
    private readonly models: ChatModel,
    private readonly embedder: Embedder,
    private readonly localModels: OptionalLocalModels,
    private readonly meter: TokenMeter,
    private readonly activity: ActivityMeter,
    private readonly cache: Cache,
    private readonly limits: RateStorage,
    private readonly blobs: BlobStore,
    private readonly database: Database,
    private readonly tracing: Tracing,
  ) {}

  /** @param pool of the application that docent runs in */
  static forRoot(env: Env, pool?: HostPool): DynamicModule {
    const ports = [
      MetricsModule.register(env),
      TracingModule.register(env),
      DatabaseModule.register(env, pool),
      BlobModule.register(env),
      CacheModule.register(env),
      LimitsModule.register(env),
      EventsModule.register(env),
      PresenceModule.register(env),
      UsageModule,
      ModelsModule.register(env),
      EmbeddingModule.register(env),
      ReaderModule.register(env),
      RerankModule.register(env),
      LlmModule.register(env),
      QueueModule.register(env),
    ];
    const settings = { provide: Env, useValue: env };
    return { module: PlatformModule, imports: ports, providers: [settings], exports: [settings, ...ports] };
  }

  /**
   * The order of closing: sources of work, then events, then the services they use, then the database, and
   * last logs and traces.
   */
  async onApplicationShutdown(): Promise<void> {
    for (const port of [
      this.queue,
      this.events,
      this.presence,
      this.models,
      this.embedder,
      this.localModels,
      this.meter,
      this.activity,
      this.cache,
      this.limits,
      this.blobs,
      this.database,
      this.tracing,
    ]) {
      await port
        .close()
        .catch((error: unknown) => this.logger.warn({ msg: 'a port did not close cleanly', err: error }));
    }
  }
}
