import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { makeTrust } from '../common/client-address.js';
import { problemBody, sendProblem, toProblem } from '../common/error.filter.js';
import { Problem, type ErrorCode } from '../common/errors.js';
import { writeJson } from '../common/prepared-json.js';
import { requestIdFrom } from '../common/request-context.js';
import type { Env } from '../config/env.js';
import { registerBodyParsers } from './body-parsers.js';
import { answerLiveness } from './liveness.js';
import { registerRequestHooks } from './request-hooks.js';
import { noticeUntrustedProxy } from './untrusted-proxy.js';

// a file name of 255 bytes, each percent-encoded
const maxParameterLength = 255 * 3 + 16;
const maxHeaderBytes = 16 * 1024;

const parserErrors: Record<string, ErrorCode> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_INVALID_EOF_STATE: 'bad_request',
};
const reasons: Record<number, string> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

/** Ignores any other `Upgrade` request, such as Java's offer of h2c, and answers it as plain HTTP. */
const isSocketHandshake = ({ url, headers }: IncomingMessage): boolean =>
  headers.upgrade?.toLowerCase() === 'websocket' && /^\/ws\/?(\?|$)/.test(url ?? '');

/** Answers on the bare socket when a request was not HTTP or did not arrive in time. */
function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = new Problem(parserErrors[error.code ?? ''] ?? 'bad_request');
  const body = JSON.stringify(problemBody(problem, requestIdFrom(undefined)));
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${reasons[problem.status] ?? 'Bad Request'}`,
      'content-type: application/problem+json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

/** Remembers every route, so that a wrong method at a right address is a 405 with `Allow`. */
function registerRouteTable(fastify: FastifyInstance): void {
  const routes: { pattern: RegExp; methods: string[] }[] = [];
  fastify.addHook('onRoute', (route) => {
    if (route.url.includes('*')) return;
    const source = route.url.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/:[A-Za-z_]+/g, '[^/]+');
    routes.push({ pattern: new RegExp(`^${source}$`), methods: [route.method].flat() });
  });
  fastify.decorate('allowedMethods', (url: string) => {
    const path = url.split('?', 1)[0] ?? url;
    return [
      ...new Set(routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods)),
    ].sort();
  });
}

/**
 * Ends connections whose reader takes nothing of its answer. Node's own timer restarts with every byte sent.
 * An answer that is still being computed, or a stream without news, goes on.
 */
function endStalledAnswers(fastify: FastifyInstance, seconds: number): void {
  const answers = new WeakMap<Socket, ServerResponse>();
  fastify.server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    answers.set(socket, response);
  });
  fastify.server.setTimeout(seconds * 1000, (socket: Socket) => {
    if (answers.get(socket)?.closed !== false || socket.writableLength > 0) socket.destroy();
  });
}

/** The Fastify under Nest: limits, time-outs, body parsers and hooks that hold for every route. */
export function createHttpAdapter(env: Env): FastifyAdapter {
  const adapter = new FastifyAdapter({
    trustProxy: makeTrust(env.TRUST_PROXY),
    bodyLimit: env.BODY_LIMIT,
    requestTimeout: env.UPLOAD_TIMEOUT_SECONDS * 1000,
    keepAliveTimeout: env.API_KEEP_ALIVE_TIMEOUT * 1000,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    requestIdHeader: false,
    genReqId: (request: IncomingMessage) => requestIdFrom(request.headers['x-request-id']),
    routerOptions: { maxParamLength: maxParameterLength, caseSensitive: true },
    http: {
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: env.HEADERS_TIMEOUT_SECONDS * 1000,
      connectionsCheckingInterval: 1000,
      requireHostHeader: false,
      shouldUpgradeCallback: isSocketHandshake,
    },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error: unknown, _request: FastifyRequest, reply: FastifyReply) =>
      sendProblem(reply, toProblem(error)),
    multipart: false,
  });
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  fastify.setReplySerializer(writeJson);
  registerRouteTable(fastify);
  registerBodyParsers(fastify, env);
  registerRequestHooks(fastify, env);
  if (env.TRUST_PROXY === false) noticeUntrustedProxy(fastify);
  answerLiveness(fastify);
  endStalledAnswers(fastify, env.ANSWER_STALL_SECONDS);
  // a meaningless expectation is refused here: Node would go on as if it were not there
  fastify.server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    const problem = new Problem('expectation_failed');
    const body = JSON.stringify(problemBody(problem, requestIdFrom(undefined)));
    response
      .writeHead(problem.status, {
        'content-type': 'application/problem+json; charset=utf-8',
        connection: 'close',
      })
      .end(body);
  });
  return adapter;
}
