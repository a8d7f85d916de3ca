import { Problem } from './errors.js';
import { currentContext, runInContext } from './request-context.js';
import type { Span, SpanOptions } from './trace-context.js';

/** The name of a failure in a trace. */
export const failureName = (error: unknown): string =>
  error instanceof Problem ? error.code : error instanceof Error ? error.name : 'unknown';

/** Opens a span below the current one; undefined when tracing is off. The caller must end it. */
export function openSpan(name: string, options: SpanOptions = {}): Span | undefined {
  const context = currentContext();
  return context?.spans?.open(name, context.traceContext, options);
}

/** Runs `run` inside `span` and does not end it. Costs nothing without a span. */
export function within<T>(span: Span | undefined, run: () => T): T {
  const context = currentContext();
  return span && context ? runInContext({ ...context, traceContext: span.context }, run) : run();
}

/** Runs `run` as a span of its own, which ends with it. */
export async function inSpan<T>(
  name: string,
  options: SpanOptions,
  run: (span: Span | undefined) => Promise<T>,
): Promise<T> {
  const span = openSpan(name, options);
  if (!span) return run(undefined);
  try {
    const result = await within(span, () => run(span));
    span.end();
    return result;
  } catch (error) {
    span.end(failureName(error));
    throw error;
  }
}
