import { hostname } from 'node:os';
import { Logger } from '@nestjs/common';
import {
  createTraceState,
  ROOT_CONTEXT,
  type Span as OtelSpan,
  SpanKind as OtelKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import {
  formatContext,
  parseContext,
  type Span,
  type SpanKind,
  type SpanOptions,
  type Spans,
} from '../../common/trace-context.js';
import type { Env } from '../../config/env.js';
import { Tracing } from './tracing.js';

export type OtlpSettings = Pick<
  Env,
  | 'APP_VERSION'
  | 'ENVIRONMENT'
  | 'MODE'
  | 'OTEL_EXPORTER_OTLP_HEADERS'
  | 'OTEL_SERVICE_NAME'
  | 'OTEL_TRACES_SAMPLER_ARG'
>;

const sendEveryMs = 1000;
const sendWithinMs = 5000;
const lastSendMs = 2000;
const complainEveryMs = 60_000;

const kinds: Record<SpanKind, OtelKind> = {
  internal: OtelKind.INTERNAL,
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  consumer: OtelKind.CONSUMER,
};

/**
 * Sends spans as OTLP over HTTP (JSON) in batches, behind the work. The
 * global tracer stays untouched: two apps in one process do not meet.
 */
export class OtlpTracing extends Tracing {
  readonly spans: Spans;
  private readonly provider: TracerProvider;

  /** @param collector its address without `/v1/traces` */
  constructor(collector: string, settings: OtlpSettings) {
    super();
    const exporter = new OTLPTraceExporter({
      url: `${collector.replace(/\/+$/, '')}/v1/traces`,
      headers: headersFrom(settings.OTEL_EXPORTER_OTLP_HEADERS),
      timeoutMillis: sendWithinMs,
    });
    this.provider = new TracerProvider({
      resource: resourceFromAttributes({
        'service.name': settings.OTEL_SERVICE_NAME,
        'service.version': settings.APP_VERSION,
        'service.instance.id': `${hostname()}:${process.pid}`,
        'deployment.environment.name': settings.ENVIRONMENT,
        'docent.mode': settings.MODE,
      }),
      sampler: new ParentBasedSampler({
        root: new TraceIdRatioBasedSampler(settings.OTEL_TRACES_SAMPLER_ARG),
      }),
      spanLimits: { attributeValueLengthLimit: 256 },
      spanProcessors: [
        new BatchSpanProcessor({
          exporter: complaining(exporter),
          scheduledDelayMillis: sendEveryMs,
          exportTimeoutMillis: sendWithinMs,
        }),
      ],
    });
    const tracer = this.provider.getTracer('docent', settings.APP_VERSION);
    this.spans = { open: (name, parent, options) => openSpan(tracer, name, parent, options) };
  }

  async close(): Promise<void> {
    let over: NodeJS.Timeout | undefined;
    const waited = new Promise<void>((resolve) => (over = setTimeout(resolve, lastSendMs)));
    await Promise.race([this.provider.shutdown().catch(() => undefined), waited]);
    clearTimeout(over);
  }
}

function openSpan(
  tracer: Tracer,
  name: string,
  parent: string | undefined,
  { kind = 'internal', attributes }: SpanOptions,
): Span {
  const above = parseContext(parent);
  const context = above
    ? trace.setSpanContext(ROOT_CONTEXT, {
        traceId: above.traceId,
        spanId: above.spanId,
        traceFlags: above.flags & 1,
        isRemote: true,
        ...(above.state && { traceState: createTraceState(above.state) }),
      })
    : ROOT_CONTEXT;
  return new OpenSpan(tracer.startSpan(name, { kind: kinds[kind], attributes }, context), above?.state ?? '');
}

class OpenSpan implements Span {
  readonly context: string;

  /** @param state the state of the parent, which is passed on unchanged */
  constructor(
    private readonly span: OtelSpan,
    state: string,
  ) {
    const { traceId, spanId, traceFlags } = span.spanContext();
    this.context = formatContext({ traceId, spanId, flags: traceFlags, state });
  }

  set(attributes: Parameters<Span['set']>[0]): void {
    this.span.setAttributes(attributes);
  }

  rename(name: string): void {
    this.span.updateName(name);
  }

  end(failure?: string): void {
    if (failure !== undefined)
      this.span
        .setStatus({ code: SpanStatusCode.ERROR, message: failure })
        .setAttribute('error.type', failure);
    this.span.end();
  }
}

/** Logs one line a minute while the collector does not accept spans; the SDK itself is silent. */
function complaining(exporter: OTLPTraceExporter): SpanExporter {
  const logger = new Logger('Tracing');
  let complainedAt = -Infinity;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.error && performance.now() - complainedAt > complainEveryMs) {
          complainedAt = performance.now();
          logger.warn({
            msg: 'the trace collector refuses spans',
            lost: spans.length,
            reason: result.error.message,
          });
        }
        done(result);
      }),
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
}

/** `name=value` pairs with commas between them, as OpenTelemetry writes them. */
function headersFrom(text: string | undefined): Record<string, string> {
  const pairs = (text ?? '')
    .split(',')
    .map((pair) => [pair.slice(0, pair.indexOf('=')).trim(), pair.slice(pair.indexOf('=') + 1).trim()]);
  return Object.fromEntries(
    pairs.filter(([name]) => name).map(([name, value]) => [name, decodeURIComponent(value ?? '')]),
  );
}
