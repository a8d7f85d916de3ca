import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { dropRest } from './drain-request-body.js';
import { errorCatalogue, Problem, type ErrorCode, type FieldError, type RejectedFile } from './errors.js';
import { openAiError, speaksOpenAi } from './openai-error.js';
import { currentContext } from './request-context.js';

/** An answer that is not a success: RFC 9457, content type `application/problem+json`. */
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  retryable: boolean;
  request_id: string;
  errors?: FieldError[];
  rejected?: RejectedFile[];
}

export function problemBody(problem: Problem, requestId: string): ProblemBody {
  return {
    type: `urn:docent:error:${problem.code}`,
    title: errorCatalogue[problem.code].title,
    status: problem.status,
    detail: problem.detail,
    code: problem.code,
    retryable: problem.retryable,
    request_id: requestId,
    ...(problem.errors && { errors: problem.errors }),
    ...(problem.rejected && { rejected: problem.rejected }),
  };
}

/** Fastify's own error codes. */
const fastifyCodes: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'bad_request',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid_json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid_json',
  FST_ERR_BAD_URL: 'bad_request',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
  FST_ERR_ASYNC_CONSTRAINT: 'bad_request',
  FST_PARTS_LIMIT: 'payload_too_large',
  FST_FILES_LIMIT: 'validation_failed',
  FST_FIELDS_LIMIT: 'payload_too_large',
  FST_REQ_FILE_TOO_LARGE: 'payload_too_large',
  FST_PROTO_VIOLATION: 'malformed_multipart',
  FST_INVALID_MULTIPART_CONTENT_TYPE: 'unsupported_media_type',
  FST_INVALID_JSON_FIELD_ERROR: 'invalid_json',
  FST_MP_PREMATURE_CLOSE: 'malformed_multipart',
};
const statusCodes: Record<number, ErrorCode> = {
  400: 'bad_request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'request_timeout',
  409: 'conflict',
  413: 'payload_too_large',
  414: 'uri_too_long',
  415: 'unsupported_media_type',
  416: 'range_not_satisfiable',
  412: 'precondition_failed',
  422: 'validation_failed',
  429: 'rate_limited',
  503: 'not_ready',
};

const findCode = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;

/** The status that the framework would answer with, if the client is at fault. */
function findStatus(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const isFastifys = findCode(error)?.startsWith('FST_') ?? false;
  const { statusCode } = error as { statusCode?: unknown };
  return isFastifys && typeof statusCode === 'number' && statusCode < 500 ? statusCode : undefined;
}

/** Turns anything thrown into a problem. Unknown errors become `internal` without details. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const fastifyCode = findCode(error) ?? (error instanceof HttpException ? findCode(error.cause) : undefined);
  const known = fastifyCode ? fastifyCodes[fastifyCode] : undefined;
  if (known) return new Problem(known, undefined, { cause: error });
  const code = statusCodes[findStatus(error) ?? 0];
  if (code) return new Problem(code, undefined, { cause: error });
  if (error instanceof URIError)
    return new Problem('bad_request', 'The address is not valid percent-encoding.', { cause: error });
  return new Problem('internal', undefined, { cause: error });
}

/**
 * Sends a problem after the rest of the refused body has arrived. The filter and the code outside Nest's
 * routes use it.
 */
export function sendProblem(reply: FastifyReply, problem: Problem): void {
  const { raw } = reply.request;
  if (raw.readableEnded || raw.destroyed || problem.headers?.['connection']) writeProblem(reply, problem);
  else void dropRest(raw).then(() => writeProblem(reply, problem));
}

function writeProblem(reply: FastifyReply, problem: Problem): void {
  if (reply.raw.destroyed) return;
  const { requestId } = reply.request as FastifyRequest & { requestId?: string };
  // Fastify would close the connection after every body that it could not parse. Only a body that is still
  // arriving makes that necessary.
  if (reply.request.raw.complete) void reply.removeHeader('connection');
  else void reply.header('connection', 'close');
  if (problem.retryAfter !== undefined)
    void reply.header('retry-after', String(Math.max(1, Math.ceil(problem.retryAfter))));
  else if (problem.status === 503 || problem.status === 429) void reply.header('retry-after', '1');
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
  for (const [name, value] of Object.entries(problem.headers ?? {})) void reply.header(name, value);
  const id = requestId ?? currentContext()?.requestId ?? reply.request.id;
  const [mediaType, body] = speaksOpenAi(reply.request.url)
    ? ['application/json', openAiError(problem)]
    : ['application/problem+json', problemBody(problem, id)];
  void reply
    .status(problem.status)
    .header('content-type', `${mediaType}; charset=utf-8`)
    .header('cache-control', 'private, no-store')
    .send(JSON.stringify(body));
}

/** Turns every error of a request into problem+json. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger('http');

  catch(error: unknown, host: ArgumentsHost): void {
    if (host.getType() !== 'http') return;
    const http = host.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    const request = http.getRequest<FastifyRequest>();
    let problem = toProblem(error);
    if (problem.code === 'not_found' && error instanceof HttpException) {
      const allow = findAllowed(request);
      if (request.method === 'OPTIONS' && allow !== '') return tellOptions(reply, allow);
      if (allow !== '') problem = refuseMethod(allow);
    }
    // Node's own error for a client that left while it sent its body
    const isCutOff = findCode(error) === 'ECONNRESET' && !request.raw.complete;
    if (problem.code === 'internal' && !isCutOff) this.logger.error({ err: error, msg: 'a request failed' });
    // the answer has begun or the client has left: nothing more can be sent
    if (reply.raw.headersSent || reply.raw.destroyed) {
      reply.raw.destroy();
      return;
    }
    sendProblem(reply, problem);
  }
}

/** Methods of the address, separated by commas; empty if there is no route. */
const findAllowed = ({ server, url }: FastifyRequest): string =>
  server.allowedMethods?.(url).join(', ') ?? '';

const refuseMethod = (allow: string): Problem =>
  new Problem('method_not_allowed', `The method is not allowed here. Allowed: ${allow}.`, {
    headers: { allow },
  });

function tellOptions(reply: FastifyReply, allow: string): void {
  void reply.header('allow', `${allow}, OPTIONS`).status(204).send();
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Methods that routes answer at this address; empty if there is no route. */
    allowedMethods?: (url: string) => string[];
  }
}
