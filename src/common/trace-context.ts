import { randomBytes } from 'node:crypto';

// a newer version may append fields of its own; ours ends where its four do
const format = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** The four fields of a W3C `traceparent`. */
export interface TraceContext {
  traceId: string;
  spanId: string;
  flags: number;
}

/** Null for what is not well-formed. */
export function parseTraceparent(header: unknown): TraceContext | null {
  const match = typeof header === 'string' ? format.exec(header) : null;
  const [, version, traceId, spanId, flags, rest] = match ?? [];
  if (!traceId || !spanId || !flags || (version === '00' && rest)) return null;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) };
}

/** As version 00, whose only flag is `sampled`. */
export const formatTraceparent = ({ traceId, spanId, flags }: TraceContext): string => `00-${traceId}-${spanId}-${flags & 1 ? '01' : '00'}`;

/** Begins a trace that nobody records, so that the lines and the calls of one piece of work can be found by its id. */
export const freshTraceparent = (): string =>
  formatTraceparent({ traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex'), flags: 0 });

export type SpanKind = 'internal' | 'server' | 'client' | 'consumer';
/** Never text of documents, questions or answers. */
type SpanAttributes = Record<string, string | number | boolean>;

/** A part of a trace that is under way. */
export interface Span {
  /** W3C `traceparent` of what happens inside it. */
  readonly traceparent: string;
  set(attributes: SpanAttributes): void;
  rename(name: string): void;
  /** @param failure why it failed: a code or the name of an error, never its text */
  end(failure?: string): void;
}

export interface SpanOptions {
  kind?: SpanKind;
  attributes?: SpanAttributes;
}

/** Makes spans; a request or a task carries it in its context where tracing is on. */
export interface Spans {
  /** @param parent its `traceparent`; a trace begins without one */
  open(name: string, parent: string | undefined, options: SpanOptions): Span;
}
