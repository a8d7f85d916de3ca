import { type DynamicModule, Module } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { NoTracing } from './none.js';
import { Tracing } from './tracing.js';

/** Loads OpenTelemetry only if a collector is configured: the import alone takes a good part of a second. */
async function openTracing(env: Env): Promise<Tracing> {
  const collector = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  return collector ? new (await import('./otlp.js')).OtlpTracing(collector, env) : new NoTracing();
}

@Module({})
export class TracingModule {
  static register(env: Env): DynamicModule {
    return {
      module: TracingModule,
      providers: [{ provide: Tracing, useFactory: () => openTracing(env) }],
      exports: [Tracing],
    };
  }
}
