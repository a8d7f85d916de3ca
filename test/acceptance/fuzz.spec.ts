import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { multipartType, send } from './bad-inputs.js';
import { startServer, type RunningServer } from './server.js';

// thirty seconds in CI; `FUZZ_SECONDS=600` by hand
const seconds = Number(process.env['FUZZ_SECONDS'] ?? 30);
const parts = 5;
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
  fc.oneof(
    { arbitrary: good as fc.Arbitrary<unknown>, weight: 3 },
    { arbitrary: noise as fc.Arbitrary<unknown>, weight: 1 },
  );
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.constantFrom('leave', 'what is the price?', '休假', 'إجازة'),
);
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
      history: maybe(
        fc.array(fc.record({ role: fc.constantFrom('user', 'assistant', 'system'), content: text }), {
          maxLength: 3,
        }),
      ),
    },
    { requiredKeys: ['prompt'] },
  ),
  '/agent/search_qa': fc.record({
    question: maybe(text),
    context_results: maybe(
      fc.array(
        fc.record({
          content: maybe(text),
          metadata: maybe(fc.record({ filename: maybe(name), page: maybe(fc.integer()) })),
        }),
        {
          maxLength: 4,
        },
      ),
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
  '/agent/summarize': fc.record(
    { filename: maybe(name), document_set: maybe(fc.constant('fuzz')) },
    { requiredKeys: ['filename'] },
  ),
  '/agent/summary_qa': fc.record({ filename: maybe(name), question: maybe(text) }),
  '/agent/sync': fc.record({ prompt: maybe(text) }),
  '/agent/async': fc.record({ prompt: maybe(text) }),
  '/agent/tasks/retry': fc.record(
    { type: maybe(fc.constant('ingest')), code: maybe(fc.constant('internal')) },
    { requiredKeys: [] },
  ),
  '/agent/keys': fc.record(
    {
      name: maybe(text),
      scopes: maybe(fc.array(fc.constantFrom('read', 'write'))),
      expires_at: maybe(fc.date().map(String)),
    },
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

interface Route {
  method: string;
  path: string;
}
/** Something where a route has a parameter: an id, a name, or what is neither. */
const parameter = fc.oneof(
  fc.uuid(),
  fc.constantFrom(
    'a.txt',
    'fuzz',
    'default',
    'all',
    '..',
    '%00',
    '%2e%2e%2f',
    '%ff',
    '__proto__',
    '1',
    '0',
    'x'.repeat(300),
    '%E2%80%AE',
  ),
  fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => encodeURIComponent(text.toWellFormed())),
);
const headers = fc.dictionary(
  fc.constantFrom(
    'accept',
    'idempotency-key',
    'last-event-id',
    'range',
    'if-none-match',
    'if-range',
    'x-request-id',
    'traceparent',
    'expect',
  ),
  fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.constantFrom('text/event-stream', 'bytes=0-', 'bytes=-1', '1-1', '*/*', 'a'.repeat(300)),
  ),
  { maxKeys: 2 },
);
/**
 * Headers as a client can send them: visible ASCII, and
 * no meaningless expectation, which ends the connection.
 */
const sendable = (given: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(given)
      .filter(([name]) => name !== 'expect')
      .map(([name, value]) => [name, value.replace(/[^\x21-\x7e]/g, '_') || 'x']),
  );

const samples = readdirSync('samples', { withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ name: file }) => ({ file, bytes: readFileSync(join('samples', file)) }))
  .filter(({ bytes }) => bytes.length < 200_000);
/**
 * A file of each format with some of its bytes changed,
 * doubled or cut off, under a name of its own or another's.
 */
const brokenFile = fc
  .record({
    sample: fc.constantFrom(...samples),
    named: fc.constantFrom(
      ...samples.map(({ file }) => file),
      'x.json',
      'x.xml',
      'x.eml',
      'x.rtf',
      'x.doc',
      'x.xls',
      'x.tiff',
    ),
    renamed: fc.boolean(),
    edits: fc.array(
      fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), bytes: fc.uint8Array({ maxLength: 8 }) }),
      {
        maxLength: 12,
      },
    ),
    end: fc.double({ min: 0.02, max: 1, noNaN: true }),
  })
  .map(({ sample, named, renamed, edits, end }) => {
    const bytes = Buffer.from(sample.bytes.subarray(0, Math.ceil(sample.bytes.length * end)));
    for (const edit of edits)
      Buffer.from(edit.bytes).copy(bytes, Math.floor(edit.at * Math.max(0, bytes.length - 1)));
    return { filename: renamed ? named : sample.file, content_base64: bytes.toString('base64') };
  });

/** Milliseconds that a turn of the event loop may last beyond the longest turn of plain requests. */
const maxBlockedMs = 50;
const probe = new URL('loop-probe.mjs', import.meta.url).href;

/** The turns of the event loop of a service that runs with the probe. */
class Turns {
  private readonly folder = mkdtempSync(join(tmpdir(), 'docent-loop-'));
  private readonly file = join(this.folder, 'turns');
  readonly env = { NODE_OPTIONS: `--import ${probe}`, LOOP_PROBE_FILE: this.file };
  private read = 0;

  /** The longest turn since the last call, in milliseconds of processor time. */
  takeLongest(): number {
    const lines = readFileSync(this.file, 'utf8').trim().split('\n');
    const fresh = lines.slice(this.read).map(Number);
    this.read = lines.length;
    return Math.max(...fresh);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Requests of an honest client for some seconds: uploads, searches and lists. */
async function askPlainly(url: string): Promise<void> {
  const json = { 'content-type': 'application/json' };
  const post = (path: string, body: unknown) =>
    send(url, 'POST', path, json, Buffer.from(JSON.stringify(body)));
  const end = Date.now() + 6000;
  for (let number = 0; Date.now() < end; number++) {
    const files = samples.map(({ file, bytes }) => ({
      filename: `${number}-${file}`,
      content_base64: bytes.toString('base64'),
    }));
    const { body } = await post('/agent/ingest', { files, document_set: 'plain' });
    const { task_id } = JSON.parse(body) as { task_id: string };
    await send(url, 'GET', `/agent/status/${task_id}?wait=30`, {});
    await post('/agent/search', { prompt: 'How many days of leave are there?' });
    await send(url, 'GET', '/agent/documents', {});
  }
}

describe('fuzz', () => {
  const turns = new Turns();
  let plainTurn: number;
  let server: RunningServer;
  let pid: number | undefined;
  let routes: Route[];
  let tried = 0;
  beforeAll(async () => {
    server = await startServer({
      REQUEST_TIMEOUT_SECONDS: '5',
      MAX_FILE_SIZE: '200000',
      PARSER_TIMEOUT_SECONDS: '5',
      TASK_MAX_ATTEMPTS: '1',
      LOG_LEVEL: 'error',
      ...turns.env,
    });
    pid = server.process?.pid;
    const { paths } = JSON.parse((await send(server.url, 'GET', '/docs-json', {})).body) as {
      paths: Record<string, object>;
    };
    routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
    );
    // the cost of starting says nothing about requests
    turns.takeLongest();
    // the first request of a route loads its code
    for (const { method, path } of routes)
      if (path !== '/agent/events') await send(server.url, method, path.replace(/\{\w+\}/g, 'x'), {});
    await askPlainly(server.url);
    plainTurn = turns.takeLongest();
  }, 180_000);
  afterAll(async () => {
    process.stdout.write(`${tried} inputs in ${seconds} s\n`);
    await server.stop();
    turns[Symbol.dispose]();
  }, 60_000);

  const lives = (status: number) => {
    tried++;
    expect(status).toBeLessThan(500);
    expect([server.process?.exitCode ?? null, server.process?.pid]).toEqual([null, pid]);
  };
  const hold = (property: fc.IAsyncProperty<[unknown]>) =>
    fc.assert(property, {
      interruptAfterTimeLimit: (seconds / parts) * 1000,
      markInterruptAsFailure: false,
      numRuns: 1_000_000,
      endOnFailure: true,
    });

  it(
    'never makes a JSON route fail',
    async () => {
      const call = fc.oneof(
        ...Object.entries(bodies).map(([path, body]) => body.map((value) => ({ path, value }))),
      );
      await hold(
        fc.asyncProperty(call as fc.Arbitrary<unknown>, async (input) => {
          const { path, value } = input as { path: string; value: unknown };
          const reply = await send(
            server.url,
            'POST',
            path,
            { 'content-type': 'application/json' },
            Buffer.from(JSON.stringify(value)),
          );
          lives(reply.status);
        }),
      );
    },
    (seconds / parts + 60) * 1000,
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
    (seconds / parts + 60) * 1000,
  );

  it(
    'never makes the multipart reader fail',
    async () => {
      await hold(
        fc.asyncProperty(fc.array(pieces, { maxLength: 30 }) as fc.Arbitrary<unknown>, async (input) => {
          lives(
            (
              await send(
                server.url,
                'POST',
                '/agent/upload',
                { 'content-type': multipartType },
                Buffer.from((input as string[]).join('')),
              )
            ).status,
          );
        }),
      );
    },
    (seconds / parts + 60) * 1000,
  );

  it(
    'never makes any route fail, whatever stands in its path, its headers and its body',
    async () => {
      const call = fc.record({
        route: fc.nat(),
        fills: fc.array(parameter, { minLength: 3, maxLength: 3 }),
        headers,
        body: noise,
        query: queries,
      });
      await hold(
        fc.asyncProperty(call as fc.Arbitrary<unknown>, async (input) => {
          const {
            route: place,
            fills,
            headers: given,
            body,
            query,
          } = input as {
            route: number;
            fills: string[];
            headers: Record<string, string>;
            body: unknown;
            query: Record<string, string>;
          };
          const { method, path } = routes[place % routes.length] ?? { method: 'GET', path: '/' };
          // a stream of events has no end to wait for, and waiting is no failure
          if (path === '/agent/events') return;
          let next = 0;
          const filled = path.replace(/\{\w+\}/g, () => fills[next++] ?? 'x') || '/';
          const asked = Object.entries(query).filter(([name]) => name !== 'wait');
          const search = asked
            .map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`)
            .join('&');
          const takesBody = method === 'POST' || method === 'PUT';
          const bytes = takesBody
            ? Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
            : undefined;
          const type: Record<string, string> = takesBody
            ? { 'content-type': place % 3 === 0 ? 'application/octet-stream' : 'application/json' }
            : {};
          lives(
            (
              await send(
                server.url,
                method,
                `${filled}${search ? `?${search}` : ''}`,
                { ...sendable(given), ...type },
                bytes,
              )
            ).status,
          );
        }),
      );
    },
    (seconds / parts + 60) * 1000,
  );

  it(
    'never lets a broken file end anything but its own document',
    async () => {
      let last: string | undefined;
      await hold(
        fc.asyncProperty(brokenFile as fc.Arbitrary<unknown>, async (file) => {
          const body = Buffer.from(JSON.stringify({ document_set: 'broken', files: [file] }));
          const reply = await send(
            server.url,
            'POST',
            '/agent/ingest',
            { 'content-type': 'application/json' },
            body,
          );
          lives(reply.status);
          if (reply.status !== 202) return;
          last = (JSON.parse(reply.body) as { task_id: string }).task_id;
          lives((await send(server.url, 'GET', `/agent/status/${last}?wait=10`, {})).status);
        }),
      );
      if (last)
        expect(
          JSON.parse((await send(server.url, 'GET', `/agent/status/${last}?wait=30`, {})).body),
        ).toMatchObject({
          status: expect.stringMatching(/SUCCESS|FAILURE|REVOKED/),
        });
      expect((await send(server.url, 'GET', '/health', {})).status).toBe(200);
    },
    (seconds / parts + 120) * 1000,
  );

  it('never holds the event loop much longer than plain requests do', () => {
    const longest = turns.takeLongest();
    process.stdout.write(`longest turn: ${longest} ms, of plain requests ${plainTurn} ms\n`);
    expect(longest).toBeLessThan(plainTurn + maxBlockedMs);
  });
});
