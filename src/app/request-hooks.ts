import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from '../common/error.filter.js';
import { readableHops } from '../common/client-address.js';
import { Problem } from '../common/errors.js';
import { onRequestEnd } from '../common/request-end.js';
import { isAlwaysAnswered } from '../common/route-access.js';
import { computeReserve } from '../common/shares.js';
import { runInContext, type RequestContext } from '../common/request-context.js';
import { contextOfHeaders, formatContext, freshContext } from '../common/trace-context.js';
import { isLoopback } from '../config/drivers.js';
import type { Env } from '../config/env.js';
import { securityHeaders } from './security-headers.js';

declare module 'fastify' {
  interface FastifyRequest {
    requestId: string;
    requestContext: RequestContext;
    /** True for a request that counts towards the limit of requests at once. */
    holdsPlace: boolean;
  }
}

const changes = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
const stripHostName = (host: string | undefined): string => (host ?? '').replace(/:\d+$/, '').toLowerCase();

/**
 * A loopback bind without auth trusts every caller, so other sites must not reach it through a browser:
 * `Host` is checked against DNS rebinding, `Origin` and `Sec-Fetch-Site` against forged requests.
 */
function refuseForeign(request: FastifyRequest, env: Env): Problem | null {
  const ambiguous = refuseAmbiguous(request);
  if (ambiguous) return ambiguous;
  const host = stripHostName(request.headers.host);
  // every browser names a host; probes of load balancers that speak HTTP/1.0 do not
  const names = request.headers.host !== undefined;
  const isOwn = isLoopback(host) || env.ALLOWED_HOSTS.includes(host);
  if (env.AUTH === 'none' && isLoopback(env.HOST) && names && !isOwn) return new Problem('host_not_allowed');
  const { origin } = request.headers;
  if (origin === undefined || env.ALLOWED_ORIGINS.includes(origin)) {
    return origin === undefined && isForeignFetch(request, env) ? new Problem('origin_not_allowed') : null;
  }
  if (sameOrigin(origin, request)) return null;
  // A read with its own credential does no harm: without a CORS header, the browser does not show the answer
  // to the page.
  return changes.has(request.method) || env.AUTH === 'none' ? new Problem('origin_not_allowed') : null;
}

/** Which host is meant must be beyond doubt: another reader of the same request would choose otherwise. */
function refuseAmbiguous({ raw, headers }: FastifyRequest): Problem | null {
  if (countHosts(raw.rawHeaders) > 1)
    return new Problem('bad_request', 'There is more than one Host header. Send one.');
  if (!headers.host && raw.httpVersion === '1.1')
    return new Problem('bad_request', 'The Host header is missing.');
  const { url = '' } = raw;
  return url.startsWith('/') || url === '*'
    ? null
    : new Problem('bad_request', 'The address must be a path.');
}

function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let place = 0; place < rawHeaders.length; place += 2) {
    const name = rawHeaders[place] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}

/**
 * A request without an `Origin` from a page of another site, or of another port of this machine. Following a
 * link does not count.
 */
function isForeignFetch({ method, headers }: FastifyRequest, env: Env): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== 'cross-site' && site !== 'same-site') return false;
  return changes.has(method) || (env.AUTH === 'none' && headers['sec-fetch-mode'] !== 'navigate');
}

function sameOrigin(origin: string, request: FastifyRequest): boolean {
  try {
    return new URL(origin).host === request.headers.host;
  } catch {
    return false;
  }
}

const exposedHeaders =
  'X-Request-Id, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, ETag, Content-Disposition, Content-Range, Idempotent-Replay';

/** CORS for the listed origins alone; answers their preflights. */
function answerCors(request: FastifyRequest, reply: FastifyReply, env: Env): boolean {
  const { origin } = request.headers;
  if (!origin || !env.ALLOWED_ORIGINS.includes(origin)) return false;
  void reply
    .header('access-control-allow-origin', origin)
    .header('vary', 'Origin')
    .header('access-control-expose-headers', exposedHeaders);
  if (request.method !== 'OPTIONS' || !request.headers['access-control-request-method']) return false;
  void reply
    .header('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE')
    .header(
      'access-control-allow-headers',
      'Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-API-Key, X-Request-Id',
    )
    .header('access-control-max-age', '600')
    .status(204)
    .send();
  return true;
}

/** Health and metrics requests that are answered above every limit: a flood of them is refused too. */
const maxAlwaysAnswered = 64;

/**
 * Request ids, the limit of requests at once, hosts and origins,
 * security headers: before anything else sees a request.
 */
export function registerRequestHooks(fastify: FastifyInstance, env: Env): void {
  let active = 0;
  const maxActive = env.API_MAX_CONNECTIONS + computeReserve(env.API_MAX_CONNECTIONS);
  const headers = { ...securityHeaders(env), 'cache-control': 'private, no-store' };
  fastify.decorateRequest('requestId', '');
  fastify.decorateRequest('holdsPlace', false);
  onRequestEnd(fastify, (request) => {
    if (request.holdsPlace) active--;
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    readForwardedFor(request);
    request.requestId = request.id;
    request.requestContext = { requestId: request.id, traceContext: readTrace(request) };
    void reply.headers(headers).header('x-request-id', request.requestId);
    // a refused request takes no place; shares of the places are given when it is known whose request it is
    if (active >= maxActive + (isAlwaysAnswered(request.url) ? maxAlwaysAnswered : 0)) {
      sendProblem(reply, new Problem('too_many_connections', undefined, { retryAfter: 1 }));
      return;
    }
    active++;
    request.holdsPlace = true;
    const refusal = refuseForeign(request, env);
    if (refusal) {
      sendProblem(reply, refusal);
      return;
    }
    if (answerCors(request, reply, env)) return;
    runInContext(request.requestContext, done);
  });
}

/**
 * The client's trace goes on; without one a trace begins here,
 * so that every line of the request can be found by one id.
 */
const readTrace = (request: FastifyRequest): string => {
  const given = contextOfHeaders(request.headers['traceparent'], request.headers['tracestate']);
  return given ? formatContext(given) : freshContext();
};

/**
 * Fastify does not strip ports from the addresses of the header: each connection would look like another
 * client.
 */
function readForwardedFor({ raw }: FastifyRequest): void {
  const { headers } = raw;
  const given = headers['x-forwarded-for'];
  if (given !== undefined) headers['x-forwarded-for'] = readableHops([given].flat().join(',')).join(', ');
}
