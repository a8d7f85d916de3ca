import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { Spans } from './trace-context.js';

/** Values that every log line and every task of a request carries. */
export interface RequestContext {
  requestId: string;
  tenant?: string;
  subject?: string;
  taskId?: string;
  /** The W3C `traceparent` and `tracestate` of the current span, in one text (`trace-context.ts`). */
  traceContext?: string;
  /** Present when tracing is on. */
  spans?: Spans;
}

const storage = new AsyncLocalStorage<RequestContext | undefined>();

export const runInContext = <T>(context: RequestContext, run: () => T): T => storage.run(context, run);
/** For timers and connections that live longer than the request that started them. */
export const outsideContext = <T>(run: () => T): T => storage.run(undefined, run);
export const currentContext = (): RequestContext | undefined => storage.getStore();

/** The client's `X-Request-Id` if it is well-formed, otherwise a new one. */
export const requestIdFrom = (header: unknown): string =>
  typeof header === 'string' && /^[A-Za-z0-9._-]{1,128}$/.test(header) ? header : randomUUID();
