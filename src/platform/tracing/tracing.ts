import type { Spans } from '../../common/trace-context.js';

/** Where spans go. Nothing here throws or waits for the far side: a collector that is away costs its spans and nothing else. */
export abstract class Tracing {
  /** Undefined where tracing is off. */
  abstract readonly spans: Spans | undefined;
  /** Sends what has ended, for a moment at most. */
  abstract close(): Promise<void>;
}
