import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../eventually.js';
import { hasPostgres, startPostgres, type TestPostgres } from '../postgres.js';
import { ownRedis, redisIsInstalled, type OwnRedis } from '../redis-server.js';
import { type ScriptedModel, scriptedModel } from '../scripted-llm.js';
import { type CollectedSpan, traceCollector, type TraceCollector } from '../trace-collector.js';
import { startServer, type RunningServer } from './server.js';

const client = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const tracestate = 'rojo=00f067aa0ba902b7,tenant@congo=t61r cWkg';
const traceparent = `00-${client.traceId}-${client.spanId}-01`;

interface LogLine {
  msg: string;
  request_id?: string;
  trace_id?: string;
  task_id?: string;
  tenant?: string;
  subject?: string;
}
const splitLines = (server: RunningServer | undefined): LogLine[] =>
  (server?.log() ?? '')
    .split('\n')
    .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as LogLine] : []));

(hasPostgres() && redisIsInstalled ? describe : describe.skip)(
  'an API process and a worker with a trace collector',
  () => {
    let postgres: TestPostgres;
    let redis: OwnRedis;
    let folder: string;
    let model: ScriptedModel;
    let collector: TraceCollector;
    let api: RunningServer | undefined;
    let worker: RunningServer | undefined;
    beforeAll(async () => {
      postgres = (await startPostgres()) as TestPostgres;
      redis = await ownRedis();
      model = await scriptedModel();
      collector = await traceCollector();
      folder = await mkdtemp(join(tmpdir(), 'docent-tracing-'));
      const settings = {
        DATA_DIR: folder,
        DATABASE_URL: await postgres.createDatabase(),
        REDIS_URL: redis.url,
        PARSER_PROCESSES: '1',
        OPENAI_API_BASE: model.url,
        OPENAI_EMBEDDING_DIMENSIONS: '32',
        OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`,
        OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=ops%20team',
        OTEL_SERVICE_NAME: 'docent-test',
      };
      api = await startServer({ ...settings, MODE: 'api' });
      worker = await startServer({ ...settings, MODE: 'worker', WORKER_HEALTH_PORT: '0' });
    }, 180_000);
    afterAll(async () => {
      await Promise.all([api?.stop(), worker?.stop()]);
      await collector.close();
      await model.close();
      await redis.stop();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    }, 180_000);

    const ask = async <T>(path: string, init: RequestInit = {}): Promise<T> =>
      (await fetch(`${api?.url}${path}`, init)).json() as Promise<T>;
    async function ingest(headers: Record<string, string>): Promise<void> {
      const form = new FormData();
      form.append('files', new Blob(['# Leave\n\nThe zanzibar allowance is 25 days.']), 'leave-policy.md');
      const { task_id } = await ask<{ task_id: string }>('/agent/upload', {
        method: 'POST',
        body: form,
        headers,
      });
      expect(await ask(`/agent/status/${task_id}?wait=30`)).toMatchObject({ status: 'SUCCESS' });
    }
    const traced = (): CollectedSpan[] => collector.spans.filter(({ traceId }) => traceId === client.traceId);

    it('record one connected trace of an upload, from its request to the published version', async () => {
      await ingest({ traceparent, tracestate, 'x-request-id': 'traced-upload' });
      const spans = await eventually(() => {
        const seen = traced();
        expect(seen.map(({ name }) => name)).toContain('task ingest');
        return seen;
      }, 20_000);
      const byId = new Map(spans.map((span) => [span.spanId, span]));
      const tops = spans.filter(({ parentSpanId }) => !byId.has(parentSpanId));
      expect(tops.map(({ name, parentSpanId }) => [name, parentSpanId])).toEqual([
        ['POST /agent/upload', client.spanId],
      ]);

      const path = (span: CollectedSpan | undefined): string[] =>
        span ? [...path(byId.get(span.parentSpanId)), span.name] : [];
      const top = 'POST /agent/upload';
      const paths = spans.map((span) => path(span).join(' > '));
      expect(paths).toEqual(
        expect.arrayContaining([
          `${top} > sql create_documents`,
          `${top} > task ingest > stage download`,
          `${top} > task ingest > stage parse > parser child`,
          `${top} > task ingest > stage chunk`,
          `${top} > task ingest > stage embed > model call embedding`,
          `${top} > task ingest > stage index > sql stage_chunks`,
          `${top} > task ingest > stage publish > sql publish_document`,
        ]),
      );
      const modes = new Map(spans.map(({ name, resource }) => [name, resource['docent.mode']]));
      expect([modes.get('POST /agent/upload'), modes.get('task ingest')]).toEqual(['api', 'worker']);
      expect(spans[0]?.resource).toMatchObject({ 'service.name': 'docent-test' });
      expect(spans.find(({ name }) => name === 'POST /agent/upload')?.attributes).toMatchObject({
        'http.route': '/agent/upload',
        'http.response.status_code': 202,
        'docent.request_id': 'traced-upload',
      });
      expect(spans.filter(({ failed }) => failed)).toEqual([]);
      expect(collector.headers[0]).toMatchObject({ 'x-tenant': 'ops team' });

      const call = spans.find(({ name }) => name === 'model call embedding');
      const sent = model
        .requests('embeddings')
        .find(({ headers }) => headers['traceparent'] === `00-${client.traceId}-${call?.spanId}-01`);
      // over the row and another process, to whoever is called last
      expect(sent?.headers['tracestate']).toBe(tracestate);
      expect(new Set(spans.map(({ state }) => state))).toEqual(new Set([tracestate]));
    }, 60_000);

    it('name the trace on every line of the request and of its task, in both processes', async () => {
      const of = (server: RunningServer | undefined) =>
        splitLines(server).filter(({ request_id }) => request_id === 'traced-upload');
      await eventually(() => expect(of(worker).map(({ msg }) => msg)).toContain('task ended'));
      const lines = [...of(api), ...of(worker)];
      expect(of(api).map(({ msg }) => msg)).toContain('POST /agent/upload 202');
      for (const line of lines)
        expect(line).toMatchObject({ trace_id: client.traceId, tenant: 'default', subject: 'anonymous' });
      for (const line of of(worker)) expect(line.task_id).toMatch(/^[0-9a-f-]{36}$/);
      // and so does every line of any request or task
      for (const line of [...splitLines(api), ...splitLines(worker)])
        if (line.request_id) expect(line.trace_id).toMatch(/^[0-9a-f]{32}$/);
    });

    it('begin a trace for a request without one, down to the streamed answer of the model, without text of question or documents', async () => {
      const before = collector.spans.length;
      const answer = await fetch(`${api?.url}/agent/search`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({ prompt: 'how many days is the zanzibar allowance?' }),
      });
      expect(await answer.text()).toContain('event: done');
      const chat = await eventually(() => {
        const span = collector.spans.slice(before).find(({ name }) => name === 'chat');
        expect(span).toBeDefined();
        return span;
      }, 20_000);
      const trace = await eventually(() => {
        const spans = collector.spans.filter(({ traceId }) => traceId === chat?.traceId);
        expect(spans.map(({ name }) => name)).toContain('POST /agent/search');
        return spans;
      });
      expect(trace.filter(({ parentSpanId }) => parentSpanId === '').map(({ name }) => name)).toEqual([
        'POST /agent/search',
      ]);
      expect(trace.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['model call llm', 'model call embedding', 'sql search_hybrid']),
      );
      expect(collector.text()).not.toMatch(/zanzibar|allowance/i);
    }, 60_000);

    it('record no trace that the caller did not sample', async () => {
      const unsampled = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
      await ask('/agent/documents', {
        headers: { traceparent: `00-${unsampled}-bbbbbbbbbbbbbbbb-00`, 'x-request-id': 'unsampled' },
      });
      await ask('/agent/documents', {
        headers: { traceparent: 'nonsense', tracestate, 'x-request-id': 'malformed' },
      });
      await eventually(() =>
        expect(collector.spans.map(({ attributes }) => attributes['docent.request_id'])).toContain(
          'malformed',
        ),
      );
      expect(
        collector.spans.find(({ attributes }) => attributes['docent.request_id'] === 'malformed')?.state,
      ).toBe('');
      expect(collector.spans.filter(({ traceId }) => traceId === unsampled)).toEqual([]);
      expect(splitLines(api).find(({ request_id }) => request_id === 'unsampled')).toMatchObject({
        trace_id: unsampled,
      });
    });

    it('send the remaining spans at shutdown', async () => {
      await ask('/agent/documents', { headers: { 'x-request-id': 'the-last' } });
      expect(await api?.stop()).toBe(0);
      expect(collector.spans.map(({ attributes }) => attributes['docent.request_id'])).toContain('the-last');
    });
  },
);

/** Says on standard error which modules of the SDK a process loads. */
const watchingImports = `--import=data:text/javascript,${encodeURIComponent(
  "import{registerHooks}from'node:module';registerHooks({resolve(s,c,n){if(/^@opentelemetry.(sdk|exporter)/.test(s))process.stderr.write('LOADED '+s+'\\n');return n(s,c)}});",
)}`;

describe('a process', () => {
  it('loads nothing of OpenTelemetry without a collector', async () => {
    const server = await startServer({ NODE_OPTIONS: watchingImports });
    await server.stop();
    expect(server.log()).not.toContain('LOADED');
  }, 180_000);

  it('serves and ends as ever when the collector is away, and says so once', async () => {
    const server = await startServer({
      NODE_OPTIONS: watchingImports,
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    });
    expect(server.log()).toContain('LOADED @opentelemetry/sdk-trace');
    for (let round = 0; round < 20; round += 1)
      expect((await fetch(`${server.url}/agent/documents`)).status).toBe(200);
    await eventually(
      () => expect(splitLines(server).map(({ msg }) => msg)).toContain('the trace collector refuses spans'),
      20_000,
    );
    await fetch(`${server.url}/agent/documents`);
    const started = performance.now();
    expect(await server.stop()).toBe(0);
    expect(performance.now() - started).toBeLessThan(8000);
    expect(splitLines(server).filter(({ msg }) => msg === 'the trace collector refuses spans')).toHaveLength(
      1,
    );
  }, 180_000);
});
