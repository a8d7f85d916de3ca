import type { Readable } from 'node:stream';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '../common/errors.js';
import { BodiesUnderWay } from './bodies-under-way.js';
import type { Env } from '../config/env.js';

const maxDepth = 64;
const fieldBytes = 256 * 1024;

/** The body that a route accepts; the default is JSON. Set with `@RouteConfig({ body: … })`. */
interface BodyConfig {
  body?: 'json' | 'multipart' | 'stream';
  /** INGEST_BODY_LIMIT instead of BODY_LIMIT. */
  limit?: 'ingest';
}
const getConfig = (request: FastifyRequest): BodyConfig => request.routeOptions.config as BodyConfig;

/** True when brackets outside of strings nest deeper than any honest request; protects recursive code. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === 0x5c) index++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > maxDepth) return true;
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return false;
}

/**
 * Only a text that matches can contain NUL, a lone surrogate or a field named `__proto__`. Other texts are
 * not checked again.
 */
const mayBeUnclean = /\\u(?:0000|[dD][89a-fA-F]|005[fF])|__proto__/;

/**
 * Takes NUL and lone surrogates out of every text, in place: Postgres
 * takes neither. @throws bad_request for a field named `__proto__`
 */
function cleanValue(value: unknown): unknown {
  if (typeof value === 'string')
    return isClean(value) ? value : value.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '');
  if (typeof value !== 'object' || value === null) return value;
  if (Object.hasOwn(value, '__proto__'))
    throw new Problem('bad_request', '`__proto__` cannot be the name of a field.');
  const fields = value as Record<string, unknown>;
  for (const name of Object.keys(fields)) fields[name] = cleanValue(fields[name]);
  return value;
}
const isClean = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Decodes UTF-8 and drops the byte order mark. @throws invalid_json for bytes that are not UTF-8 */
function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new Problem('invalid_json', 'The body is not UTF-8. Send it in UTF-8.', { cause: error });
  }
}

/** @throws invalid_json, bad_request for absurd nesting */
function parseJson(bytes: Buffer): unknown {
  const text = decode(bytes);
  if (text.trim() === '') throw new Problem('invalid_json', 'The body is empty.');
  if (isTooDeep(text)) throw new Problem('bad_request', `The body nests deeper than ${maxDepth} levels.`);
  try {
    const value: unknown = JSON.parse(text);
    return mayBeUnclean.test(text) ? cleanValue(value) : value;
  } catch (error) {
    throw error instanceof Problem ? error : new Problem('invalid_json', undefined, { cause: error });
  }
}

// a compressed body, or a text in another encoding, would be misread
const isCompressed = ({ 'content-encoding': encoding }: FastifyRequest['headers']): boolean =>
  encoding !== undefined && encoding.toLowerCase() !== 'identity';
const isOtherText = ({ 'content-type': type }: FastifyRequest['headers']): boolean =>
  /;\s*charset\s*=\s*(?!"?utf-?8"?\s*(;|$))/i.test(type ?? '');

const refused = (detail?: string): Problem => new Problem('unsupported_media_type', detail);

/** Reads a JSON body whole, within its limit and its time. */
async function readWhole(
  request: FastifyRequest,
  payload: Readable,
  { limit, seconds, underWay }: { limit: number; seconds: number; underWay: BodiesUnderWay },
): Promise<Buffer> {
  const tooLarge = `The body is larger than ${limit} bytes`;
  if (Number(request.headers['content-length'] ?? 0) > limit)
    throw new Problem('payload_too_large', tooLarge);
  const hold = underWay.hold(request);
  const pieces: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    const stop = (problem: Error) => {
      clearTimeout(timer);
      payload.removeAllListeners('data');
      payload.pause();
      reject(problem);
    };
    const timer = setTimeout(
      () =>
        stop(
          new Problem('request_timeout', `The body did not arrive within ${seconds} s.`, {
            headers: { connection: 'close' },
          }),
        ),
      seconds * 1000,
    );
    payload.on('data', (piece: Buffer) => {
      bytes += piece.length;
      pieces.push(piece);
      const problem = bytes > limit ? new Problem('payload_too_large', tooLarge) : hold(piece.length);
      if (!problem) return;
      pieces.length = 0;
      stop(problem);
    });
    payload.on('end', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(pieces));
    });
    payload.on('error', (error) =>
      stop(new Problem('bad_request', 'The body ended early. Send it again.', { cause: error })),
    );
    payload.on('close', () => {
      if (!payload.readableEnded) stop(new Problem('bad_request', 'The body ended early. Send it again.'));
    });
  });
}

/**
 * JSON for every route unless it declares another body. `text/plain` is refused: a page of another site may
 * send it without a preflight.
 */
export function registerBodyParsers(fastify: FastifyInstance, env: Env): void {
  fastify.removeAllContentTypeParsers();
  void fastify.register(multipart, {
    limits: {
      fileSize: env.MAX_FILE_SIZE,
      files: env.MAX_FILES_PER_UPLOAD + 1,
      fields: 20,
      fieldSize: fieldBytes,
      parts: env.MAX_FILES_PER_UPLOAD + 25,
      fieldNameSize: 100,
    },
    throwFileSizeLimit: false,
    // the folder that a file comes from
    preservePath: true,
  });
  const underWay = new BodiesUnderWay(env.INGEST_BODY_LIMIT);
  fastify.addContentTypeParser('application/json', async (request: FastifyRequest, payload: Readable) => {
    if (request.is404) return undefined;
    const { body = 'json', limit } = getConfig(request);
    if (body === 'stream') return payload;
    if (body !== 'json') throw refused(`This route takes ${body}`);
    if (isOtherText(request.headers)) throw refused('JSON is taken in UTF-8');
    const bytes = await readWhole(request, payload, {
      limit: limit === 'ingest' ? env.INGEST_BODY_LIMIT : env.BODY_LIMIT,
      seconds: env.REQUEST_TIMEOUT_SECONDS,
      underWay,
    });
    // clients that name the type on every request do so on a DELETE without a body too
    return bytes.length === 0 && request.method === 'DELETE' ? undefined : parseJson(bytes);
  });
  fastify.addContentTypeParser('*', async (request: FastifyRequest, payload: Readable) => {
    if (getConfig(request).body === 'stream') return payload;
    // DELETE and GET with an empty body and some content type are common and harmless
    if (request.is404 || request.headers['content-length'] === '0') return undefined;
    throw refused();
  });
  fastify.addHook('preParsing', (request, _reply, _payload, done) => {
    // For QUERY without a content type, Fastify itself would answer 400. With one, the answer is 405 as for
    // other unknown methods.
    if (request.method === 'QUERY') request.headers['content-type'] ??= 'application/octet-stream';
    if (!request.is404 && isCompressed(request.headers))
      done(refused('Send the body as it is, without Content-Encoding.'));
    else done();
  });
  fastify.addHook('preValidation', (request, _reply, done) => {
    if (request.isMultipart() && !request.is404 && getConfig(request).body !== 'multipart') done(refused());
    else done();
  });
}
