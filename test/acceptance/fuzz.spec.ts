import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { multipartType, send } from './bad-inputs.js';
import { startServer, type RunningServer } from './server.js';

// thirty seconds in CI; `FUZZ_SECONDS=600` by hand
const seconds = Number(process.env['FUZZ_SECONDS'] ?? 30);
const filterField = fc.constantFrom(
  'filename',
  'document_set',
  'document_id',
  'created_at',
  'media_type',
  'language',
  'page',
  'metadata.year',
  "metadata.a') or true --",
  'nope',
  '__proto__',
);
const filterValue = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.oneof(fc.string(), fc.integer()), { maxLength: 5 }),
  fc.date().map(String),
);
const operator = fc.constantFrom('eq', 'ne', 'in', 'gt', 'gte', 'lt', 'lte', 'exists', '$ne');
const clause = fc.oneof(
  fc.dictionary(filterField, filterValue, { maxKeys: 3 }),
  fc.dictionary(filterField, fc.dictionary(operator, filterValue, { maxKeys: 2 }), { maxKeys: 3 }),
);
const { filter } = fc.letrec<{ filter: unknown }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 4 },
    clause,
    fc.record({ or: fc.array(tie('filter'), { maxLength: 3 }) }),
    fc.record({ not: tie('filter') }),
  ),
}));

/** Something that a field may hold: mostly what it should, often what it should not. */
const noise = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom('', ' ', '\u0000', '../../etc/passwd', "'; drop table chunks; --", '%', '\ud800', 'all'),
);
const maybe = <T>(good: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: good as fc.Arbitrary<unknown>, weight: 3 }, { arbitrary: noise as fc.Arbitrary<unknown>, weight: 1 });
const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.constantFrom('leave', 'what is the price?', '休假', 'إجازة'));
const name = fc.oneof(fc.constantFrom('a.txt', 'b.md', 'c.csv', 'x.pdf'), fc.string({ maxLength: 40 }));

const bodies: Record<string, fc.Arbitrary<unknown>> = {
  '/agent/search': fc.record(
    {
      prompt: maybe(text),
      limit: maybe(fc.integer({ min: 1, max: 100 })),
      document_set: maybe(fc.constantFrom('default', 'all', 'fuzz')),
      filter: maybe(filter),
      mode: maybe(fc.constantFrom('hybrid', 'keyword', 'vector')),
      answer: maybe(fc.boolean()),
      history: maybe(fc.array(fc.record({ role: fc.constantFrom('user', 'assistant', 'system'), content: text }), { maxLength: 3 })),
    },
    { requiredKeys: ['prompt'] },
  ),
  '/agent/search_qa': fc.record({
    question: maybe(text),
    context_results: maybe(
      fc.array(fc.record({ content: maybe(text), metadata: maybe(fc.record({ filename: maybe(name), page: maybe(fc.integer()) })) }), {
        maxLength: 4,
      }),
    ),
  }),
  '/agent/ingest': fc.record(
    {
      document_set: maybe(fc.constantFrom('fuzz', 'Fuzz 2')),
      files: maybe(
        fc.array(
          fc.record(
            {
              filename: maybe(name),
              content: maybe(text),
              metadata: maybe(fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 1 }))),
            },
            { requiredKeys: ['filename'] },
          ),
          { maxLength: 3 },
        ),
      ),
      pipeline: maybe(fc.constantFrom('standard', 'vlm')),
    },
    { requiredKeys: ['files'] },
  ),
  '/agent/summarize': fc.record({ filename: maybe(name), document_set: maybe(fc.constant('fuzz')) }, { requiredKeys: ['filename'] }),
  '/agent/summary_qa': fc.record({ filename: maybe(name), question: maybe(text) }),
  '/agent/sync': fc.record({ prompt: maybe(text) }),
  '/agent/async': fc.record({ prompt: maybe(text) }),
  '/agent/tasks/retry': fc.record({ type: maybe(fc.constant('ingest')), code: maybe(fc.constant('internal')) }, { requiredKeys: [] }),
  '/agent/keys': fc.record(
    { name: maybe(text), scopes: maybe(fc.array(fc.constantFrom('read', 'write'))), expires_at: maybe(fc.date().map(String)) },
    { requiredKeys: [] },
  ),
};
const queries = fc.dictionary(
  fc.constantFrom('limit', 'cursor', 'status', 'q', 'document_set', 'type', 'wait', 'zzz'),
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.integer().map(String),
    fc.constantFrom('ready', 'FAILURE', 'eyJ0IjoiYiJ9', 'all', '%00'),
  ),
  { maxKeys: 4 },
);
const lists = fc.constantFrom(
  '/agent/documents',
  '/agent/tasks',
  '/agent/summaries',
  '/agent/keys',
  '/agent/audit',
  '/agent/documentsets',
  '/agent/stats',
  '/agent/status/01890000-0000-7000-8000-000000000000',
);
const pieces = fc.constantFrom(
  '--docent-bad-inputs',
  '\r\n',
  '--',
  'Content-Disposition: form-data; name="files"; filename="a.txt"',
  'Content-Disposition: form-data; name="document_set"',
  'Content-Type: text/plain',
  'hello',
  '\u0000',
  '"',
  ';',
  'Content-Disposition: form-data; name="metadata"',
  '{"a":1}',
  'x'.repeat(5000),
);

describe('fuzz', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer({ REQUEST_TIMEOUT_SECONDS: '5', MAX_FILE_SIZE: '20000', LOG_LEVEL: 'error' });
  }, 180_000);
  afterAll(() => server.stop(), 60_000);

  const lives = (status: number) => {
    expect(status).toBeLessThan(500);
    expect(server.process?.exitCode ?? null).toBeNull();
  };
  const hold = (property: fc.IAsyncProperty<[unknown]>) =>
    fc.assert(property, {
      interruptAfterTimeLimit: (seconds / 3) * 1000,
      markInterruptAsFailure: false,
      numRuns: 1_000_000,
      endOnFailure: true,
    });

  it(
    'never makes a JSON route fail',
    async () => {
      const call = fc.oneof(...Object.entries(bodies).map(([path, body]) => body.map((value) => ({ path, value }))));
      await hold(
        fc.asyncProperty(call as fc.Arbitrary<unknown>, async (input) => {
          const { path, value } = input as { path: string; value: unknown };
          const reply = await send(server.url, 'POST', path, { 'content-type': 'application/json' }, Buffer.from(JSON.stringify(value)));
          lives(reply.status);
        }),
      );
    },
    (seconds / 3 + 60) * 1000,
  );

  it(
    'never makes a list fail, whatever the query and the cursor',
    async () => {
      await hold(
        fc.asyncProperty(fc.tuple(lists, queries) as fc.Arbitrary<unknown>, async (input) => {
          const [path, query] = input as [string, Record<string, string>];
          const parameters = Object.entries({ ...query, ...(query['wait'] && { wait: '0' }) }).map(
            ([key, value]) => `${key}=${encodeURIComponent(value.toWellFormed())}`,
          );
          lives((await send(server.url, 'GET', `${path}?${parameters.join('&')}`, {})).status);
        }),
      );
    },
    (seconds / 3 + 60) * 1000,
  );

  it(
    'never makes the multipart reader fail',
    async () => {
      await hold(
        fc.asyncProperty(fc.array(pieces, { maxLength: 30 }) as fc.Arbitrary<unknown>, async (input) => {
          lives(
            (await send(server.url, 'POST', '/agent/upload', { 'content-type': multipartType }, Buffer.from((input as string[]).join(''))))
              .status,
          );
        }),
      );
    },
    (seconds / 3 + 60) * 1000,
  );
});
