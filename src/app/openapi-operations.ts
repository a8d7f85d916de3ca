import type { INestApplication } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { OpenAPIObject } from '@nestjs/swagger';
import { errorCatalogue, type ErrorCode } from '../common/errors.js';
import { accessKey, isAlwaysAnswered, type RouteAccess } from '../common/route-access.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Response = Exclude<NonNullable<Operation['responses'][string]>, { $ref: string }>;
type Handlers = Map<string, RouteAccess | undefined>;

const verbs = ['get', 'put', 'post', 'patch', 'delete'] as const;
type Verb = (typeof verbs)[number];

const header = (description: string, type: 'string' | 'integer' = 'string') => ({
  description,
  schema: { type },
});
/** Headers of answers, by the name under `components.headers`. */
export const sharedHeaders = {
  'X-Request-Id': header('The id of this request, also in the log'),
  'Retry-After': header('Seconds after which the same request may succeed', 'integer'),
  'WWW-Authenticate': header('How to prove who one is'),
  'RateLimit-Limit': header('Requests of the window', 'integer'),
  'RateLimit-Remaining': header('Requests that are left of it', 'integer'),
  'RateLimit-Reset': header('Seconds until the window ends', 'integer'),
  'Idempotent-Replay': header('`true` where this is the answer of an earlier request with the same key'),
};
type SharedHeader = keyof typeof sharedHeaders;

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Makes a repetition safe: for a day the same key gives the first answer again.',
  schema: { type: 'string', pattern: '^[\\x21-\\x7e]([\\x20-\\x7e]{0,253}[\\x21-\\x7e])?$' },
} as const;

/**
 * Documents answers that hooks, guards, interceptors and body parsers give before a method runs: who has
 * access, refusals, and their headers.
 */
export function completeOperations(document: OpenAPIObject, app: INestApplication): void {
  const handlers = accessOfHandlers(app);
  for (const [path, item] of Object.entries(document.paths))
    for (const verb of verbs) {
      const operation = item[verb];
      if (!operation) continue;
      const access = handlers.get(operation.operationId ?? '');
      if (access === 'public') operation.security = [];
      if (access === 'metrics') operation.security = [{}, { bearer: [] }];
      const isReplayed = !access && (verb === 'post' || verb === 'put');
      if (isReplayed) operation.parameters = [...(operation.parameters ?? []), idempotencyKey];
      addErrors(
        operation,
        path.startsWith('/v1/') ? openAiError : problem,
        listRefusals({ operation, path, verb, access }),
      );
      describeStreams(operation);
      describeJsonParameters(operation);
      describeOptionalBody(operation);
      describeSetNames(operation);
      if (verb === 'get') describeEmptyParameters(operation);
      for (const [status, response] of Object.entries(operation.responses))
        if (response && !('$ref' in response))
          addHeaders(response, listHeaders(status, { isLimited: !access, isReplayed }));
    }
}

/**
 * Markdown is text, and OpenAPI 3.1 has no word for the events
 * of a stream: a schema would be read as that of each event.
 */
function describeStreams(operation: Operation): void {
  for (const response of Object.values(operation.responses)) {
    const stream = response && 'content' in response ? response.content?.['text/event-stream'] : undefined;
    if (stream) stream.schema = { description: 'Server-sent events, as the operation describes them' };
    const markdown = response && 'content' in response ? response.content?.['text/markdown'] : undefined;
    if (markdown) markdown.schema = { type: 'string' };
  }
}

/** A parameter that holds JSON says so by `content`: tools then write the JSON themselves. */
function describeJsonParameters(operation: Operation): void {
  for (const parameter of operation.parameters ?? []) {
    if (!('schema' in parameter)) continue;
    const schema = parameter.schema as { contentMediaType?: string; contentSchema?: object } | undefined;
    if (schema?.contentMediaType !== 'application/json') continue;
    delete parameter.schema;
    parameter.content = { [schema.contentMediaType]: { schema: schema.contentSchema ?? {} } };
  }
}

/** Paths are strings to the router; the name of a set needs a letter or digit there as well. */
function describeSetNames(operation: Operation): void {
  for (const parameter of operation.parameters ?? [])
    if ('schema' in parameter && parameter.in === 'path' && parameter.name === 'document_set')
      parameter.schema = { type: 'string', pattern: '[A-Za-z0-9]' };
}

/** Where a request only reads, a parameter without a value counts as left out: see `readQuery`. */
function describeEmptyParameters(operation: Operation): void {
  for (const parameter of operation.parameters ?? []) {
    if (!('schema' in parameter) || parameter.in !== 'query' || parameter.name === 'document_set') continue;
    parameter.allowEmptyValue = true;
    const schema = parameter.schema as { pattern?: string; minLength?: number };
    delete schema.minLength;
    if (schema.pattern !== undefined) schema.pattern = `^$|${schema.pattern}`;
  }
}

/** A body whose schema has a default may be left out. */
function describeOptionalBody({ requestBody }: Operation): void {
  if (!requestBody || !('content' in requestBody)) return;
  const schema = requestBody.content['application/json']?.schema;
  if (schema && 'default' in schema) requestBody.required = false;
}

/** By operation id: the guard of each route that needs no principal. */
function accessOfHandlers(app: INestApplication): Handlers {
  const handlers: Handlers = new Map();
  for (const { controllers } of app.get(ModulesContainer).values())
    for (const { metatype } of controllers.values()) {
      if (typeof metatype !== 'function') continue;
      for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(metatype.prototype))) {
        if (typeof value !== 'function') continue;
        const access: unknown =
          Reflect.getMetadata(accessKey, value) ?? Reflect.getMetadata(accessKey, metatype);
        handlers.set(`${metatype.name}_${name}`, access as RouteAccess | undefined);
      }
    }
  return handlers;
}

/** Every code that `listRefusals` can name. */
const sharedCodes = [
  'bad_request',
  'invalid_json',
  'unauthenticated',
  'token_expired',
  'forbidden',
  'origin_not_allowed',
  'request_timeout',
  'request_in_progress',
  'payload_too_large',
  'unsupported_media_type',
  'host_not_allowed',
  'uri_too_long',
  'headers_too_large',
  'validation_failed',
  'idempotency_mismatch',
  'rate_limited',
  'too_many_connections',
  'database_unavailable',
] as const satisfies readonly ErrorCode[];
type SharedCode = (typeof sharedCodes)[number];

interface Route {
  operation: Operation;
  path: string;
  verb: Verb;
  access: RouteAccess | undefined;
}

function listRefusals({ operation, path, verb, access }: Route): SharedCode[] {
  const codes: SharedCode[] = [
    'bad_request',
    'host_not_allowed',
    'origin_not_allowed',
    'uri_too_long',
    'headers_too_large',
  ];
  if (!isAlwaysAnswered(path)) codes.push('too_many_connections');
  if (access === 'metrics') codes.push('unauthenticated');
  if (!access)
    codes.push('unauthenticated', 'token_expired', 'forbidden', 'rate_limited', 'database_unavailable');
  if (operation.parameters?.some((parameter) => 'in' in parameter && parameter.in === 'query'))
    codes.push('validation_failed');
  if (verb !== 'get') codes.push('unsupported_media_type', 'payload_too_large', 'request_timeout');
  if (operation.requestBody && 'content' in operation.requestBody) {
    codes.push('validation_failed');
    if ('application/json' in operation.requestBody.content) codes.push('invalid_json');
  }
  if (!access && (verb === 'post' || verb === 'put'))
    codes.push('request_in_progress', 'idempotency_mismatch', 'validation_failed');
  return [...new Set(codes)];
}

/**
 * Into the responses that the method itself documents; a
 * status of which it says nothing gets the shared response.
 */
function addErrors(operation: Operation, form: ErrorForm, codes: ErrorCode[]): void {
  for (const [status, list] of byStatus(codes)) {
    const known = operation.responses[status] as Response | undefined;
    operation.responses[status] = known
      ? {
          ...known,
          description: [
            known.description,
            ...describeCodes(list.filter((code) => !known.description.includes(`\`${code}\``))),
          ]
            .filter(Boolean)
            .join('; '),
          content: { ...known.content, ...form.content },
        }
      : { $ref: `#/components/responses/${form.name}${status}` };
  }
}

interface ErrorForm {
  name: string;
  content: NonNullable<Response['content']>;
}
const buildForm = (name: string, mediaType: string): ErrorForm => ({
  name,
  content: { [mediaType]: { schema: { $ref: `#/components/schemas/${name}` } } },
});
const problem = buildForm('Problem', 'application/problem+json');
const openAiError = buildForm('OpenAiError', 'application/json');

function byStatus(codes: readonly ErrorCode[]): Map<string, ErrorCode[]> {
  const found = new Map<string, ErrorCode[]>();
  for (const code of codes) {
    const status = String(errorCatalogue[code].status);
    found.set(status, [...(found.get(status) ?? []), code]);
  }
  return found;
}
const describeCodes = (codes: ErrorCode[]): string[] =>
  codes.map((code) => `\`${code}\`: ${errorCatalogue[code].title}`);

/** Answers of hooks, guards and parsers, by the name under `components.responses`. */
export const sharedResponses = Object.fromEntries(
  [problem, openAiError].flatMap(({ name, content }) =>
    [...byStatus(sharedCodes)].map(([status, codes]): [string, Response] => {
      const response = { description: describeCodes(codes).join('; '), content };
      addHeaders(response, listHeaders(status, { isLimited: true, isReplayed: false }));
      return [`${name}${status}`, response];
    }),
  ),
);

function listHeaders(
  status: string,
  { isLimited, isReplayed }: { isLimited: boolean; isReplayed: boolean },
): SharedHeader[] {
  const names: SharedHeader[] = ['X-Request-Id'];
  if (status === '401') names.push('WWW-Authenticate');
  if (status === '429' || status === '503') names.push('Retry-After');
  if (isLimited && (status.startsWith('2') || status === '429'))
    names.push('RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset');
  if (isReplayed && status.startsWith('2')) names.push('Idempotent-Replay');
  return names;
}

function addHeaders(response: Response, names: SharedHeader[]): void {
  response.headers = {
    ...response.headers,
    ...Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }])),
  };
}
