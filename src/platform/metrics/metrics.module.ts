import { Controller, type DynamicModule, Get, Module, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import type { FastifyReply } from 'fastify';
import { Access } from '../../common/route-access.js';
import type { Env } from '../../config/env.js';
import { ClusterMetrics } from './cluster-metrics.js';
import { Metrics } from './metrics.js';
import { watchResources } from './resource-metrics.js';

/** `GET /metrics` (the path is set by `PrometheusModule`): the sum over the processes of the cluster. */
@Controller()
@Access('metrics')
class MetricsController {
  constructor(
    private readonly metrics: Metrics,
    private readonly cluster: ClusterMetrics,
  ) {}

  @Get()
  @ApiTags('operations')
  @ApiOperation({ summary: 'Metrics in the text format of Prometheus' })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  async text(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.header('content-type', this.metrics.registry.contentType);
    return this.cluster.text(this.metrics.registry);
  }
}

function openMetrics(env: Env, cluster: ClusterMetrics): Metrics {
  const metrics = new Metrics({ defaults: true });
  watchResources(metrics.registry, env.DATA_DIR);
  cluster.join(metrics.registry);
  metrics.applicationInfo.set({ version: env.APP_VERSION, environment: env.ENVIRONMENT }, 1);
  return metrics;
}

@Module({})
export class MetricsModule {
  static register(env: Env): DynamicModule {
    // its default metrics would go into the registry that all apps of a process share
    const served = PrometheusModule.register({
      controller: MetricsController,
      path: 'metrics',
      defaultMetrics: { enabled: false },
    });
    const metrics = {
      provide: Metrics,
      inject: [ClusterMetrics],
      useFactory: (cluster: ClusterMetrics) => openMetrics(env, cluster),
    };
    const prometheus = {
      ...served,
      providers: [...(served.providers ?? []), metrics, ClusterMetrics],
      exports: [Metrics],
    };
    return { module: MetricsModule, imports: [prometheus], exports: [prometheus] };
  }
}
