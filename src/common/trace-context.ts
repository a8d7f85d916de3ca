import { randomHex } from './random-hex.js';

// a newer version may append fields; version 00 ends after four
const format = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

const stateMember =
  /^(?:[a-z0-9][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const maxStateMembers = 32;
/** W3C requires systems to carry at least this much; docent carries no more. */
const maxStateLength = 512;

/** A W3C `traceparent`, and the state of other tracing systems. */
export interface TraceContext {
  traceId: string;
  spanId: string;
  flags: number;
  /** A `tracestate`; empty without one. */
  state: string;
}

/**
 * Parses the headers; null for a malformed `traceparent`. A `tracestate` that is malformed or over 512
 * characters is left out.
 */
export function contextOfHeaders(traceparent: unknown, tracestate: unknown): TraceContext | null {
  const match = typeof traceparent === 'string' ? format.exec(traceparent) : null;
  const [, version, traceId, spanId, flags, rest] = match ?? [];
  if (!traceId || !spanId || !flags || (version === '00' && rest)) return null;
  return { traceId, spanId, flags: Number.parseInt(flags, 16), state: stateFrom(tracestate) };
}

function stateFrom(header: unknown): string {
  if (typeof header !== 'string' || header.length > maxStateLength) return '';
  const members = header
    .split(',')
    .map((member) => member.trim())
    .filter(Boolean);
  const keys = new Set(members.map((member) => member.slice(0, member.indexOf('='))));
  const wellFormed =
    members.length <= maxStateMembers &&
    keys.size === members.length &&
    members.every((member) => stateMember.test(member));
  return wellFormed ? members.join(',') : '';
}

/**
 * Writes both into one text, as requests, tasks and their rows carry it: the `traceparent` as version 00,
 * whose only flag is `sampled`, then a space and the `tracestate`.
 */
export const formatContext = ({ traceId, spanId, flags, state }: TraceContext): string =>
  `00-${traceId}-${spanId}-${flags & 1 ? '01' : '00'}${state && ` ${state}`}`;

/** Reverses `formatContext`; null for malformed text. */
export function parseContext(text: string | undefined): TraceContext | null {
  const [traceparent, ...state] = text?.split(' ') ?? [];
  return contextOfHeaders(traceparent, state.join(' '));
}

/** The id of the trace in a text of `formatContext`. */
export const readTraceId = (text: string | undefined): string | undefined => text?.split('-', 2)[1];

/** The headers for a call to another service; empty without a context. */
export function traceHeaders(text: string | undefined): { traceparent?: string; tracestate?: string } {
  const context = parseContext(text);
  if (!context) return {};
  return {
    traceparent: formatContext({ ...context, state: '' }),
    ...(context.state && { tracestate: context.state }),
  };
}

/** Begins a trace that is not recorded, so that log lines and calls of one piece of work share an id. */
export const freshContext = (): string =>
  formatContext({
    traceId: randomHex(16),
    spanId: randomHex(8),
    flags: 0,
    state: '',
  });

export type SpanKind = 'internal' | 'server' | 'client' | 'consumer';
/** Never contains text of documents, questions or answers. */
type SpanAttributes = Record<string, string | number | boolean>;

/** An open part of a trace. */
export interface Span {
  /** The trace context for work inside it, in one text. */
  readonly context: string;
  set(attributes: SpanAttributes): void;
  rename(name: string): void;
  /** @param failure a code or the name of an error, never its text */
  end(failure?: string): void;
}

export interface SpanOptions {
  kind?: SpanKind;
  attributes?: SpanAttributes;
}

/** Makes spans. A request or a task carries it in its context when tracing is on. */
export interface Spans {
  /** @param parent its trace context; without one a new trace begins */
  open(name: string, parent: string | undefined, options: SpanOptions): Span;
}
