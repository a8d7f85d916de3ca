import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bootApp, type TestApp } from '../app.js';

interface Schema {
  $ref?: string;
  example?: unknown;
}
interface Operation {
  parameters?: { name: string; in: string; example?: unknown; schema?: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema; example?: unknown }> };
}
interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

const key = 'a-bootstrap-key-for-the-examples-of-docs-1';
const authorized = { authorization: `Bearer ${key}` };
/** Operations whose example needs something that is not there: an embedding model, another host. */
const mayRefuse: Record<string, number[]> = {
  '/agent/spaces': [409],
  '/v1/embeddings': [409, 503],
  '/agent/webhooks': [422],
  '/agent/sources': [422],
};

/** As the page does: the example of the body, else that of its schema. */
function findExample(document: OpenApi, { requestBody }: Operation): unknown {
  const json = requestBody?.content['application/json'];
  if (!json) return undefined;
  const { $ref } = json.schema;
  const schema = $ref ? document.components.schemas[$ref.split('/').at(-1) ?? ''] : json.schema;
  return json.example ?? schema?.example;
}

describe.each(['required', 'none'] as const)('the examples of /docs on the samples with AUTH=%s', (AUTH) => {
  let app: TestApp;
  let document: OpenApi;
  const call = <T>(method: string, path: string, body?: unknown) =>
    app.call<T>(method, path, body, AUTH === 'required' ? authorized : {});
  beforeAll(async () => {
    app = await bootApp({ AUTH, ...(AUTH === 'required' && { API_KEYS: key }) });
    document = (await call<OpenApi>('GET', '/docs-json')).body;
    const files = ['employee-handbook.pdf', 'customer-faq.md'].map((filename) => ({
      filename,
      content_base64: readFileSync(`samples/${filename}`).toString('base64'),
    }));
    const { body } = await call<{ task_id: string }>('POST', '/agent/ingest', { files });
    await call('GET', `/agent/status/${body.task_id}?wait=30`);
  });
  afterAll(() => app.close());

  it('are accepted, in the order of the page', async () => {
    const outcomes: [string, number][] = [];
    for (const [path, operations] of Object.entries(document.paths)) {
      const operation = operations['post'];
      const example = operation && findExample(document, operation);
      if (example === undefined || path.includes('{')) continue;
      const answer = await call<{ task_id?: string }>('POST', path, example);
      if (answer.body.task_id) await call('GET', `/agent/status/${answer.body.task_id}?wait=30`);
      if (answer.status >= 300 && !mayRefuse[path]?.includes(answer.status))
        outcomes.push([path, answer.status]);
    }
    expect(outcomes).toEqual([]);
  });

  it('find an answer in the handbook', async () => {
    const example = findExample(document, document.paths['/agent/search']?.['post'] ?? {});
    const { body } = await call<{ answered: boolean; answer: string }>('POST', '/agent/search', example);
    expect(body).toMatchObject({ answered: true });
    expect(body.answer).toContain('28 days');
  });

  it('give every body an example without placeholders, and no optional parameter one that empties a list', () => {
    const missing: string[] = [];
    for (const [path, operations] of Object.entries(document.paths))
      for (const [method, operation] of Object.entries(operations)) {
        if (operation.requestBody?.content['application/json'] && !findExample(document, operation))
          missing.push(`${method} ${path}`);
        for (const { name, in: place, example, schema } of operation.parameters ?? [])
          if (
            place === 'query' &&
            (example ?? schema?.example) !== undefined &&
            name !== 'wait' &&
            name !== 'limit'
          )
            missing.push(`${method} ${path}?${name}`);
      }
    expect(missing).toEqual([]);
  });
});
