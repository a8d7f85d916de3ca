import type { Spans } from '../../common/trace-context.js';

/**
 * The exporter of spans. It never throws or waits for the collector: when that is down, spans are lost and
 * nothing else happens.
 */
export abstract class Tracing {
  /** Undefined where tracing is off. */
  abstract readonly spans: Spans | undefined;
  /** Sends ended spans, waiting only a moment. */
  abstract close(): Promise<void>;
}
