import { Tracing } from './tracing.js';

export class NoTracing extends Tracing {
  readonly spans = undefined;

  async close(): Promise<void> {}
}
