import { Module, type DynamicModule } from '@nestjs/common';
import type { Env } from '../config/env.js';
import { HealthModule } from '../features/health/health.module.js';
import { AuthModule } from '../features/auth/auth.module.js';
import { WatchModule } from '../features/watch/watch.module.js';
import type { HostPool } from '../platform/database/host-pool.js';
import { loggingModule } from '../platform/logging/logging.js';
import { PlatformModule } from '../platform/platform.module.js';
import { ApiModule } from './api.module.js';
import { ClusterHeartbeat } from './cluster-heartbeat.js';
import { WorkerModule } from './worker.module.js';
import { WorkerHttpModule } from './worker-http.module.js';

/** One process of docent. `MODE` decides which modules it has. */
@Module({})
export class AppModule {
  /** @param pool of the application that docent runs in */
  static register(env: Env, pool?: HostPool): DynamicModule {
    const api = env.MODE === 'worker' ? [AuthModule, WorkerHttpModule] : [ApiModule.register(env)];
    const worker = env.MODE === 'api' ? [] : [WorkerModule];
    const watch = env.WATCH_DIR === undefined ? [] : [WatchModule];
    const imports = [
      loggingModule(env),
      PlatformModule.forRoot(env, pool),
      HealthModule,
      ...api,
      ...worker,
      ...watch,
    ];
    return { module: AppModule, imports, providers: [ClusterHeartbeat] };
  }
}
