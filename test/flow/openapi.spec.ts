import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bootApp, type TestApp } from '../app.js';
import { sendRaw } from '../acceptance/bad-inputs.js';

interface Operation {
  tags?: string[];
  security?: object[];
  requestBody?: { content: Record<string, unknown> };
  responses: Record<string, { $ref?: string; content?: Record<string, { schema?: object }> }>;
}

interface Schema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
}

describe('the OpenAPI document', () => {
  let app: TestApp;
  let named: Record<string, Schema>;
  let tagNames: string[];
  let operations: { name: string; path: string; operation: Operation }[];
  beforeAll(async () => {
    app = await bootApp();
    const { body } = await app.call<{
      paths: Record<string, Record<string, Operation>>;
      tags: { name: string }[];
      components: { schemas: Record<string, Schema> };
    }>('GET', '/docs-json');
    named = body.components.schemas;
    tagNames = body.tags.map(({ name }) => name);
    operations = Object.entries(body.paths).flatMap(([path, verbs]) =>
      Object.entries(verbs).map(([verb, operation]) => ({
        name: `${verb.toUpperCase()} ${path}`,
        path,
        operation,
      })),
    );
  }, 180_000);
  afterAll(() => app.close());

  const resolve = (schema: Schema): Schema =>
    schema.$ref === undefined ? schema : (named[schema.$ref.split('/').at(-1) ?? ''] ?? {});
  const takesNull = (given: Schema): boolean => {
    const { type, anyOf, oneOf, enum: values } = resolve(given);
    if (anyOf ?? oneOf) return (anyOf ?? oneOf ?? []).some(takesNull);
    return type === undefined
      ? values === undefined || values.includes(null)
      : [type].flat().includes('null');
  };
  /** The fields in a schema, at any depth, that may be left out and not be null. */
  const refusals = (given: Schema, place: string): string[] => {
    // a filter is a grammar of its own, in which null is a value
    if (given.$ref?.endsWith('/Filter')) return [];
    const { properties = {}, required = [], items, anyOf = [], oneOf = [] } = resolve(given);
    return [
      ...Object.entries(properties).flatMap(([name, schema]) => [
        ...(required.includes(name) || takesNull(schema) ? [] : [`${place}.${name}`]),
        ...refusals(schema, `${place}.${name}`),
      ]),
      ...[...anyOf, ...oneOf, ...(items ? [items] : [])].flatMap((schema) => refusals(schema, place)),
    ];
  };
  const without = (condition: (operation: Operation, name: string) => boolean) =>
    operations.filter(({ operation, name }) => !condition(operation, name)).map(({ name }) => name);

  it('states the required scope and the answers of the guards for every operation', () => {
    const isOpen = ({ security }: Operation) => security?.length === 0;
    expect(operations.filter(({ operation }) => isOpen(operation)).map(({ name }) => name)).toEqual([
      'GET /health',
      'GET /health/live',
      'GET /health/ready',
    ]);
    expect(without((operation) => isOpen(operation) || '401' in operation.responses)).toEqual([]);
    expect(
      without(
        ({ responses, security }) =>
          security !== undefined || ['403', '429', '503'].every((status) => status in responses),
      ),
    ).toEqual([]);
  });

  it('states the answers of the body reader', () => {
    const takesJson = ({ requestBody }: Operation) => 'application/json' in (requestBody?.content ?? {});
    expect(without((operation) => !takesJson(operation) || '400' in operation.responses)).toEqual([]);
    expect(
      without(({ responses }, name) => name.startsWith('GET') || ('415' in responses && '413' in responses)),
    ).toEqual([]);
  });

  it('requires no body where the service goes on without one', async () => {
    expect((await app.call('POST', '/agent/tasks/retry')).status).toBe(202);
    const retry = operations.find(({ name }) => name.endsWith('/agent/tasks/retry'));
    expect(retry?.operation.requestBody).toMatchObject({ required: false });
  });

  it('takes null for every field of a JSON body that may be left out', () => {
    const schemas = operations.flatMap(({ name, operation }) => {
      const schema = (operation.requestBody?.content['application/json'] as { schema?: Schema } | undefined)
        ?.schema;
      return schema ? refusals(schema, name) : [];
    });
    expect(schemas).toEqual([]);
  });

  it('has a schema for every answer with a body, and one path for each address', () => {
    const bare = operations.flatMap(({ name, operation }) =>
      Object.entries(operation.responses)
        .filter(([status, { $ref, content }]) => {
          if ($ref ?? ['204', '304'].includes(status)) return false;
          return !Object.values(content ?? {}).some(({ schema }) => schema);
        })
        .map(([status]) => `${name} ${status}`),
    );
    expect(bare).toEqual([]);
    const addresses = new Set(operations.map(({ path }) => path));
    const shapes = new Set([...addresses].map((path) => path.replace(/\{\w+\}/g, '{}')));
    expect(shapes.size).toBe(addresses.size);
  });

  it('names the schema of every JSON answer, and gives every operation one tag of the list', () => {
    const nameless = operations.flatMap(({ name, operation }) =>
      Object.entries(operation.responses)
        .filter(([status]) => status.startsWith('2'))
        .filter(([, { content }]) => {
          const schema = content?.['application/json']?.schema;
          return schema !== undefined && !('$ref' in schema);
        })
        .map(([status]) => `${name} ${status}`),
    );
    expect(nameless).toEqual([]);
    expect(without(({ tags }) => tags?.length === 1 && tagNames.includes(tags[0] ?? ''))).toEqual([]);
  });

  it.each([
    '/agent/tasks?limit=0x10',
    '/agent/tasks?limit=1e1',
    '/agent/tasks?limit=%2010',
    '/agent/tasks?limit=1.5',
    '/agent/status/00000000-0000-4000-8000-000000000000?wait=0x1',
    '/agent/events?tasks_id=1',
  ])('is kept by %s: 422', async (path) => {
    expect(await app.call('GET', path)).toMatchObject({ status: 422, body: { code: 'validation_failed' } });
  });

  it('gives each code of a malformed request one status', async () => {
    expect(await app.call('GET', '/agent/documents/%ff')).toMatchObject({
      status: 400,
      body: { code: 'bad_request' },
    });
    const response = await fetch(`${app.url}/agent/search`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query": "leave", "__proto__": {"a": 1}}',
    });
    expect([response.status, (await response.json()) as object]).toMatchObject([
      400,
      { code: 'bad_request' },
    ]);
  });

  it('answers a method that no route has with 405 and the allowed methods', async () => {
    for (const method of ['QUERY', 'PROPFIND', 'PUT']) {
      const { status, headers } = await sendRaw(
        app.url,
        `${method} /agent/me HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
        5000,
      );
      expect([method, status, headers['allow']]).toEqual([method, 405, 'GET, HEAD']);
    }
  });

  it('names the methods of an address to OPTIONS, and has no answer where there is no route', async () => {
    const ask = (path: string) =>
      sendRaw(
        app.url,
        `OPTIONS ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
        5000,
      );
    expect(await ask('/agent/me')).toMatchObject({ status: 204, headers: { allow: 'GET, HEAD, OPTIONS' } });
    expect(await ask('/agent/nowhere')).toMatchObject({ status: 404 });
  });

  it('refuses metadata named __proto__ in a form as in JSON, and reports where files belong', async () => {
    const form = new FormData();
    form.set('files', new File(['# Leave'], 'leave.md'));
    form.set('metadata', '{"__proto__": {"a": 1}}');
    const refused = await fetch(`${app.url}/agent/upload`, { method: 'POST', body: form });
    expect([refused.status, (await refused.json()) as object]).toMatchObject([
      422,
      { detail: 'metadata: `__proto__` cannot be the name of a field' },
    ]);
    const asText = new FormData();
    asText.set('files', 'the text itself');
    const told = await fetch(`${app.url}/agent/upload`, { method: 'POST', body: asText });
    expect([told.status, (await told.json()) as object]).toMatchObject([
      422,
      { detail: 'files: is text here: send it as a file, with a file name' },
    ]);
  });
});
